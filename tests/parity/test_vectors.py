"""Runs every vector through every matcher that `lab match` has, and compares what is printed byte by byte."""

import os
import pathlib
import subprocess

import pytest

HERE = pathlib.Path(__file__).resolve().parent
BUILD = pathlib.Path(os.environ.get("CROSSPOINT_BUILD", HERE.parents[1] / "build"))
VECTORS = sorted((HERE / "vectors").glob("*.txt"))


def read_vector(path):
    expected, arguments, refused = [], [], None
    for line in path.read_text().splitlines():
        if line.startswith("#> "):
            expected.append(line[3:])
        elif line.startswith("#: "):
            arguments += line[3:].split()
        elif line.startswith("#! "):
            refused = int(line[3:])
    return expected, arguments, refused


def run(matcher, arguments, file, **more):
    command = [BUILD / "bin" / "lab", "match", f"--matcher={matcher}", *arguments, file]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, **more)


@pytest.mark.parametrize("matcher", ["soft", "reference"])
@pytest.mark.parametrize("path", VECTORS, ids=lambda path: path.stem)
def test_a_vector_gives_its_events(path, matcher):
    expected, arguments, refused = read_vector(path)
    assert expected or refused, "a vector says what it expects"
    result = run(matcher, arguments, path)
    assert result.stdout.splitlines() == expected
    if refused is None:
        assert (result.returncode, result.stderr) == (0, "")
    else:
        assert result.returncode == 2
        assert len(result.stderr.splitlines()) == 1
        assert f"line {refused}:" in result.stderr


# Lines that no matcher may run, each behind a good command: all that is printed is the good command's events.
BAD_LINES = [
    "FROB i=0",
    "new i=0 qty=1 h=0:1",
    "NEW i=0 qty=1 h=0:1 colour=red",
    "NEW i=0 qty=1 qty=1 h=0:1",
    "NEW i=0 qty h=0:1",
    "NEW i=0 qty= h=0:1",
    "NEW i=0 qty=1x h=0:1",
    "NEW i=0 qty=-1 h=0:1",
    "NEW i=0 qty=+1 h=0:1",
    "NEW i=0 qty=0x1 h=0:1",
    "NEW i=0 qty=18446744073709551616 h=0:1",
    "NEW i=0 qty=1 px=4294967296 h=0:1",
    "NEW i=0 qty=1 h=1",
    "NEW i=0 qty=1 h=256:1",
    "NEW i=0 qty=1 h=0:16777216",
    "NEW i=0 qty=1 h=0:1:1",
    "NEW i=0 qty=1 h=0:1 owner=4294967296",
    "NEW i=65536 qty=1 h=0:1",
    "NEW i=1 qty=1 h=0:1",
    "NEW i=0 qty=1 h=0:1 side=long",
    "NEW i=0 qty=1 h=0:1 type=stop",
    "NEW i=0 qty=1 h=0:1 tif=day",
    "NEW i=0 qty=1 h=0:1 stp=both",
    "NEW i=0 qty=1 h=0:1 post=2",
    "NEW i=0 type=market px=5 qty=1 h=0:1",
    "NEW i=0 type=limit limit=5 qty=1 h=0:1",
    "NEW i=0 qty=1 h=0:1 seen=1",
    "CANCEL i=0 h=0:1 qty=1",
    "SET_STATE i=0 state=paused",
    "SET_BAND i=0 px=5",
    "SET_BAND i=0 base=4294967296",
    "MASS_CANCEL i=1",
    "INSTRUMENT i=0 base=0 k=4",
    "INSTRUMENT i=1 base=0 k=33",
    "INSTRUMENT i=1 base=1 k=32",
    "INSTRUMENT i=65536 base=0 k=1",
    "LIMITS qty_bits=32 handles=65536",
]


@pytest.mark.parametrize("matcher", ["soft", "reference"])
@pytest.mark.parametrize("bad", BAD_LINES)
def test_a_bad_line_ends_the_run_and_is_named(bad, matcher):
    text = f"INSTRUMENT i=0 base=0 k=12\n# a comment\nNEW i=0 px=7 qty=2 h=0:9\n{bad}\nCANCEL i=0 h=0:9\n"
    result = run(matcher, ["--digest"], "-", input=text)
    assert result.returncode == 2
    assert result.stdout == "ACCEPTED seq=1 h=0:9\nRESTED seq=1 h=0:9 px=7 qty=2\nDONE seq=1 bid=7x2 ask=-\n"
    assert len(result.stderr.splitlines()) == 1
    assert "line 4:" in result.stderr


