"""TA1: what became of an interchange."""

from datetime import date

import pytest

from shared.x12.malformed import UnreadableSegment
from shared.x12.sets.t999_x231a1 import write_999
from shared.x12.sets.ta1 import InterchangeAcknowledgement, read_ta1, write_ta1
from tests.unit.shared.x12.examples import ACKNOWLEDGED, ENVELOPE, SAMPLES, needs_samples

REJECTED = InterchangeAcknowledgement(
    control_number="000000042", written_on=date(2026, 2, 1), written_time="1200", code="R", note="025"
)


def test_an_acknowledgement_comes_back_as_it_went() -> None:
    data = write_ta1([REJECTED], envelope=ENVELOPE)

    assert read_ta1(data) == (REJECTED,)
    assert data.endswith(b"~TA1*000000042*260201*1200*R*025~IEA*0*000000042~")


def test_a_file_without_a_ta1_has_none() -> None:
    assert read_ta1(write_999([ACKNOWLEDGED], envelope=ENVELOPE, first_control_number=1)) == ()


@pytest.mark.parametrize("broken", [(b"TA1*000000042", b"TA1*forty-two"), (b"*260201*1200*R", b"*261301*1200*R")])
def test_what_cannot_be_read_is_refused(broken: tuple[bytes, bytes]) -> None:
    with pytest.raises(UnreadableSegment) as refusal:
        read_ta1(write_ta1([REJECTED], envelope=ENVELOPE).replace(*broken))

    assert (refusal.value.segment, refusal.value.segment_id) == (2, "TA1")


@needs_samples
@pytest.mark.parametrize(("name", "code", "note"), [("accepted", "A", "000"), ("rejected_duplicate", "R", "025")])
def test_the_sample_acknowledgements_are_read(name: str, code: str, note: str) -> None:
    (read,) = read_ta1((SAMPLES / "selfmade" / f"TA1_{name}.edi").read_bytes())

    assert (read.control_number, read.code, read.note) == ("000000001", code, note)
