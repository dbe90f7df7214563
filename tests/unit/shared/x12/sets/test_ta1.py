"""TA1: what became of an interchange."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.x12.malformed import UnreadableSegment
from shared.x12.separators import Separators
from shared.x12.sets.t999_x231a1 import read_999, write_999
from shared.x12.sets.ta1 import InterchangeAcknowledgement, read_ta1, write_ta1
from shared.x12.writer import CannotBeWritten
from tests.support.x12_oracles import pyx12_check
from tests.unit.shared.x12 import strategies
from tests.unit.shared.x12.examples import ACKNOWLEDGED, ENVELOPE, SAMPLES, needs_samples

REJECTED = InterchangeAcknowledgement(
    control_number="000000042", written_on=date(2026, 2, 1), written_time="1200", code="R", note="025"
)
ACKNOWLEDGEMENTS = st.builds(
    InterchangeAcknowledgement,
    control_number=st.integers(1, 999_999_999).map("{:09d}".format),
    written_on=st.dates(date(2000, 1, 1), date(2099, 12, 31)),
    written_time=st.sampled_from(["0000", "1200", "235959"]),
    code=st.sampled_from(["A", "E", "R", "Z"]),
    note=st.integers(0, 99).map("{:03d}".format),
)


def test_an_acknowledgement_comes_back_as_it_went() -> None:
    data = write_ta1([REJECTED], envelope=ENVELOPE)

    assert read_ta1(data) == (REJECTED,)
    assert data.endswith(b"~TA1*000000042*260201*1200*R*025~IEA*0*000000042~")
    assert pyx12_check(data.decode()).errors == ()


@given(st.lists(ACKNOWLEDGEMENTS, min_size=1, max_size=3), strategies.SEPARATORS)
@settings(max_examples=60, deadline=None)
def test_what_is_written_is_read_as_it_was(said: list[InterchangeAcknowledgement], separators: Separators) -> None:
    envelope = replace(ENVELOPE, separators=separators)

    data = write_ta1(said, envelope=envelope)

    assert read_ta1(data) == tuple(said)
    assert write_ta1(read_ta1(data), envelope=envelope) == data


def test_a_file_without_a_ta1_has_none() -> None:
    assert read_ta1(write_999([ACKNOWLEDGED], envelope=ENVELOPE, first_control_number=1)) == ()


def test_an_acknowledgement_may_stand_before_a_group() -> None:
    text = write_999([ACKNOWLEDGED], envelope=ENVELOPE, first_control_number=1).decode()
    both = text.replace("~GS*FA*", "~TA1*000000042*260201*1200*R*025~GS*FA*").encode()

    assert read_ta1(both) == (REJECTED,)
    assert read_999(both) == (ACKNOWLEDGED,)


def test_nothing_is_not_acknowledged() -> None:
    with pytest.raises(CannotBeWritten):
        write_ta1([], envelope=ENVELOPE)


def test_a_number_that_would_change_is_not_written() -> None:
    for number in ("", "0000000042", "forty~two"):
        with pytest.raises(CannotBeWritten):
            write_ta1([replace(REJECTED, control_number=number)], envelope=ENVELOPE)


@pytest.mark.parametrize("broken", [(b"TA1*000000042", b"TA1*forty-two"), (b"*260201*1200*R", b"*261301*1200*R")])
def test_what_cannot_be_read_is_refused(broken: tuple[bytes, bytes]) -> None:
    with pytest.raises(UnreadableSegment) as refusal:
        read_ta1(write_ta1([REJECTED], envelope=ENVELOPE).replace(*broken))

    assert (refusal.value.segment, refusal.value.segment_id) == (2, "TA1")


@needs_samples
@pytest.mark.parametrize(
    ("name", "number", "code", "note"),
    [
        ("selfmade/TA1_accepted", "000000001", "A", "000"),
        ("selfmade/TA1_rejected_duplicate", "000000001", "R", "025"),
        ("TA1/staedi_x12_interchange_ack", "000000050", "A", "000"),
    ],
)
def test_the_sample_acknowledgements_are_read(name: str, number: str, code: str, note: str) -> None:
    (read,) = read_ta1((SAMPLES / f"{name}.edi").read_bytes())

    assert (read.control_number, read.code, read.note) == (number, code, note)
