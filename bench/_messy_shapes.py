"""CSV files as banks, offices, instruments and spreadsheets write them, each with its true shape.

A shape is written once and stored in several ways (delimiters, line ends, endings), since each of
them meets another branch of a reader.
"""

from collections.abc import Iterator
from typing import NamedTuple


class Messy(NamedTuple):
    """A file's content, and what a person would make of it."""

    what: str
    text: str
    names: tuple[str, ...] | None
    """None: there is no header."""
    rows: int


_SALES = ("region", "product", "units", "amount")
_PEOPLE = ("name", "city", "joined")
_REGIONS = ("North", "South", "East", "West")


def _rows(count: int, mark: str, *, decimal: str = ".") -> str:
    lines = (
        mark.join(
            (
                _REGIONS[n % 4],
                f"P-{n % 7}",
                str(3 + n),
                f"{n * 1.25 + 10:.2f}".replace(".", decimal),
            )
        )
        for n in range(count)
    )
    return "".join(line + "\n" for line in lines)


def _people(count: int, mark: str) -> str:
    names = ("Ann Lee", "Bo Chan", "Cy Diaz", "Di Evans", "Ed Fox")
    cities = ("Berlin", "Paris", "Rome", "Oslo")
    return "".join(
        mark.join((names[n % 5], cities[n % 4], f"2024-0{1 + n % 9}-1{n % 9}")) + "\n"
        for n in range(count)
    )


