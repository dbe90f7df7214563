"""Every claim as it stands: what is asked for, how far it is towards the payer, and whose turn it is.

Two of the five axes, work and submission; `adjudications.py` has the three of money. A claim has no other status.
"""

from datetime import date, datetime
from typing import Any, Final, Literal, TypeAlias, assert_never

from msgspec import Struct
from msgspec.structs import replace

from services.claims.domain.batch_facts import SubmissionFailed
from services.claims.domain.claim import CODES_HOLDS, Fact
from services.claims.domain.claim_facts import (
    ClaimAdjudicated,
    ClaimAuthorizationsNoted,
    ClaimQueued,
    ClaimResubmissionAsked,
    CodingChangedAfterSubmission,
)
from shared.events.claims import (
    ClaimAccepted,
    ClaimAcknowledged,
    ClaimAssembled,
    ClaimHeld,
    ClaimHoldReleased,
    ClaimLine,
    ClaimPriced,
    ClaimRejected,
    ClaimSubmitted,
    Level,
    PricedLine,
)
from shared.events.validation import AuthorizedLine
from shared.kernel.projection import Projection, one_stream
from shared.kernel.unions import members

RowEvent: TypeAlias = Fact | SubmissionFailed
SubmissionAxis: TypeAlias = Literal[
    "assembled",
    "held",
    "queued",
    "failed",
    "submitted",
    "acknowledged",
    "accepted-by-clearinghouse",
    "accepted-by-payer",
    "rejected",
]
WorkOwner: TypeAlias = Literal["nobody", "biller", "coder", "clearinghouse", "payer", "denial-specialist"]
_FURTHER: Final[tuple[SubmissionAxis, ...]] = (
    "queued",
    "failed",
    "submitted",
    "acknowledged",
    "accepted-by-clearinghouse",
    "accepted-by-payer",
    "rejected",
)
_TURN: Final[dict[SubmissionAxis, WorkOwner]] = {
    "assembled": "nobody",
    "held": "biller",
    "queued": "nobody",
    "failed": "biller",
    "submitted": "clearinghouse",
    "acknowledged": "clearinghouse",
    "accepted-by-clearinghouse": "payer",
    "accepted-by-payer": "payer",
    "rejected": "biller",
}


class ClaimRow(Struct, frozen=True, kw_only=True, gc=False):
    """One row: a claim.

    **Shape**: `work_reason` is why it is that owner's turn; `level` who answered last; `ready_at` since when it may go
    out; `newer_coding_version` are codes that came too late for it; submission fields are those of the last sending.
    `codes_hold_reason` is a hold that validated codes end, `hold_reason` one that a person ends; both may stand.
    `authorizations` are the payer's consents that it names.
    """

    claim_id: str
    encounter_id: str
    patient_id: str
    coverage_id: str
    payer_id: str
    coding_version: int
    diagnoses: tuple[str, ...]
    lines: tuple[ClaimLine, ...]
    place_of_service: str
    rendering_provider_id: str | None
    billing_provider_id: str
    rule_set_version: str
    filing_deadline_on: date | None
    ready_at: datetime
    priced: tuple[PricedLine, ...] = ()
    charge_cents: int = 0
    fee_schedule_versions: tuple[str, ...] = ()
    submission: SubmissionAxis = "assembled"
    work_owner: WorkOwner = "nobody"
    work_reason: str | None = None
    hold_reason: str | None = None
    codes_hold_reason: str | None = None
    hold_until_on: date | None = None
    level: Level | None = None
    status_codes: tuple[str, ...] = ()
    submission_id: str | None = None
    patient_control_number: str | None = None
    batch_id: str | None = None
    submitted_at: datetime | None = None
    payer_claim_number: str | None = None
    newer_coding_version: int | None = None
    codes_changed: bool = False
    adjudicated: bool = False
    authorizations: tuple[AuthorizedLine, ...] = ()


def keys(event: RowEvent) -> tuple[str, ...]:
    """Return the claims that a fact is about."""
    return event.claim_ids if isinstance(event, SubmissionFailed) else (event.claim_id,)


def leads(event: RowEvent) -> tuple[str, ...]:
    """Return the file that a claim went out in: where its sending failed, the fact stands there."""
    return (f"batch-{event.batch_id}",) if isinstance(event, ClaimQueued) else ()


