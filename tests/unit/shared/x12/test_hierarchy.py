"""Levels: which stands below which, and which segment belongs where."""

from collections.abc import Sequence

import pytest

from shared.kernel.errors import Malformed
from shared.x12.hierarchy import HierarchyWriter, Place, Portion, hierarchical_levels
from shared.x12.interchange import TransactionSet, transaction_sets
from shared.x12.malformed import MisplacedSegment, NotAnX12Value, UnreadableSegment
from shared.x12.separators import STANDARD
from shared.x12.writer import SetWriter, enclose
from tests.unit.shared.x12.examples import ENVELOPE

HOLDERS = {"20": "", "21": "20", "22": "21"}


def _set(*segments: str) -> TransactionSet:
    out = SetWriter(STANDARD)
    for segment in segments:
        out.add(*segment.split("*"))
    data = enclose([(("270", "0001"), out)], envelope=ENVELOPE, functional_id="HS", guide="005010X279A1")
    (found,) = transaction_sets(data)
    return found


def _portion(*segments: str) -> Portion:
    return Portion(Place(_set(*segments)), range(1, len(segments) + 1))


def _raw(portions: Sequence[Portion]) -> list[tuple[str, ...]]:
    return [portion.raw for portion in portions]


def test_a_level_stands_under_the_one_that_it_names_wherever_that_is() -> None:
    found = _set("BHT*1", "HL*1**20*1", "NM1*PR", "HL*2*1*21*1", "HL*7*1*21*1", "HL*4*2*22*0", "NM1*IL", "HL*5*7*22")

    heading, (source,) = hierarchical_levels(Place(found), HOLDERS)

    assert heading.raw[1:] == ("BHT*1",)
    assert source.own.raw == ("HL*1**20*1", "NM1*PR")
    first, second = source.below("21")
    assert _raw([level.own for level in first.below()]) == [("HL*4*2*22*0", "NM1*IL")]
    assert _raw([level.own for level in second.below()]) == [("HL*5*7*22",)]
    assert source.below("22") == []


@pytest.mark.parametrize(
    ("broken", "at"),
    [
        (("HL*1**20*1", "HL*2*9*21*0"), 3),
        (("HL*1**20*1", "HL*1*1*21*0"), 3),
        (("HL*1**20*1", "HL**1*21*0"), 3),
        (("HL*1**20*1", "HL*2*1*22*0"), 3),
        (("HL*1**20*1", "HL*2*1*XX*0"), 3),
        (("HL*1**20*0", "HL*2*1*21*0"), 2),
        (("HL*1**20*1", "NM1*PR"), 2),
        (("HL*2*1*21*1", "HL*1**20*0"), 2),
        (("HL*1*1*20*0", "NM1*PR"), 2),
        (("NM1*PR", "REF*EJ*1"), 4),
    ],
    ids=[
        "no parent", "number twice", "no number", "wrong parent", "unknown level", "child denied", "child missing",
        "parent later", "own parent", "no level",
    ],
)  # fmt: skip
def test_a_tree_that_does_not_hold_together_is_refused_where_it_breaks(broken: tuple[str, str], at: int) -> None:
    found = _set(*broken)

    with pytest.raises(MisplacedSegment) as refusal:
        hierarchical_levels(Place(found), HOLDERS)

    assert refusal.value.segment == found.index + at - 1


def test_a_level_that_was_refused_may_announce_levels_and_have_none() -> None:
    _, (source,) = hierarchical_levels(Place(_set("HL*1**20*1", "AAA*N**42*C")), HOLDERS)

    assert source.below() == []


def test_a_loop_is_split_where_its_parts_begin() -> None:
    head, parts = _portion("NM1*IL", "EB*1", "DTP*1", "EB*2").split("EB")

    assert head.raw == ("NM1*IL",)
    assert _raw(parts) == [("EB*1", "DTP*1"), ("EB*2",)]
    assert _portion("NM1*IL").split("EB")[1] == ()


def test_brackets_take_out_what_is_inside() -> None:
    outside, inside = _portion(
        "EB*1", "LS*2120", "NM1*P3", "LE*2120", "MSG*X", "LS*2120", "NM1*PR", "LE*2120"
    ).bracketed("LS", "LE")

    assert outside.raw == ("EB*1", "MSG*X")
    assert _raw(inside) == [("NM1*P3",), ("NM1*PR",)]


def test_what_is_not_there_is_blank() -> None:
    portion = _portion("NM1*IL")

    assert not any(portion.first("REF"))
    assert portion.first("NM1")[9] == ""
    assert not portion.has("REF", "DTP")


def test_a_value_that_is_none_is_an_error_at_the_segment_that_was_read() -> None:
    place = Place(_set("BHT*1", "DTP*291*D8*X"))

    def build() -> None:
        next(Portion(place, (1, 2)).all("DTP"))
        raise NotAnX12Value("a rule")

    with pytest.raises(UnreadableSegment) as refusal:
        place.read(build)
    assert (refusal.value.segment, refusal.value.segment_id, str(refusal.value)) == (5, "DTP", "a rule")
    assert isinstance(refusal.value, Malformed)


def test_written_levels_are_numbered_and_say_what_they_hold() -> None:
    out = SetWriter(STANDARD)
    tree = HierarchyWriter(out)

    top = tree.add("20", holds=True)
    tree.add("PT", under=top, holds=None)

    assert out.raw() == ["HL*1**20*1", "HL*2*1*PT"]
