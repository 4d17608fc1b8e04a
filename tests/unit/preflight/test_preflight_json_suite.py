"""Every valid JSON document is taken for one, every other is refused with its place (R12)."""

import pytest

INVALID = ("invalid_json", "truncated", "not_utf8")
VALID: tuple[bytes, ...] = (
    b"[]", b"{}", b"[1]", b"[ 4]", b"[1,null,null,null,2]", b"[null]", b"[true,false]", b"[-0]",
    b"[-123]", b"[-1]", b"[1E22]", b"[1e-2]", b"[1E+2]", b"[123e45]", b"[0e+1]", b"[0e1]",
    b"[123.456e78]", b"[123.456789]", b"[0.4e006]", b"[-0.000000000000000000000000000001]",
    b"[123123e100000]", b"[-123123e100000]", b"[1e-400]", b"[100000000000000000000]",
    b"[-237462374673276894279832749832423479823246327846]", b'["\\u0060\\u012a\\u12AB"]',
    b'["\\uD801\\udc37"]', b'["\\ud83d\\ude39\\ud83d\\udc8d"]', b'["\\"\\\\\\/\\b\\f\\n\\r\\t"]',
    b'["\\\\u0000"]', b'["\\""]', b'["a/*b*/c/*d//e"]', b'["\\\\a"]', b'["\\\\n"]', b'["\\u0012"]',
    b'["\\uFFFF"]', b'["asd"]', b'[ "asd"]', b'["\xf4\x8f\xbf\xbf"]', b'["\xef\xbf\xbf"]',
    b'["\\u0000"]', b'["\\u002c"]', b'["\xcf\x80"]', b'["\xf0\x9b\xbf\xbf"]', b'["asd "]',
    b'["\\uDBFF\\uDFFE"]', b'["new\\u000Aline"]', b'["\x7f"]', b'["\\uA66D"]', b'["\xe2\x82\xac"]',
    b'["\xe2\x80\xa8"]', b'["\xe2\x80\xa9"]', b'["aa\x7fa"]', b'{"asd":"sdf", "dfg":"fgh"}',
    b'{"asd":"sdf"}', b'{"a":"b","a":"c"}', b'{"a":"b","a":"b"}', b'{"":0}',
    b'{"foo\\u0000bar": 42}', b'{ "min": -1.0e+28, "max": 1.0e+28 }', b'{"x":[{"id": "x"}]}',
    b'{"a":[]}', b'{"title":"\\u041f\\u043e"}', b'{\n"a": "b"\n}', b"42", b"-0.1", b"null",
    b"true", b'"asd"', b'""', b' [] ', b'["a"]\n', b"[\n\n\t\r 1]", b"[[]   ]", b'[""]',
    b"[1.0]\r\n", b'{"a":{"b":{"c":[1,[2,[3]]]}}}', b'[{"a":1},{"b":2}]', b'{"a":1}\n{"a":2}\n',
    b'{"a":1}\r\n{"b":[]}', b"[NaN]", b"[Infinity]", b"[-Infinity]", b'{"a": NaN}',
    b'[{"a": NaN, "b": "NaN"}, {"a": -Infinity}]', b'{"a": Infinity}\n{"a": 1}\n',
    b'["x, NaN, y", NaN]', b'\xef\xbb\xbf[1]', b'\xef\xbb\xbf{"a":1}',
    '[{"a": "я"}]'.encode("utf-16"), '[{"a": "я"}]'.encode("utf-32"),
    b'[{"a":1}]'.decode().encode("utf-16-le"), b'[{"a":1}]'.decode().encode("utf-32-be"),
    b"[" * 100 + b"]" * 100,
)  # fmt: skip
WRONG: tuple[tuple[bytes, int], ...] = (
    (b"[1 true]", 3), (b"[a\xc3\xa5]", 1), (b'["": 1]', 3), (b'[""],', 4), (b"[,1]", 1),
    (b"[1,,2]", 3), (b'["x",,]', 5), (b'["x"]]', 5), (b'["",]', 4), (b"[x", 1), (b"[3[4]]", 2),
    (b"[1:2]", 2), (b"[,]", 1), (b"[-]", 2), (b"[   , \"\"]", 4), (b"[1,]", 3), (b"[1,,]", 3),
    (b"[\x0b a]", 1), (b"[*]", 1), (b"[\"a\", \"b\" \"c\"]", 10), (b"[fals]", 5), (b"[nul]", 4),
    (b"[tru]", 4), (b"[True]", 1), (b"[None]", 1), (b"[undefined]", 1), (b"[++1234]", 1),
    (b"[+1]", 1), (b"[+Inf]", 1), (b"[-01]", 3), (b"[-1.0.]", 5), (b"[-2.]", 4), (b"[.-1]", 1),
    (b"[.2e-3]", 1), (b"[0.1.2]", 4), (b"[0.3e+]", 6), (b"[0.3e]", 5), (b"[0.e1]", 3),
    (b"[0E+]", 4), (b"[0E]", 3), (b"[1.0e+]", 6), (b"[1.0e-]", 6), (b"[1.0e]", 5),
    (b"[1 000.0]", 3), (b"[1eE2]", 3), (b"[2.e+3]", 3), (b"[9.e+]", 3), (b"[Inf]", 1),
    (b"[nan]", 1), (b"[NAN]", 1), (b"[NaN1]", 1), (b"[--NaN]", 1), (b"[1+2]", 2), (b"[0x1]", 2),
    (b"[0x42]", 2), (b"[infinity]", 1), (b"[-foo]", 2), (b"[012]", 2), (b"[1a]", 2), (b"[1ea]", 3),
    (b'{"x", null}', 4), (b'{"x"::"b"}', 5), (b"{1:1}", 1), (b"{a: \"b\"}", 1),
    (b'{"a":"a" 123}', 9), (b'{"a" b}', 5), (b'{:"b"}', 1), (b'{"a" "b"}', 5), (b'{"a":', 5),
    (b'{"a"', 4), (b"{null:null,null:null}", 1), (b'{"id":0,,,,,}', 8), (b"{'a':0}", 1),
    (b'{"id":0,}', 8), (b'{"a":"b"}/**/', 9), (b'{"a":"b"}//', 9), (b'{"a":"b",,"c":"d"}', 9),
    (b'{"a":"b"}#', 9), (b'{"a":1}}', 7), (b'["\\uD800\\u"]', 9), (b'["\\x00"]', 3),
    (b'["\\a"]', 3), (b'["\\u00A"]', 4), (b'["\\u"]', 4), (b'["\\uqqqq"]', 4), (b'["a\x00a"]', 3),
    (b'["new\nline"]', 5), (b'["\t"]', 2), (b'["\\', 3), (b"['single']", 1), (b'[abc]', 1),
    (b'["a"', 4), (b'["', 2), (b"[1", 2), (b"[", 1), (b"{", 1), (b'{"a": [1, 2', 11),
    (b'[{"a": 1}, {"b"', 15), (b"[1]x", 3), (b"[][]", 2), (b"[1] // c", 4), (b"[/* */ 1]", 1),
    (b"[\xff]", 1), (b'["\xe9"]', 2), (b'["\xc0\xaf"]', 2), (b'["\xed\xa0\x80"]', 2),
    (b'{"a":1}\n{"a":}\n', 13), (b'{"a":1}\n{"b":1,}\n', 15), (b"\xef\xbb\xbf[1,]", 6),
)  # fmt: skip
"""Documents that are none, and where that shows; a place may be told up to four bytes off:
where an escape begins, or a word.
"""


@pytest.mark.parametrize("content", VALID)
def test_valid_document_is_no_invalid_json(look, content):
    found = look("x.json", content)
    assert found.verdict.code not in (*INVALID, "wrong_type", "too_deep", "empty_file")


@pytest.mark.parametrize(("content", "place"), WRONG)
def test_invalid_document_is_refused_and_its_place_is_told(look, content, place):
    found = look("x.json", content).verdict
    assert (found.state, found.code in (*INVALID, "wrong_type")) == ("refused", True), found
    if found.code == "invalid_json":
        words = found.message.what_happened.replace(".", " ").replace(",", "").split()
        told = [int(word) for word in words if word.isdigit()]
        assert told, found.message
        assert abs(told[0] - place) <= 4, (told, place)


def test_numbers_that_are_none_are_blanks(look):
    column = look("x.json", b'[{"a": NaN, "b": 1}, {"a": 2.5, "b": 2}]').report.tables[0].columns[0]
    assert (column.dtype, column.nulls, column.minimum) == ("float64", 1, "2.5")
