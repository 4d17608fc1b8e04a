"""What isn't a question about a table at all: a greeting, a paragraph, another language."""

import re
import unicodedata
from typing import Final

from services.analyst import _lexicon
from services.analyst._columns import Columns
from services.analyst._words import Cut, header_words, vocabulary
from services.wording import oddities

_MOST_WORDS: Final = 40
_MOST_SENTENCES: Final = 2
_SENTENCE_ENDS = re.compile(r"[.!?;](?:\s|$)|\n")
_FORMULA = re.compile(r"\s*(=\s*\w+\(|select\b.+\bfrom\b)", re.IGNORECASE | re.DOTALL)
_GREETINGS = vocabulary(
    "hi hello hey hallo thanks thank you can me please ok okay yes no test testing good morning "
    "evening there cheers bye goodbye sorry help start go cool great nice wow lol hmm sure right "
    "fine"
)
_FOREIGN = vocabulary(
    # Of German, French, Spanish, Italian, Portuguese and Dutch: words that English doesn't have.
    "der das und ist sind wie viel viele wieviel nach pro je für fuer von vom im mit welche "
    "welcher welches zeige zeig mir bitte durchschnitt umsatz summe anzahl höchste höchsten gesamt "
    "monat jahr alle nicht eine einen gibt es den dem wer wo warum zwischen "
    "le la les des du une est et quel quelle quels quelles par combien montre moi moyenne somme "
    "nombre ventes mois année avec sur dans pour chiffre affaires entre "
    "el los las una del y es cuál cuáles cuántos cuántas cuanto cuantos muestra promedio suma "
    "ventas mes año total por con para en qué que más "
    "il lo gli di della delle dei quale quali quanti quanto mostra media somma vendite mese anno "
    "per con nel tra più "
    "o os as um uma do da dos das qual quais quantos vendas mês média soma "
    "het een zijn hoeveel welke toon gemiddelde aantal omzet maand jaar per met van voor"
)
_ENOUGH_FOREIGN: Final = 2


def oddity(asked: Cut, is_cut_off: bool, columns: Columns) -> str | None:
    """Why this is no question that rules could answer, whatever the file; None if it may be one."""
    words = [word.text for word in asked.words]
    if not asked.quoted and (not words or _GREETINGS.issuperset(words)):
        return oddities.no_question()
    if _FORMULA.match(asked.text):
        return oddities.no_formula()
    if _is_foreign(words, asked.text, columns):
        return oddities.english_only()
    sentences = len(_SENTENCE_ENDS.findall(asked.text.strip()))
    if is_cut_off or len(words) > _MOST_WORDS or sentences > _MOST_SENTENCES:
        return oddities.one_short_question()
    return None


def _is_foreign(words: list[str], text: str, columns: Columns) -> bool:
    known = {word for name in columns.names() for word in header_words(name)}
    foreign = {word for word in words if word in _FOREIGN - _lexicon.WORDS and word not in known}
    if len(foreign) >= _ENOUGH_FOREIGN:
        return True
    letters = [char for char in text if char.isalpha()]
    other = [char for char in letters if "LATIN" not in unicodedata.name(char, "LATIN")]
    in_headers = any(char in name for name in columns.names() for char in other)
    return 2 * len(other) > len(letters) > 0 and not in_headers
