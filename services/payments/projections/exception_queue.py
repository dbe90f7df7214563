"""What a poster must look at: checks in quarantine, payments without a claim, files that cannot be read, duplicates.

A row goes when a later fact settles it; a duplicate asks for nothing and stays to be seen.
"""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Annotated, Final, Literal, TypeAlias, assert_never

from msgspec import Meta

from services.payments.domain.inbound_file import InboundFileUnreadable, RemittanceFileSeen
from services.payments.domain.remittance_facts import (
    DuplicateRemittanceDetected,
    QuarantineEnded,
    RemittanceClaimMatched,
    RemittanceClaimUnmatched,
    RemittanceQuarantined,
)
from shared.kernel.projection import Projection
from shared.kernel.unions import members

Kind: TypeAlias = Literal["quarantined", "unmatched", "unreadable", "duplicate"]


@dataclass(frozen=True, slots=True)
class ExceptionRow:
    """One row: one thing to look at. **Shape**: `place` is a claim's index, or a segment's number. **Units**: cents."""

    exception_id: Annotated[
        str, Meta(description="What is to be looked at.", examples=["unmatched/0190f3c2-0000-7000-8000-000000000008/0"])
    ]
    kind: Annotated[Kind, Meta(description="What it is.")]
    needs_action: Annotated[bool, Meta(description="Whether somebody has to do something.")]
    reason: str
    remittance_id: str | None
    file_sha256: str | None
    seen_at: datetime
    level: str | None = None
    place: Annotated[
        int | None, Meta(description="A claim's place in its check from 0, or a segment's from 1.", examples=[0])
    ] = None
    patient_control_number: str | None = None
    paid_cents: Annotated[int, Meta(description="What was paid, in cents.", examples=[12000])] = 0
    difference_cents: int = 0


Fact: TypeAlias = (
    RemittanceQuarantined
    | QuarantineEnded
    | RemittanceClaimUnmatched
    | RemittanceClaimMatched
    | DuplicateRemittanceDetected
    | InboundFileUnreadable
    | RemittanceFileSeen
)


def quarantine_key(remittance_id: str, body_sha256: str) -> str:
    """Return the row of an explanation that is held."""
    return f"quarantined/{remittance_id}/{body_sha256}"


def keys(event: Fact) -> tuple[str, ...]:
    """Return the row that a fact opens or settles."""
    match event:
        case RemittanceQuarantined() | QuarantineEnded():
            return (quarantine_key(event.remittance_id, event.body_sha256),)
        case RemittanceClaimUnmatched() | RemittanceClaimMatched():
            return (f"unmatched/{event.remittance_id}/{event.index}",)
        case DuplicateRemittanceDetected():
            return (f"duplicate/{event.remittance_id}/{event.file_sha256}",)
        case InboundFileUnreadable():
            return (f"unreadable/{event.file_sha256}",)
        case RemittanceFileSeen():  # while its bytes could not be had, its id was kept in their place
            return (f"unreadable/{sha256(event.remote_id.encode()).hexdigest()}",)
        case _:
            assert_never(event)


def apply(row: ExceptionRow | None, event: Fact) -> ExceptionRow | None:
    """Return what is to be looked at after a fact; None when it is settled."""
    match event:
        case RemittanceQuarantined():
            return _quarantined(event)
        case RemittanceClaimUnmatched():
            return _unmatched(event)
        case DuplicateRemittanceDetected():
            return _duplicate(event)
        case InboundFileUnreadable():
            return _unreadable(event)
        case RemittanceFileSeen():
            return row if event.kind == "unreadable" else None
        case QuarantineEnded() | RemittanceClaimMatched():
            return None
        case _:
            assert_never(event)


def _quarantined(event: RemittanceQuarantined) -> ExceptionRow:
    return ExceptionRow(
        exception_id=keys(event)[0],
        kind="quarantined",
        needs_action=True,
        reason=event.reason,
        remittance_id=event.remittance_id,
        file_sha256=event.file_sha256,
        seen_at=event.quarantined_at,
        level=event.level,
        paid_cents=event.paid_cents,
        difference_cents=event.difference_cents,
    )


def _unmatched(event: RemittanceClaimUnmatched) -> ExceptionRow:
    return ExceptionRow(
        exception_id=keys(event)[0],
        kind="unmatched",
        needs_action=True,
        reason=event.reason,
        remittance_id=event.remittance_id,
        file_sha256=None,
        seen_at=event.unmatched_at,
        place=event.index,
        patient_control_number=event.patient_control_number,
        paid_cents=event.paid_cents,
    )


def _duplicate(event: DuplicateRemittanceDetected) -> ExceptionRow:
    return ExceptionRow(
        exception_id=keys(event)[0],
        kind="duplicate",
        needs_action=False,
        reason="same-check-again",
        remittance_id=event.remittance_id,
        file_sha256=event.file_sha256,
        seen_at=event.detected_at,
    )


def _unreadable(event: InboundFileUnreadable) -> ExceptionRow:
    return ExceptionRow(
        exception_id=keys(event)[0],
        kind="unreadable",
        needs_action=True,
        reason=event.slug,
        remittance_id=None,
        file_sha256=event.file_sha256,
        seen_at=event.received_at,
        place=event.segment,
    )


EXCEPTIONS: Final[Projection[ExceptionRow, Fact]] = Projection(
    name="exceptions",
    version=3,
    source="own",
    row=ExceptionRow,
    events=members(Fact),
    keys=keys,
    apply=apply,
    filters=("kind", "needs_action", "remittance_id"),
    columns=("paid_cents",),
    countable=("kind",),
)