def _simple(mark: str, decimal: str) -> Iterator[Messy]:
    """Shapes that any delimiter may have."""
    head, body = mark.join(_SALES) + "\n", _rows(24, mark, decimal=decimal)
    made = f"{head}{body}"
    gap = mark * 3
    yield Messy("plain", made, _SALES, 24)
    yield Messy("no header", body, None, 24)
    yield Messy("title above", f"Sales report 2024\n{made}", _SALES, 24)
    yield Messy(
        "title, date and blank above", f"Sales report\nPrinted 3 May 2024\n\n{made}", _SALES, 24
    )
    yield Messy("padded title above", f"Sales report{gap}\n{gap}\n{made}", _SALES, 24)
    pairs = f"Account{mark}12345\nPeriod{mark}2024-01\n\n"
    yield Messy("pairs above", pairs + made, _SALES, 24)
    padded = f"Account{mark}12345{mark}{mark}\nOwner{mark}Smith{mark}{mark}\n{gap}\n"
    yield Messy("padded pairs above", padded + made, _SALES, 24)
    yield Messy("remarks above", f"# made by export 2.1\n# do not edit\n{made}", _SALES, 24)
    yield Messy("one remark above", f"# made by export 2.1\n{made}", _SALES, 24)
    yield Messy("total below", f"{made}Total{mark}{mark}348{mark}585{decimal}00\n", _SALES, 24)
    yield Messy(
        "grand total, last name",
        f"{made}{mark}Grand total{mark}348{mark}585{decimal}00\n",
        _SALES,
        24,
    )
    yield Messy("source below", f"{made}\nSource: Ministry of Trade\n", _SALES, 24)
    yield Messy(
        "padded notes below", f"{made}{gap}\nNote: figures are provisional{gap}\n", _SALES, 24
    )
    yield Messy("count below", f"{made}(24 rows affected)\n", _SALES, 24)
    yield Messy("remark below", f"{made}# end of file\n", _SALES, 24)
    second = (
        mark.join(("region", "manager")) + "\n" + "".join(f"{r}{mark}M {r}\n" for r in _REGIONS)
    )
    yield Messy("two tables", f"{made}\n{second}", _SALES, 24)
    yield Messy("two tables without a blank", made + second, _SALES, 24)
    yield Messy("header again", made + head + body, _SALES, 48)
    yield Messy(
        "units below the names", f"{head}[text]{mark}[id]{mark}[pcs]{mark}[EUR]\n{body}", _SALES, 24
    )
    yield Messy("units in some", f"{head}{mark}{mark}pcs{mark}EUR\n{body}", _SALES, 24)
    yield Messy("names in two rows", f"Where{mark}{mark}Figures{mark}\n{made}", _SALES, 24)
    yield Messy(
        "delimiter at each end", made.replace("\n", mark + "\n"), (*_SALES, "Unnamed: 4"), 24
    )
    yield Messy("delimiter at the ends of rows", head + body.replace("\n", mark + "\n"), _SALES, 24)
    lines = made.splitlines(keepends=True)
    lines[7] = lines[7].replace("\n", f"{mark}extra\n")
    yield Messy("a long row", "".join(lines), _SALES, 24)
    lines = made.splitlines(keepends=True)
    lines[9] = f"South{mark}P-1\n"
    yield Messy("a short row", "".join(lines), _SALES, 24)
    yield Messy(
        "years as names",
        f"region{mark}2022{mark}2023{mark}2024\n"
        + "".join(
            f"{r}{mark}{n}{mark}{n + 4}{mark}{n * 2}\n" for n, r in enumerate(_REGIONS * 3, 10)
        ),
        ("region", "2022", "2023", "2024"),
        12,
    )
    yield Messy(
        "same name twice",
        f"id{mark}value{mark}value\n"
        + "".join(f"{n}{mark}{n * 2}{mark}{n * 3}\n" for n in range(9)),
        ("id", "value", "value.1"),
        9,
    )
    yield Messy(
        "labels without a name",
        f"{mark}a{mark}b\n" + "".join(f"r{n}{mark}{n}{mark}{n + 1}\n" for n in range(9)),
        ("Unnamed: 0", "a", "b"),
        9,
    )
    yield Messy(
        "words without names", _people(16, mark).replace("2024-0", "y").replace("-1", "z"), None, 16
    )
    yield Messy("words with names", mark.join(_PEOPLE) + "\n" + _people(16, mark), _PEOPLE, 16)
    yield Messy("no header, dates", _people(16, mark), None, 16)
    yield Messy(
        "no header, blank in the first row", f"North{mark}P-1{mark}{mark}\n{body}", None, 25
    )
    yield Messy(
        "codes without names", "".join(f"AB-{n}{mark}X{n % 3}Y\n" for n in range(20)), None, 20
    )
    yield Messy("blank lines between", made.replace("\nWest", "\n\nWest"), _SALES, 24)
    yield Messy("old line ends", made.replace("\n", "\r"), _SALES, 24)
    yield Messy("line ends of two kinds", made.replace("\nEast", "\r\nEast"), _SALES, 24)
    yield Messy("a lone return within", made.replace("South", "Sou\rth", 1), _SALES, 24)
    yield Messy("joined files", made + "\ufeff" + made, _SALES, 48)
    yield Messy(
        "blanks around",
        made.replace(mark, f" {mark} "),
        tuple((" " * (n > 0)) + name + " " * (n < 3) for n, name in enumerate(_SALES)),
        24,
    )
    yield Messy(
        "all quoted",
        "".join(
            mark.join(f'"{cell}"' for cell in line.split(mark)) + "\n"
            for line in made.split("\n")
            if line
        ),
        _SALES,
        24,
    )
    yield Messy(
        "single quotes",
        "".join(
            mark.join(f"'{cell}'" for cell in line.split(mark)) + "\n"
            for line in made.split("\n")
            if line
        ),
        _SALES,
        24,
    )
    quoted = head + body.replace("North", f'"North{mark} far"').replace("East", '"East ""old"""')
    yield Messy("quoted delimiters", quoted, _SALES, 24)
    yield Messy("lines within quotes", head + body.replace("West", '"West\nside"'), _SALES, 24)
    yield Messy("a single row", head + _rows(1, mark, decimal=decimal), _SALES, 1)
    yield Messy("blank lines on top", f"\n\n{made}", _SALES, 24)


