"""999: which sets were taken, and what is wrong with the others."""

from dataclasses import replace

import pytest

from shared.x12.malformed import MalformedX12, MisplacedSegment, UnexpectedTransaction, UnreadableSegment
from shared.x12.sets.t999_x231a1 import GroupAcknowledgement, read_999, write_999
from shared.x12.writer import CannotBeWritten
from tests.support.x12_oracles import pyx12_check
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


def test_a_further_context_is_kept_beside_the_claim() -> None:
    text = _written(ACKNOWLEDGED).decode().replace("CTX*CLM01:", "CTX*SITUATIONAL TRIGGER*CLM*21~CTX*CLM01:")

    (read,) = read_999(text.replace("SE*11*", "SE*12*").encode())

    (error,) = read.sets[1].errors
    assert error.contexts == ("CTX*SITUATIONAL TRIGGER*CLM*21", "CTX*CLM01:CLM0000001")
    assert error.patient_control_number == "CLM0000001"


@pytest.mark.parametrize(
    ("broken", "error", "segment_id"),
    [
        (("AK9*P*2*", "AK9*P*two*"), UnreadableSegment, "AK9"),
        (("IK3*CLM*21*", "IK3*CLM**"), UnreadableSegment, "IK3"),
        (("AK1*", "XXX*"), MisplacedSegment, "AK9"),
        (("AK2*", "XXX*"), MisplacedSegment, "IK5"),
        (("IK5*R*5~", "XXX*R*5~"), MisplacedSegment, "AK9"),
        (("AK9*", "XXX*"), UnreadableSegment, "SE"),
    ],
)
def test_a_broken_segment_is_refused_where_it_stands(
    broken: tuple[str, str], error: type[MalformedX12], segment_id: str
) -> None:
    text = _written(ACKNOWLEDGED).decode().replace(*broken, 1)

    with pytest.raises(error) as refusal:
        read_999(text.encode())

    assert refusal.value.segment_id == segment_id


def test_another_transaction_is_refused() -> None:
    with pytest.raises(UnexpectedTransaction):
        read_999(_written(ACKNOWLEDGED).replace(b"~ST*999*", b"~ST*997*"))


def test_nothing_is_not_acknowledged() -> None:
    with pytest.raises(CannotBeWritten):
        _written()


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
