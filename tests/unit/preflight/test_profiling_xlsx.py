"""Elements of a sheet are found wherever the pieces of its text begin and end."""

import re

import pytest

from services.preflight.profiling import _xlsx

ITEM = re.compile(rb"<(?:\w+:)?si\b[^>]*?(?:/>|>(.*?)</(?:\w+:)?si>)", re.DOTALL)


@pytest.mark.parametrize(
    "text",
    [
        b"<sst><si><t>a</t></si><si><t>b si> c</t></si><si/><si><t>d</t></si></sst>",
        b"<x:sst><x:si><x:t>a</x:t></x:si><x:si><x:t>b</x:t></x:si></x:sst>",
    ],
)
def test_no_element_is_lost_between_two_pieces(text):
    whole = ITEM.findall(text)
    for first in range(len(text)):
        for second in range(first, len(text), 5):
            pieces = iter([text[:first], text[first:second], text[second:]])
            found = [item for some in _xlsx._whole(pieces, ITEM, b"si") for item in some]
            assert found == whole, (first, second)
