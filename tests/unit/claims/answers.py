"""What a front end answers, as bytes: TA1, 999 and 277CA about numbers that a test names."""

from datetime import UTC, date, datetime
from typing import Final, Literal

from shared.x12.party import Member, PersonName
from shared.x12.segments import Entity
from shared.x12.sets.t277ca_x214 import (
    BilledProvider,
    ClaimAcknowledgement,
    ClaimStatus,
    Status,
    StatusInformation,
    write_277ca,
)
from shared.x12.sets.t999_x231a1 import GroupAcknowledgement, SegmentError, SetAcknowledgement, write_999
from shared.x12.sets.ta1 import InterchangeAcknowledgement, write_ta1
from shared.x12.writer import Envelope

ENVELOPE: Final = Envelope(
    sender_id="CLEARINGHOUSE",
    receiver_id="CLAIMLOG",
    written_at=datetime(2026, 3, 11, 9, tzinfo=UTC),
    interchange_control_number=77,
    group_control_number=77,
)
CLINIC: Final = Entity(role="85", name="EXAMPLE CLINIC", id_qualifier="XX", id="1234567893")
PATIENT: Final = Member(name=PersonName(last_name="SAMPLE", first_name="ADA"), member_id="PAID0001")


def answer_ta1(control_number: str, code: str = "A", note: str = "") -> bytes:
    """Return what a clearinghouse says of an interchange."""
    said = InterchangeAcknowledgement(
        control_number=control_number,
        written_on=date(2026, 3, 10),
        written_time="1200",
        code=code,
        note=note or ("000" if code == "A" else "024"),
    )
    return write_ta1([said], envelope=ENVELOPE)


def answer_999(group: str, code: str = "A", *sets: str, errors: tuple[SegmentError, ...] = ()) -> bytes:
    """Return what a clearinghouse says of a group, and of each set that is named."""
    said = tuple(
        SetAcknowledgement(set_id="837", control_number=each, code=code, errors=errors, syntax_codes=())
        for each in sets
    )
    number = max(len(sets), 1)
    group_said = GroupAcknowledgement(
        functional_id="HC",
        group_control_number=group,
        code=code,
        sets_included=number,
        sets_received=number,
        sets_accepted=number if code in {"A", "E"} else 0,
        sets=said,
    )
    return write_999([group_said], envelope=ENVELOPE, first_control_number=1)


def answer_277ca(
    *claims: tuple[str, str], level: Literal["clearinghouse", "payer"] = "payer", payer_claim_number: str = ""
) -> bytes:
    """Return what is said of claims. **Shape**: each with its patient control number and a category such as A2."""
    found = tuple(
        ClaimStatus(
            patient_control_number=number,
            information=(StatusInformation(statuses=(Status(category=category, status="20", entity="PR"),)),),
            payer_control_number=payer_claim_number,
        )
        for number, category in claims
    )
    said = ClaimAcknowledgement(
        level=level,
        source=Entity(
            role="PR" if level == "payer" else "AY", name="EXAMPLE HEALTH PLAN", id_qualifier="46", id="EXHP1"
        ),
        reference="REF1",
        receiver=Entity(role="41", name="CLAIMLOG PRACTICE", id_qualifier="46", id="CLAIMLOG"),
        batch_reference="000000001-0001",
        providers=(BilledProvider(entity=CLINIC, claims=found),) if found else (),
    )
    patients = {number: PATIENT for number, _ in claims}
    return write_277ca([said], envelope=ENVELOPE, first_control_number=1, patients=patients)
