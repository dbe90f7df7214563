"""999: which sets were taken, and what is wrong with the others."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings

from shared.x12.malformed import MalformedX12, MisplacedSegment, UnexpectedTransaction, UnreadableSegment
from shared.x12.separators import Separators
from shared.x12.sets.t999_x231a1 import (
    Context,
    ElementError,
    GroupAcknowledgement,
    SegmentError,
    about_claim,
    miscounts,
    read_999,
    write_999,
)
from shared.x12.writer import CannotBeWritten
from tests.support.x12_oracles import pyx12_check
from tests.unit.shared.x12 import strategies
from tests.unit.shared.x12.acknowledgements import group_acknowledgements
from tests.unit.shared.x12.coming_back import BOUNDED, comes_back, refusal_of
from tests.unit.shared.x12.examples import ACKNOWLEDGED, ENVELOPE, SAMPLES, needs_samples


def _written(*said: GroupAcknowledgement) -> bytes:
    return write_999(said, envelope=ENVELOPE, first_control_number=1)


def test_an_acknowledgement_comes_back_as_it_went_and_is_valid() -> None:
    data = _written(ACKNOWLEDGED)

    assert read_999(data) == (ACKNOWLEDGED,)
    assert pyx12_check(data.decode()).errors == ()


def test_several_groups_are_sets_of_one_file() -> None:
    accepted = replace(ACKNOWLEDGED, group_control_number="8", code="A", sets=ACKNOWLEDGED.sets[:1], sets_included=1)

    assert read_999(_written(ACKNOWLEDGED, accepted)) == (ACKNOWLEDGED, accepted)


def test_a_group_without_sets_is_acknowledged_as_a_whole() -> None:
    whole = replace(ACKNOWLEDGED, code="R", syntax_codes=("5", "4"), sets=(), sets_accepted=0)

    (read,) = read_999(_written(whole))

    assert (read.code, read.syntax_codes, read.sets) == ("R", ("5", "4"), ())


def test_an_error_names_the_claim_and_the_element_and_hides_the_value() -> None:
    (read,) = read_999(_written(ACKNOWLEDGED))

    (error,) = read.sets[1].errors
    assert (error.segment_id, error.position, error.patient_control_number) == ("CLM", 21, "CLM0000001")
    assert (error.elements[0].position, error.elements[0].bad_value) == ("5:3", "9")
    assert "bad_value" not in repr(error)


@given(group_acknowledgements(), strategies.SEPARATORS)
@BOUNDED
def test_what_is_written_is_read_as_it_was(said: GroupAcknowledgement, separators: Separators) -> None:
    comes_back(said, separators, write_999, read_999)


@given(group_acknowledgements(judged=True))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_written_acknowledgement_is_valid(said: GroupAcknowledgement) -> None:
    assert pyx12_check(_written(said).decode()).errors == ()


TRIGGERED = Context(
    names=(("SITUATIONAL TRIGGER", ""),),
    segment_id="CLM",
    segment_position=43,
    element_position="5:3",
    element_reference="1325",
)


def test_what_made_a_segment_necessary_is_said_with_its_place() -> None:
    missing = SegmentError(segment_id="REF", position=57, code="3", loop="2300", contexts=(TRIGGERED,))
    wrong = SegmentError(
        segment_id="CLM",
        position=21,
        code="8",
        contexts=(about_claim("CLM0000001"),),
        elements=(ElementError(position="2", reference="782", code="1", contexts=(TRIGGERED,)),),
    )
    rejected = replace(ACKNOWLEDGED.sets[1], errors=(missing, wrong))
    said = replace(ACKNOWLEDGED, sets=(ACKNOWLEDGED.sets[0], rejected))

    data = _written(said)

    assert b"~IK3*REF*57*2300*3~CTX*SITUATIONAL TRIGGER*CLM*43**5:3*1325~IK3*CLM*21**8~CTX*CLM01:CLM0000001~" in data
    assert b"~IK4*2*782*1~CTX*SITUATIONAL TRIGGER*CLM*43**5:3*1325~IK5*R*5~" in data
    assert read_999(data) == (said,)
    assert pyx12_check(data.decode()).errors == ()


def test_segments_stand_beside_each_error() -> None:
    (read,) = read_999(_written(ACKNOWLEDGED))

    (error,) = read.sets[1].errors
    assert error.raw == ("IK3*CLM*21*2300*8", "CTX*CLM01:CLM0000001", "IK4*5:3*1325*7*9")
    assert error.elements[0].raw == ("IK4*5:3*1325*7*9",)
    assert error.contexts[0].raw == ("CTX*CLM01:CLM0000001",)
    assert read.sets[1].raw[-1] == "IK5*R*5"


def test_counts_that_contradict_the_sets_are_named() -> None:
    assert miscounts(ACKNOWLEDGED) == ()
    assert miscounts(replace(ACKNOWLEDGED, sets_accepted=2)) == ("AK904",)
    assert miscounts(replace(ACKNOWLEDGED, sets_received=3)) == ("AK903",)
    assert miscounts(replace(ACKNOWLEDGED, sets_included=3)) == ("AK902",)
    assert miscounts(replace(ACKNOWLEDGED, sets_included=3, sets_received=3)) == ("AK902", "AK903")
    assert miscounts(replace(ACKNOWLEDGED, sets_included=3, syntax_codes=("5",))) == ()
    assert miscounts(replace(ACKNOWLEDGED, sets_included=3, sets_received=3, syntax_codes=("5",))) != ()
    assert miscounts(replace(ACKNOWLEDGED, sets=(), sets_accepted=0)) == ()


def test_codes_that_nobody_knows_are_kept() -> None:
    text = _written(ACKNOWLEDGED).decode().replace("*2300*8~", "*2300*Z8~").replace("IK5*R*5", "IK5*Z*Q")

    (read,) = read_999(text.encode())

    assert (read.sets[1].errors[0].code, read.sets[1].code, read.sets[1].syntax_codes) == ("Z8", "Z", ("Q",))


@pytest.mark.parametrize(
    ("broken", "error", "segment_id"),
    [
        (("AK9*P*2*", "AK9*P*two*"), UnreadableSegment, "AK9"),
        (("IK3*CLM*21*", "IK3*CLM**"), UnreadableSegment, "IK3"),
        (("AK1*", "XXX*"), MisplacedSegment, "AK9"),
        (("AK2*", "XXX*"), MisplacedSegment, "IK5"),
        (("IK5*R*5~", "XXX*R*5~"), MisplacedSegment, "AK9"),
        (("IK5*A~", "XXX*A~"), MisplacedSegment, "AK2"),
        (("IK3*CLM*", "XXX*CLM*"), MisplacedSegment, "CTX"),
        (("AK9*", "XXX*"), UnreadableSegment, "SE"),
    ],
)
def test_a_broken_segment_is_refused_where_it_stands(
    broken: tuple[str, str], error: type[MalformedX12], segment_id: str
) -> None:
    refusal = refusal_of(_written(ACKNOWLEDGED).decode(), broken, read_999)

    assert type(refusal) is error
    assert refusal.segment_id == segment_id


def test_another_transaction_is_refused() -> None:
    with pytest.raises(UnexpectedTransaction):
        read_999(_written(ACKNOWLEDGED).replace(b"~ST*999*", b"~ST*997*"))


def test_nothing_is_not_acknowledged() -> None:
    with pytest.raises(CannotBeWritten):
        _written()


def _with(error: SegmentError) -> GroupAcknowledgement:
    return replace(ACKNOWLEDGED, sets=(replace(ACKNOWLEDGED.sets[1], errors=(error,)),))


UNWRITABLE: dict[str, GroupAcknowledgement] = {
    "no code": replace(ACKNOWLEDGED, code=""),
    "six syntax codes": replace(ACKNOWLEDGED, syntax_codes=("1",) * 6),
    "six syntax codes of a set": replace(ACKNOWLEDGED, sets=(replace(ACKNOWLEDGED.sets[1], syntax_codes=("1",) * 6),)),
    "number of a group too long": replace(ACKNOWLEDGED, group_control_number="1" * 10),
    "nameless segment": _with(SegmentError(segment_id="", position=1, code="1")),
    "nameless context": _with(SegmentError(segment_id="CLM", position=1, code="1", contexts=(Context(names=()),))),
    "element nowhere": _with(
        SegmentError(segment_id="CLM", position=1, code="8", elements=(ElementError(position="", code="1"),))
    ),
}


@pytest.mark.parametrize("why", UNWRITABLE)
def test_what_the_guide_has_no_place_for_is_not_written(why: str) -> None:
    with pytest.raises(CannotBeWritten):
        _written(UNWRITABLE[why])


@needs_samples
@pytest.mark.parametrize(
    ("name", "code", "sets"),
    [
        ("accepted", "A", [("0001", "A")]),
        ("accepted_with_errors", "E", [("0001", "E")]),
        ("partial", "P", [("0001", "A"), ("0002", "R")]),
        ("rejected", "R", [("0001", "R")]),
    ],
)
def test_the_sample_acknowledgements_are_read(name: str, code: str, sets: list[tuple[str, str]]) -> None:
    (read,) = read_999((SAMPLES / "selfmade" / f"999_{name}.edi").read_bytes())

    assert read.code == code
    assert [(one.control_number, one.code) for one in read.sets] == sets


@needs_samples
def test_triggers_of_a_public_sample_are_read() -> None:
    (read,) = read_999((SAMPLES / "999" / "staedi_simple999.edi").read_bytes())

    assert [(one.control_number, one.code) for one in read.sets] == [("0001", "A"), ("0002", "R"), ("0003", "R")]
    assert miscounts(read) == ()
    (claim,), (missing,) = read.sets[1].errors, read.sets[2].errors
    assert (claim.patient_control_number, missing.patient_control_number) == ("123456789", "987654321")
    assert [name for name, _ in missing.contexts[0].names] == ["SITUATIONAL TRIGGER"] * 3
    assert (missing.contexts[0].element_position, missing.contexts[0].element_reference) == ("5:3", "1325")


@needs_samples
def test_a_line_end_as_bad_value_of_a_public_sample_is_read() -> None:
    (read,) = read_999((SAMPLES / "999" / "pyx12_834_eol_in_element.edi").read_bytes())

    assert read.sets[0].errors[0].elements[0].bad_value == "<LF>"
