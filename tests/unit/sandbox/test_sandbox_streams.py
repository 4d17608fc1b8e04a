import os

import pytest

from services.sandbox._streams import Capture, Pump


@pytest.mark.parametrize(
    ("pieces", "text"),
    [
        ((), ""),
        ((b"abc", b"def"), "abcdef"),
        ((b"0123456789ab", b"cdef"), "0123456789abcdef"),
        ((b"0123456789abcdefX",), "0123456789ab\n… 1 bytes omitted …\ndefX"),
        ((b"0123456789ab", b"-" * 500, b"wxyz"), "0123456789ab\n… 500 bytes omitted …\nwxyz"),
        # Both cuts go through a character: it is left out whole, and counted.
        (("0123456789aäbbbbäxyz".encode(),), "0123456789a\n… 8 bytes omitted …\nxyz"),
        ((b"bad \xff byte",), "bad � byte"),
    ],
)
def test_capture_keeps_beginning_and_end(pieces, text):
    capture = Capture(16)
    for piece in pieces:
        capture.add(piece)
    assert capture.text() == text


def test_capture_holds_little_while_much_comes():
    capture = Capture(1_000)
    for _ in range(1_000):
        capture.add(b"x" * 65_536)
    assert len(capture._head) + len(capture._tail) < 200_000
    assert capture.text() == f"{'x' * 750}\n… {65_536_000 - 1_000:,} bytes omitted …\n{'x' * 250}"


def test_pump_tells_whole_characters_of_the_beginning_only():
    out_read, out_write = os.pipe()
    err_read, err_write = os.pipe()
    heard: list[tuple[str, str]] = []
    pump = Pump(out_read, err_read, 16, lambda stream, text: heard.append((stream, text)))
    os.write(out_write, "ä".encode()[:1])
    os.write(err_write, b"oh")
    os.write(out_write, "ä".encode()[1:] + b"-" * 100)
    os.close(err_write)
    # A process that was left behind may hold the other end open for ever.
    assert pump.finish() == ("ä" + "-" * 10 + "\n… 86 bytes omitted …\n----", "oh")
    assert "".join(text for stream, text in heard if stream == "stdout") == "ä" + "-" * 10
    assert "".join(text for stream, text in heard if stream == "stderr") == "oh"
    os.close(out_write)