@pytest.mark.parametrize("limits", ["qty_bits=0", "qty_bits=65", "handles=0", "handles=16777217", "qty_bits=60"])
def test_limits_beyond_what_is_built_are_refused(limits):
    result = run("soft", [], "-", input=f"LIMITS {limits}\nINSTRUMENT i=0 base=0 k=4\n")
    assert (result.returncode, result.stdout) == (2, "")
    assert "line 1:" in result.stderr


def test_the_widest_limits_are_taken():
    text = "LIMITS qty_bits=40 handles=16777216\nINSTRUMENT i=65535 base=0 k=32\n"
    text += "NEW i=65535 px=4294967295 qty=1099511627775 h=255:16777215\n"
    result = run("soft", [], "-", input=text)
    assert result.returncode == 0
    assert result.stdout.splitlines()[-1] == "DONE seq=1 bid=4294967295x1099511627775 ask=-"


def test_the_last_line_needs_no_newline_and_blanks_do_not_matter():
    text = "\n  # nothing\n\tINSTRUMENT  k=4\ti=0\r\nNEW h=0:1   qty=3 px=2#comment"
    result = run("soft", [], "-", input=text)
    assert result.stdout == "ACCEPTED seq=1 h=0:1\nRESTED seq=1 h=0:1 px=2 qty=3\nDONE seq=1 bid=2x3 ask=-\n"
    assert result.returncode == 0


def test_what_is_asked_wrongly_is_refused():
    assert run("card", [], "-", input="").returncode == 2
    assert run("fpga", [], "-", input="").returncode == 2
    assert run("soft", ["--frob"], "-", input="").returncode == 2
    assert run("soft", [], HERE / "no such file").returncode == 2


@pytest.mark.parametrize("arguments", [["--help"], ["match", "--help"]])
def test_help_is_an_answer(arguments):
    result = subprocess.run([BUILD / "bin" / "lab", *arguments], capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 0
    assert result.stdout.startswith("usage: lab")


def fnv(numbers):
    value = 0xCBF29CE484222325
    for number in numbers:
        for byte in number.to_bytes(8, "little"):
            value = ((value ^ byte) * 0x100000001B3) % 2**64
    return value


@pytest.mark.parametrize("matcher", ["soft", "reference"])
def test_the_digest_is_fnv_over_the_numbers_of_the_specification(matcher):
    text = """INSTRUMENT i=3 base=50 k=8
INSTRUMENT i=1 base=0 k=32
NEW i=3 side=buy px=100 qty=5 h=0:1 owner=7
NEW i=3 side=buy px=100 qty=6 h=2:2
NEW i=3 side=buy px=101 qty=7 h=0:3
NEW i=3 side=sell px=105 qty=8 h=0:4
NEW i=3 side=sell px=104 qty=9 h=1:5
NEW i=3 side=sell px=101 qty=3 h=0:6
NEW i=1 side=sell px=4000000000 qty=1 h=0:7
NEW i=1 side=sell px=5 qty=2 h=0:8
SET_STATE i=3 state=closed
"""
    handle = lambda generation, index: generation << 24 | index
    numbers = [1]
    numbers += [1, 0, 0, 2]
    numbers += [1, 5, handle(0, 8), 0, 2]
    numbers += [1, 4000000000, handle(0, 7), 0, 1]
    numbers += [3, 50, 2, 5]
    numbers += [0, 101, handle(0, 3), 0, 4]
    numbers += [0, 100, handle(0, 1), 7, 5]
    numbers += [0, 100, handle(2, 2), 0, 6]
    numbers += [1, 104, handle(1, 5), 0, 9]
    numbers += [1, 105, handle(0, 4), 0, 8]
    result = run(matcher, ["--digest"], "-", input=text)
    assert result.stdout.splitlines()[-1] == f"DIGEST {fnv(numbers):016x}"