def _special() -> Iterator[Messy]:
    """Shapes that only one program writes."""
    sales = ";".join(_SALES) + "\n" + _rows(20, ";", decimal=",")
    yield Messy("sep line", f"sep=;\n{sales}", _SALES, 20)
    yield Messy("sep line in quotes", f'"sep=;"\n{sales}', _SALES, 20)
    spaced = "id    name        value\n" + "".join(
        f"{n:<6}item {n:<7}{n * 3}\n" for n in range(10, 22)
    )
    yield Messy("columns by spaces", spaced, ("id", "name", "value"), 12)
    yield Messy(
        "numbers by spaces",
        "x y z\n" + "".join(f"{n} {n * 2} {n * 3}\n" for n in range(9)),
        ("x", "y", "z"),
        9,
    )
    yield Messy(
        "colons", "a:b:c\n" + "".join(f"w{n}:v{n}:{n}\n" for n in range(9)), ("a", "b", "c"), 9
    )
    bars = "| id | name |\n|----|------|\n" + "".join(f"| {n} | item {n} |\n" for n in range(9))
    yield Messy("Markdown", bars, ("id", "name"), 9)
    psql = (
        " id | name \n----+------\n"
        + "".join(f"  {n} | item{n}\n" for n in range(9))
        + "(9 rows)\n"
    )
    yield Messy("psql", psql, (" id ", " name "), 9)
    bank = (
        '"Kontonummer:";"DE12 3456 / Girokonto"\n\n"Von:";"01.01.2024"\n"Bis:";"31.03.2024"\n'
        '"Kontostand vom 31.03.2024:";"1.234,56 EUR"\n\n'
        '"Buchungstag";"Wertstellung";"Buchungstext";"Betrag (EUR)"\n'
    )
    lines = "".join(
        f'"{n:02}.03.2024";"{n:02}.03.2024";"Lastschrift {n}";"-{n}.0{n % 9}1,50"\n'
        for n in range(1, 20)
    )
    yield Messy(
        "bank statement",
        bank + lines,
        ("Buchungstag", "Wertstellung", "Buchungstext", "Betrag (EUR)"),
        19,
    )
    sap = "Liste Auftraege\n\n|Auftrag |Werk|Menge  |\n" + "".join(
        f"|4711{n:02}  |1000|{n * 5:>7}|\n" for n in range(15)
    )
    yield Messy("list of an ERP", sap, ("Auftrag ", "Werk", "Menge  "), 15)
    lab = (
        "Instrument:\tHPLC-7\nOperator:\tab\nDate:\t2024-05-01\n\nSample\tTime\tArea\n\tmin\tmAU\n"
    )
    yield Messy(
        "instrument",
        lab + "".join(f"S{n}\t{n / 10:.1f}\t{n * 11}\n" for n in range(1, 16)),
        ("Sample", "Time", "Area"),
        15,
    )
    portal = "Data Source,World Indicators,\n\nLast Updated,2024-05-01,\n\nCountry,Code,2021,2022\n"
    yield Messy(
        "open data portal",
        portal + "".join(f"Land {n},C{n},{n},{n + 1}\n" for n in range(12)),
        ("Country", "Code", "2021", "2022"),
        12,
    )
    points = "Artikel;Umsatz\n" + "".join(f"A{n};{n}.{n * 7 % 900 + 100}\n" for n in range(1, 12))
    yield Messy("points of thousands", points, ("Artikel", "Umsatz"), 11)
    mixed = "Artikel;Umsatz\nA1;950\n" + "".join(
        f"A{n};{n}.{n * 7 % 900 + 100}\n" for n in range(2, 12)
    )
    yield Messy("points of some thousands", mixed, ("Artikel", "Umsatz"), 11)
    yield Messy(
        "dates of either order",
        "date,n\n" + "".join(f"0{n}/0{n % 5 + 1}/2024,{n}\n" for n in range(1, 9)),
        ("date", "n"),
        8,
    )


def shapes() -> tuple[Messy, ...]:
    """All of them, more than two hundred."""
    made = [*_special()]
    for mark, decimal in ((",", "."), (";", ","), ("\t", "."), ("|", "."), ("^", ".")):
        made += [
            shape._replace(what=f"{shape.what}, by {mark!r}") for shape in _simple(mark, decimal)
        ]
    return tuple(made)
