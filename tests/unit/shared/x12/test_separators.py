"""The ISA: separators by position, and nothing guessed."""

import pytest

from shared.x12.separators import STANDARD, Separators, UnreadableISA, read_separators

ISA = "ISA*00*          *00*          *ZZ*SUBMITTER01    *ZZ*RECEIVER01     *260101*1200*^*00501*000000003*0*T*:~"


def test_separators_are_read_by_position() -> None:
    read = read_separators(ISA, offset=0, segment=1)

    assert read == STANDARD


def test_other_separators_are_read_too() -> None:
    isa = ISA.replace("*", "|").replace("^", "!").replace(":", "<").replace("~", "\n")

    read = read_separators(isa, offset=0, segment=1)

    assert read == Separators(element="|", repetition="!", component="<", terminator="\n")


def test_a_4010_header_has_no_repetition_separator() -> None:
    read = read_separators(ISA.replace("^", "U"), offset=0, segment=1)

    assert not read.repetition


@pytest.mark.parametrize("mark", [":", "~", " ", "A", "1"])
def test_what_separates_something_else_or_nothing_repeats_nothing(mark: str) -> None:
    read = read_separators(ISA.replace("^", mark), offset=0, segment=1)

    assert not read.repetition


@pytest.mark.parametrize(
    "isa",
    [
        ISA[:-1],
        ISA.replace("ISA", "ISB"),
        ISA.replace("SUBMITTER01    ", "SUBMITTER01   ") + " ",
        ISA.replace("RECEIVER01     ", "RECEIVER*1     "),
        ISA.replace("*", "A"),
        ISA[:-1] + "*",
        ISA[:-2] + "~~",
    ],
    ids=["short", "name", "shifted", "seventeen", "letter", "terminator is separator", "component is terminator"],
)
def test_an_isa_that_is_not_as_it_must_be_is_refused(isa: str) -> None:
    with pytest.raises(UnreadableISA) as refusal:
        read_separators(isa, offset=17, segment=5)

    assert (refusal.value.offset, refusal.value.segment) == (17, 5)