def apply(row: ClaimRow | None, event: RowEvent) -> ClaimRow | None:  # noqa: C901, PLR0911, PLR0912 (one per fact)
    """Return the claim after a fact."""
    if isinstance(event, ClaimAssembled):
        return _assembled(row, event)
    if row is None:
        return None
    match event:
        case ClaimPriced():
            return replace(
                row,
                priced=event.lines,
                charge_cents=event.charge_cents,
                fee_schedule_versions=event.fee_schedule_versions,
            )
        case ClaimHeld():
            codes = event.reason in CODES_HOLDS
            held = replace(row, codes_hold_reason=event.reason) if codes else replace(row, hold_reason=event.reason)
            return _shown(replace(held, hold_until_on=event.until_on))
        case ClaimHoldReleased():
            return _released(row, event)
        case ClaimAuthorizationsNoted():
            return replace(row, authorizations=event.authorizations)
        case ClaimResubmissionAsked():
            return replace(row, submission="assembled", work_owner="nobody", work_reason=None, ready_at=event.asked_at)
        case ClaimQueued():
            return _queued(row, event)
        case SubmissionFailed():
            return replace(row, **_progress(row, row.submission_id, "failed", reason=event.error_slug))
        case ClaimSubmitted():
            progress = _progress(row, event.submission_id, "submitted")
            return replace(row, submitted_at=event.submitted_at, **progress)
        case ClaimAcknowledged():
            return replace(row, **_progress(row, event.submission_id, "acknowledged", event))
        case ClaimAccepted():
            axis: SubmissionAxis = "accepted-by-payer" if event.level == "payer" else "accepted-by-clearinghouse"
            progress = _progress(row, event.submission_id, axis, event)
            number = event.payer_claim_number or row.payer_claim_number
            return replace(row, payer_claim_number=number, **progress)
        case ClaimRejected():
            reason = f"rejected-by-{event.level}"
            return replace(row, **_progress(row, event.submission_id, "rejected", event, reason=reason))
        case CodingChangedAfterSubmission():
            return replace(row, newer_coding_version=event.coding_version, codes_changed=True)
        case ClaimAdjudicated():
            denied = event.decision != "paid"
            owner: WorkOwner = "denial-specialist" if denied else "nobody"
            decision = event.decision if denied else None
            return _shown(replace(row, adjudicated=True, work_owner=owner, work_reason=decision))
        case _:
            assert_never(event)


def _assembled(row: ClaimRow | None, event: ClaimAssembled) -> ClaimRow:
    fresh = ClaimRow(
        claim_id=event.claim_id,
        encounter_id=event.encounter_ids[0],
        patient_id=event.patient_id,
        coverage_id=event.coverage_id,
        payer_id=event.payer_id,
        coding_version=event.coding_version,
        diagnoses=event.diagnoses,
        lines=event.lines,
        place_of_service=event.place_of_service,
        rendering_provider_id=event.rendering_provider_id,
        billing_provider_id=event.billing_provider_id,
        rule_set_version=event.rule_set_version,
        filing_deadline_on=event.filing_deadline_on,
        ready_at=event.assembled_at,
    )
    if row is None:
        return fresh
    until_on = row.hold_until_on
    holds = replace(fresh, hold_reason=row.hold_reason, codes_hold_reason=row.codes_hold_reason, hold_until_on=until_on)
    return _shown(replace(holds, adjudicated=row.adjudicated))


def _released(row: ClaimRow, event: ClaimHoldReleased) -> ClaimRow:
    """Return a claim after a hold ended: that for codes, where there is one, and only then the other."""
    left = row.hold_reason if row.codes_hold_reason else None
    return _shown(
        replace(
            row,
            submission="assembled",
            hold_reason=left,
            codes_hold_reason=None,
            hold_until_on=row.hold_until_on if left else None,
            work_owner="nobody",
            work_reason=None,
            ready_at=event.released_at,
        )
    )


def _shown(row: ClaimRow) -> ClaimRow:
    """Return a claim as held where something holds it: first codes, because nobody else can end that hold."""
    reason = row.codes_hold_reason or row.hold_reason
    if reason is None:
        return row
    return replace(
        row, submission="held", work_owner="coder" if row.codes_hold_reason else "biller", work_reason=reason
    )


def _queued(row: ClaimRow, event: ClaimQueued) -> ClaimRow:
    return replace(
        row,
        submission="queued",
        submission_id=event.submission_id,
        patient_control_number=event.patient_control_number,
        batch_id=event.batch_id,
        submitted_at=None,
        level=None,
        status_codes=(),
    )


def _progress(
    row: ClaimRow,
    submission_id: str | None,
    axis: SubmissionAxis,
    answer: ClaimAcknowledged | ClaimAccepted | ClaimRejected | None = None,
    *,
    reason: str | None = None,
) -> dict[str, Any]:
    """Return the fields that news of the current submission changes, which only ever gets further."""
    current = row.submission in _FURTHER and submission_id == row.submission_id
    if not current or _FURTHER.index(axis) < _FURTHER.index(row.submission):
        return {}
    changed: dict[str, Any] = {"submission": axis}
    if answer:
        changed |= {"level": answer.level, "status_codes": answer.status_codes}
    if not row.adjudicated:
        changed |= {"work_owner": _TURN[axis], "work_reason": reason}
    return changed


CLAIM_ROWS: Final[Projection[ClaimRow, RowEvent]] = Projection(
    name="claims",
    version=4,
    source="own",
    row=ClaimRow,
    events=members(RowEvent),
    keys=keys,
    apply=apply,
    streams=one_stream("claim"),
    leads=leads,
    handed_on=("lines", "priced"),
    filters=(
        "submission",
        "work_owner",
        "payer_id",
        "patient_id",
        "encounter_id",
        "payer_claim_number",
        "codes_changed",
        "adjudicated",
    ),
    columns=("work_reason", "filing_deadline_on", "charge_cents"),
    countable=("submission", "work_owner", "work_reason"),
)
