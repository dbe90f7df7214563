"""Envelopes: every count and control number is compared, and a fault has a place."""

from collections.abc import Callable
from datetime import date

import pytest

from shared.x12.interchange import (
    ControlNumberMismatch,
    CountMismatch,
    Loose,
    TransactionSet,
    body_hash,
    parts,
    transaction_sets,
)
from shared.x12.malformed import MalformedX12, MisplacedSegment, UnreadableSegment
from shared.x12.separators import Separators
from shared.x12.tokens import TruncatedInterchange

ISA = "ISA*00*          *00*          *ZZ*SUBMITTER01    *ZZ*RECEIVER01     *260101*1200*^*00501*000000005*0*T*:~"
GS = "GS*FA*RECEIVER01*SUBMITTER01*20260101*1205*5*X*005010X231A1~"
FIRST = "ST*999*0001*005010X231A1~AK1*HC*1*005010X222A1~AK9*A*1*1*1~SE*4*0001~"
SECOND = FIRST.replace("0001", "0002")
FILE = ISA + GS + FIRST + SECOND + "GE*2*5~IEA*1*000000005~"


def _read(text: str) -> list[TransactionSet]:
    return list(transaction_sets(text.encode()))


def test_a_set_knows_what_encloses_it() -> None:
    first, second = _read(FILE)

    assert (first.code, first.control_number, first.guide) == ("999", "0001", "005010X231A1")
    assert first.interchange.control_number == "000000005"
    assert first.interchange.sender_id == "SUBMITTER01"
    assert first.interchange.written_on == date(2026, 1, 1)
    assert (first.group.functional_id, first.group.control_number) == ("FA", "5")
    assert (second.index, second.control_number) == (7, "0002")


def test_a_set_keeps_its_segments_and_where_they_stand() -> None:
    (first, _) = _read(FILE.replace("~", "~\r\n"))

    assert first.raw[0] == "ST*999*0001*005010X231A1"
    assert first.raw[-1] == "SE*4*0001"
    assert [segment.index for segment in first.segments()] == [3, 4, 5, 6]
    assert first.offsets[1] == FILE.replace("~", "~\r\n").index("AK1")


def test_without_st03_the_guide_is_that_of_the_group() -> None:
    (first, _) = _read(FILE.replace("ST*999*0001*005010X231A1", "ST*999*0001"))

    assert first.guide == "005010X231A1"


def test_a_ta1_stands_outside_the_groups() -> None:
    answer = "TA1*000000001*260101*1200*A*000~"

    found = list(parts((ISA + answer + FILE.removeprefix(ISA)).encode()))

    assert isinstance(found[0], Loose)
    assert (found[0].raw, found[0].index) == (answer[:-1], 2)
    assert [type(part) for part in found[1:]] == [TransactionSet, TransactionSet]


def test_a_lone_ta1_may_be_counted_as_a_group() -> None:
    for counted in "01":
        data = f"{ISA}TA1*000000001*260101*1200*A*000~IEA*{counted}*000000005~"

        assert len(list(parts(data.encode()))) == 1


@pytest.mark.parametrize(
    ("broken", "error", "segment_id"),
    [
        (("SE*4*0001", "SE*5*0001"), CountMismatch, "SE"),
        (("AK9*A*1*1*1~SE*4*0001", "SE*4*0001"), CountMismatch, "SE"),
        (("GE*2*5", "GE*1*5"), CountMismatch, "GE"),
        (("IEA*1", "IEA*2"), CountMismatch, "IEA"),
        (("SE*4*0001", "SE*4*0009"), ControlNumberMismatch, "SE"),
        (("GE*2*5", "GE*2*6"), ControlNumberMismatch, "GE"),
        (("IEA*1*000000005", "IEA*1*000000006"), ControlNumberMismatch, "IEA"),
        ((SECOND, FIRST), ControlNumberMismatch, "ST"),
        (("SE*4*0001~", ""), MisplacedSegment, "ST"),
        (("GE*2*5~", ""), MisplacedSegment, "IEA"),
        ((GS, ""), MisplacedSegment, "ST"),
        ((GS, GS + GS), MisplacedSegment, "GS"),
        (("IEA*1*000000005~", ISA), MisplacedSegment, "ISA"),
        (("IEA*1*000000005~", ""), TruncatedInterchange, None),
        (("SE*4*0001", "SE*four*0001"), UnreadableSegment, "SE"),
        (("*20260101*", "*20261301*"), UnreadableSegment, "GS"),
    ],
)
def test_a_broken_envelope_is_refused_where_it_breaks(
    broken: tuple[str, str], error: type[MalformedX12], segment_id: str | None
) -> None:
    text = FILE.replace(*broken, 1)

    with pytest.raises(error) as refusal:
        _read(text)

    assert text[refusal.value.offset :].startswith(segment_id or "")
    assert text[: refusal.value.offset].count("~") + 1 == refusal.value.segment


def test_a_file_without_an_interchange_is_refused() -> None:
    for data in (b"", b" \r\n", b"hello", b"PK\x03\x04" * 100, b"ISA"):
        with pytest.raises(MalformedX12):
            list(parts(data))


def test_every_cut_of_a_file_is_refused() -> None:
    for length in range(len(FILE) - 1):  # without the last terminator alone it is whole
        with pytest.raises(MalformedX12):
            _read(FILE[:length])


def _renumbered(text: str) -> str:
    return (
        text.replace("000000005", "000000077").replace("*0001", "*8888").replace("*5*X", "*6*X").replace("*5~", "*6~")
    )


def _with_other_separators(text: str) -> str:
    return text.replace("*", "|").replace(":", "<").replace("^", "!").replace("~", "\n")


@pytest.mark.parametrize("resend", [_renumbered, _with_other_separators, lambda text: text.replace("~", "~\r\n")])
def test_the_hash_of_a_body_survives_a_resend(resend: Callable[[str], str]) -> None:
    assert body_hash(_read(resend(FILE))[0]) == body_hash(_read(FILE)[0])


def test_the_hash_of_a_body_changes_with_the_body() -> None:
    changed = FILE.replace("AK9*A*1*1*1", "AK9*A*1*1*0", 1)

    assert body_hash(_read(changed)[0]) != body_hash(_read(FILE)[0])


def test_separators_belong_to_the_set() -> None:
    assert _read(_with_other_separators(FILE))[0].separators == Separators(
        element="|", repetition="!", component="<", terminator="\n"
    )
