"""The life of each claim as facts, in the order in which they were recorded here, with the files that prove them."""

from datetime import datetime
from typing import Final, TypeAlias, assert_never

from msgspec import Struct
from msgspec.structs import replace

from services.claims.domain.batch_facts import (
    InterchangeAccepted,
    InterchangeRejected,
    SubmissionFailed,
    TransactionSetAccepted,
    TransactionSetRejected,
)
from services.claims.domain.claim import Fact
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
    ClaimPriced,
    ClaimRejected,
    ClaimSubmitted,
)
from shared.kernel.projection import Projection, one_stream
from shared.kernel.unions import members

FileFact: TypeAlias = (
    SubmissionFailed | InterchangeAccepted | InterchangeRejected | TransactionSetAccepted | TransactionSetRejected
)
TimelineEvent: TypeAlias = Fact | FileFact


class Entry(Struct, frozen=True, kw_only=True):
    """One fact. **Shape**: `fact` is its type; `codes` sum it up; `level` who answered; a file where one proves it."""

    fact: str
    at: datetime
    codes: tuple[str, ...] = ()
    level: str | None = None
    submission_id: str | None = None
    file_sha256: str | None = None


class Timeline(Struct, frozen=True):
    """One row, keyed by claim. **Shape**: oldest first."""

    entries: tuple[Entry, ...]

    def has_file(self, file_sha256: str) -> bool:
        """Return whether a file names this claim."""
        return any(entry.file_sha256 == file_sha256 for entry in self.entries)


def keys(event: TimelineEvent) -> tuple[str, ...]:
    """Return the claims that a fact is about."""
    return event.claim_ids if isinstance(event, FileFact) else (event.claim_id,)


def leads(event: TimelineEvent) -> tuple[str, ...]:
    """Return the file that a claim went out in: what became of it stands there."""
    return (f"batch-{event.batch_id}",) if isinstance(event, ClaimQueued) else ()


def apply(row: Timeline | None, event: TimelineEvent) -> Timeline:
    """Return the life of the claim with one more fact."""
    entry = replace(_file_entry(event) if isinstance(event, FileFact) else _entry(event), fact=type(event).__name__)
    return Timeline((*(row.entries if row else ()), entry))


def _file_entry(event: FileFact) -> Entry:
    match event:
        case SubmissionFailed():
            return Entry(fact="", at=event.failed_at, codes=(event.error_slug,))
        case InterchangeAccepted() | InterchangeRejected() | TransactionSetAccepted() | TransactionSetRejected():
            return Entry(
                fact="", at=event.answered_at, codes=event.codes, level="clearinghouse", file_sha256=event.file_sha256
            )
        case _:
            assert_never(event)


def _entry(event: Fact) -> Entry:  # noqa: C901, PLR0911, PLR0912 (one per fact)
    match event:
        case ClaimAssembled():
            return Entry(fact="", at=event.assembled_at, codes=(f"coding-version:{event.coding_version}",))
        case ClaimPriced():
            return Entry(fact="", at=event.priced_at, codes=event.fee_schedule_versions)
        case ClaimHeld():
            return Entry(fact="", at=event.held_at, codes=(event.reason,))
        case ClaimHoldReleased():
            return Entry(fact="", at=event.released_at, codes=(event.reason,))
        case ClaimQueued():
            return Entry(fact="", at=event.queued_at, submission_id=event.submission_id, file_sha256=event.file_sha256)
        case ClaimSubmitted():
            return Entry(
                fact="",
                at=event.submitted_at,
                codes=(event.patient_control_number,),
                submission_id=event.submission_id,
                file_sha256=event.file_sha256,
            )
        case ClaimAcknowledged():
            return _answer(event, event.acknowledged_at)
        case ClaimAccepted():
            return _answer(event, event.accepted_at)
        case ClaimRejected():
            return _answer(event, event.rejected_at)
        case CodingChangedAfterSubmission():
            return Entry(fact="", at=event.noticed_at, codes=(f"coding-version:{event.coding_version}",))
        case ClaimAuthorizationsNoted():
            named = dict.fromkeys(f"authorization:{line.authorization_id}" for line in event.authorizations)
            return Entry(fact="", at=event.noted_at, codes=tuple(named))
        case ClaimResubmissionAsked():
            return Entry(fact="", at=event.asked_at, codes=(f"coding-version:{event.coding_version}",))
        case ClaimAdjudicated():
            return Entry(fact="", at=event.noted_at, codes=(event.decision,), submission_id=event.submission_id)
        case _:
            assert_never(event)


def _answer(event: ClaimAcknowledged | ClaimAccepted | ClaimRejected, at: datetime) -> Entry:
    return Entry(
        fact="",
        at=at,
        codes=event.status_codes,
        level=event.level,
        submission_id=event.submission_id,
        file_sha256=event.file_sha256,
    )


TIMELINES: Final[Projection[Timeline, TimelineEvent]] = Projection(
    name="timeline",
    version=2,
    source="own",
    row=Timeline,
    events=members(TimelineEvent),
    keys=keys,
    apply=apply,
    streams=one_stream("claim"),
    leads=leads,
)
