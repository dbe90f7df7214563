"""Which checks came, and how far each of them is: one row a check, without its claims.

A check is `received`, then `posted`; `quarantined` where nothing of it may be posted. Another explanation of a check
that was received is an exception of its own (`exception_queue.py`) and changes nothing here.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final, Literal, TypeAlias, assert_never

from services.payments.domain.remittance_facts import (
    DuplicateRemittanceDetected,
    QuarantineLevel,
    RemittanceClaimMatched,
    RemittanceQuarantined,
    RemittanceRead,
)
from shared.events.payments import RemittancePosted, RemittanceReceived
from shared.kernel.projection import Projection, one_stream
from shared.kernel.unions import members

State: TypeAlias = Literal["received", "posted", "quarantined"]


@dataclass(frozen=True, slots=True)
class RemittanceRow:
    """One row: a check. **Shape**: keyed by remittance; `file_sha256` brought it first. **Units**: cents."""

    remittance_id: str
    state: State
    file_sha256: str
    body_sha256: str
    paid_cents: int
    claim_count: int
    payer_identifier: str | None
    trace_number: str | None
    paid_on: date | None = None
    method: str | None = None
    reading_id: str | None = None
    source: str | None = None
    unmatched_count: int = 0
    provider_adjustment_cents: int = 0
    duplicate_count: int = 0
    level: QuarantineLevel | None = None
    reason: str | None = None
    difference_cents: int = 0
    received_at: datetime | None = None
    posted_at: datetime | None = None


Fact: TypeAlias = (
    RemittanceReceived
    | RemittanceRead
    | RemittanceQuarantined
    | DuplicateRemittanceDetected
    | RemittanceClaimMatched
    | RemittancePosted
)


def keys(event: Fact) -> tuple[str, ...]:
    """Return the check that a fact is about."""
    return (event.remittance_id,)


def apply(row: RemittanceRow | None, event: Fact) -> RemittanceRow | None:
    """Return the check after a fact."""
    match event:
        case RemittanceReceived():
            return _received(row, event)
        case RemittanceQuarantined():
            return _quarantined(row, event)
        case RemittanceRead():
            return row and replace(row, reading_id=event.reading_id, source=event.source)
        case DuplicateRemittanceDetected():
            return row and replace(row, duplicate_count=row.duplicate_count + 1)
        case RemittanceClaimMatched():
            # While a check is posted its matches come before its count of what is unmatched; only later ones lower it.
            return row and replace(row, unmatched_count=row.unmatched_count - (row.state == "posted"))
        case RemittancePosted():
            return row and replace(
                row,
                state="posted",
                level=None,
                reason=None,
                difference_cents=0,
                unmatched_count=event.unmatched_count,
                provider_adjustment_cents=event.provider_adjustment_cents,
                posted_at=event.posted_at,
            )
        case _:
            assert_never(event)


def _received(row: RemittanceRow | None, event: RemittanceReceived) -> RemittanceRow:
    return RemittanceRow(
        remittance_id=event.remittance_id,
        state="received",
        file_sha256=event.file_sha256,
        body_sha256=event.body_sha256,
        paid_cents=event.paid_cents,
        claim_count=event.claim_count,
        payer_identifier=event.payer_identifier,
        trace_number=event.trace_number,
        paid_on=event.paid_on,
        method=event.method,
        duplicate_count=row.duplicate_count if row else 0,
        received_at=event.received_at,
    )


def _quarantined(row: RemittanceRow | None, event: RemittanceQuarantined) -> RemittanceRow:
    if row is None:
        row = RemittanceRow(
            remittance_id=event.remittance_id,
            state="quarantined",
            file_sha256=event.file_sha256,
            body_sha256=event.body_sha256,
            paid_cents=event.paid_cents,
            claim_count=event.claim_count,
            payer_identifier=event.payer_identifier,
            trace_number=event.trace_number,
            received_at=event.quarantined_at,
        )
    if row.body_sha256 != event.body_sha256:
        return row
    return replace(
        row, state="quarantined", level=event.level, reason=event.reason, difference_cents=event.difference_cents
    )


REMITTANCES: Final[Projection[RemittanceRow, Fact]] = Projection(
    name="remittances",
    version=2,
    source="own",
    row=RemittanceRow,
    events=members(Fact),
    keys=keys,
    apply=apply,
    streams=one_stream("remittance"),
    filters=("state", "payer_identifier", "trace_number"),
    columns=("paid_on",),
    countable=("state",),
)
