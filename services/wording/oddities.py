"""What is said of input that is no question about a table at all."""


def no_question() -> str:
    """`hello`, `?`, an emoji."""
    return "There is no question in this yet."


def not_about_the_columns() -> str:
    """A pasted paragraph, or a question about something else."""
    return "Most of its words mean nothing for this file."


def one_short_question() -> str:
    """Several sentences."""
    return "This is longer than one question, and one short question is read at a time."


def no_formula() -> str:
    """SQL, or a formula of a spreadsheet."""
    return "Formulas and SQL aren't read, only questions in words."


def english_only() -> str:
    """A question in another language."""
    return "Questions are only read in English."
