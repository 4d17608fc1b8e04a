"""Whether a question asks what is in the file at all."""

from services.analyst._words import Cut, vocabulary

_TRIGGERS = vocabulary(
    "describe summarise summarize summary overview profile contain contains containing inside "
    "contents content columns fields variables missing blank blanks empty complete completeness "
    "gaps structure schema explore about rows records entries look tell walk"
)
_VOCABULARY = _TRIGGERS | vocabulary(
    "what is are in this the my our file data dataset set table sheet spreadsheet csv of give me "
    "us show a an quick brief short general rough full does do i have we you can could "
    "please there they them their and "
    "many how it like and with information info kind for to get let see know want "
    "any values cells which much at it's these those that each column field per by all big large "
    "size long wide hold holds through need would just first glance here upload uploaded"
)
_QUESTIONS = ("what is in", "what is this", "what do i have", "what does", "what have i")


def asks_for_overview(question: Cut) -> bool:
    """Whether every word is about the file as a whole, and one of them asks for it."""
    if question.quoted or question.arithmetic:
        return False
    words = [word.text for word in question.words]
    if not words or not _VOCABULARY.issuperset(words):
        return False
    text = " ".join(words).replace("what s ", "what is ").replace("whats ", "what is ")
    if text.startswith(("what in ", "what this ")):
        return True
    return bool(_TRIGGERS.intersection(words)) or text.startswith(_QUESTIONS)
