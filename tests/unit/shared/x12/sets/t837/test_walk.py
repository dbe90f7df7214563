"""Claims that somebody damaged are read or refused with their place, whatever was damaged."""

import re
import tracemalloc
from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from shared.x12.interchange import CountMismatch
from shared.x12.malformed import MisplacedSegment, UnreadableSegment
from shared.x12.sets.t837i_x223a2 import read_837i, write_837i
from shared.x12.sets.t837p_x222a1 import read_837p, write_837p
from tests.unit.shared.x12.every_set import refused_by
from tests.unit.shared.x12.examples import CLAIM, ENVELOPE, STAY, batch, stays

PROFESSIONAL: Final = write_837p(batch(CLAIM, CLAIM), envelope=ENVELOPE, transaction_control_number=1).decode()
STAYS: Final = write_837i(stays(STAY, STAY), envelope=ENVELOPE, transaction_control_number=1).decode()
BENEFITS: Final = (
    "SBR*S*18*******CI", "CAS*CO*45*1", "AMT*D*1", "OI***Y***Y", "MOA***MA01", "NM1*IL*1*DOE****MI*1",
    "NM1*PR*2*OTHER*****PI*11111", "DTP*573*D8*20260110", "SVD*11111*1*HC:99213*0120*1", "NTE*ADD*X", "PWK*OZ*AA",
    "LIN**N4*1", "CTP****1*UN", "CLM*X*1***11:B:1*Y*A*Y*Y", "LX*9", "SV1*HC:1*1*UN*1***1", "SV2*0120**1*UN*1",
    "CL1***01", "HI*BE:80:::1*BH:11:D8:20260101*BI:70:RD8:20260101-20260102", "HL*9*1*22*0", "REF*G1*A",
    "PRV*PE*PXC*1", "DMG*D8*2",
)  # fmt: skip
READERS: Final[tuple[tuple[Callable[[bytes], Any], str], ...]] = ((read_837p, PROFESSIONAL), (read_837i, STAYS))


@st.composite
def _damaged(draw: st.DrawFn, text: str) -> str:
    """Return a file in which segments were exchanged, and elements cut, emptied or replaced; its count still holds."""
    segments = text.split("~")
    places = st.integers(3, len(segments) - 5)
    for _ in range(draw(st.integers(1, 6))):
        at = draw(places)
        kind = draw(st.sampled_from(["exchange", "replace", "cut", "element"]))
        elements = segments[at].split("*")
        if kind == "exchange":
            other = draw(places)
            segments[at], segments[other] = segments[other], segments[at]
        elif kind == "replace":
            segments[at] = draw(st.sampled_from(BENEFITS))
        elif kind == "cut":
            segments[at] = "*".join(elements[: draw(st.integers(1, len(elements)))])
        elif len(elements) > 1:
            elements[draw(st.integers(1, len(elements) - 1))] = draw(st.text("0123456789.-:^AZD8 ", max_size=9))
            segments[at] = "*".join(elements)
    return "~".join(segments)


@pytest.mark.parametrize(("read", "text"), READERS, ids=["837P", "837I"])
def test_a_damaged_claim_is_read_or_refused_with_its_place(read: Callable[[bytes], Any], text: str) -> None:
    @given(_damaged(text))
    @example(text.replace("~SE*", "~SVD*~SE*", 1))
    @settings(max_examples=150, deadline=None)
    def reads_or_refuses(damaged: str) -> None:
        refusal = refused_by(read, damaged.encode())

        assert refusal is None or 0 <= refusal.offset < len(damaged)
        assert refusal is None or 1 <= refusal.segment <= damaged.count("~")
        assert refusal is None or damaged[refusal.offset :].startswith(refusal.segment_id or "")

    reads_or_refuses()


def test_a_decision_outside_a_line_is_misplaced() -> None:
    with pytest.raises(MisplacedSegment) as refusal:
        read_837p(PROFESSIONAL.replace("~LX*1~", "~SVD*11111*1*HC:99213**1~", 1).encode())

    assert refusal.value.segment_id == "SVD"


def test_what_was_said_of_one_claim_is_not_said_of_the_next() -> None:
    other = "~SBR*S*01*******CI~AMT*D*1~NM1*IL*1*ELSE*ANY****MI*OTHER1~NM1*PR*2*OTHER*****PI*11111~LX*1~"
    text = PROFESSIONAL.replace("~LX*1~", other, 1)
    segments = text.count("~") - 4  # all but ISA, GS, GE and IEA

    first, second = read_837p(_recounted(text, segments).encode())[0].claims

    assert [payer.member_id for payer in first.other_payers] == ["OTHER1"]
    assert second.other_payers == ()
    assert first.payer == second.payer == CLAIM.payer
    assert first.subscriber == second.subscriber == CLAIM.subscriber


@pytest.mark.parametrize("tag", ["HI", "SV1"])
def test_a_composite_without_end_is_refused_where_it_stands(tag: str) -> None:
    """What a composite says is remembered, for codes repeat; so none is remembered that is no code."""
    with pytest.raises(UnreadableSegment) as refusal:
        read_837p(re.sub(rf"~{tag}\*(\w+:\w+)", rf"~{tag}*\1:{'X' * 500}", PROFESSIONAL, count=1).encode())

    assert refusal.value.segment_id == tag


def test_whoever_stands_above_claims_and_has_nothing_to_do_with_them_is_not_kept() -> None:
    begin, end = PROFESSIONAL.index("HL*1**20*1~"), PROFESSIONAL.index("CLM*")
    level = PROFESSIONAL[begin:end].replace("~HL*2", f"~NM1*{{}}*2*{'STRANGER' * 100}~HL*2")

    def file() -> Iterator[bytes]:
        yield PROFESSIONAL[:begin].encode()
        for number in range(5_000):
            yield level.format(f"X{number}").encode()
        yield PROFESSIONAL[begin:].encode()

    tracemalloc.start()
    try:
        with pytest.raises(CountMismatch):
            read_837p(file())
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert most < 2_000_000


def test_a_party_may_have_any_number_of_numbers_and_contacts() -> None:
    numbers = "".join(f"REF*G2*N{number}~PER*IC*C{number}*TE*3055550100~" for number in range(100))
    text = PROFESSIONAL.replace("REF*EI*587654321~", f"REF*EI*587654321~{numbers}", 1)

    first, _ = read_837p(_recounted(text, text.count("~") - 4).encode())[0].claims

    assert [each.number for each in first.billing_provider.references] == [f"N{number}" for number in range(100)]
    assert [each.name for each in first.billing_provider.contacts] == [f"C{number}" for number in range(100)]


def _recounted(text: str, segments: int) -> str:
    before, _, after = text.partition("~SE*")
    return f"{before}~SE*{segments}*{after.partition('*')[2]}"
