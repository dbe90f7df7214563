"""The history of a scrub over HTTP: every outcome with its rule set, editions and findings, as of any instant."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final, Literal

from msgspec import structs
from pydantic import Field

from services.validation.api.body import ROUTER, Body
from services.validation.api.scrub import STREAM, ScrubNotFound
from services.validation.domain.scrub import ScrubWaiting
from services.validation.projections.scrubs import ScrubFinding
from shared.events.envelope import Envelope, Event
from shared.events.validation import (
    CodesRejected,
    CodesValidated,
    Finding,
    FindingOverridden,
    LapseReason,
    Override,
    OverrideLapsed,
    OverrideReason,
)
from shared.kernel.erased import known
from shared.runtime.http import Access, CallAsOf

ACCESS: Final[Mapping[str, Access]] = {
    "GET /v1/scrubs/{encounter_id}/history": Access(
        scope="validation.read", reads="events", as_of=True, version_of=STREAM
    ),
}


class ScrubMoment(Body):
    """What became of a scrub. **Shape**: `by` is an account or a reaction; `lapsed`: what was let pass passes no more.

    `reason` and `note` are those of an override, or of its end.
    """

    recorded_at: datetime = Field(description="When it was recorded.")
    status: Literal["waiting", "validated", "rejected", "overridden", "lapsed"] = Field(
        description="What became of the scrub."
    )
    by: str = Field(description="Which account or reaction.", examples=["coder-7"])
    coding_version: int = Field(description="Which codes.", examples=[1])
    missing: tuple[str, ...] = ()
    rule_set_version: str | None = None
    editions: tuple[str, ...] = ()
    findings: tuple[ScrubFinding, ...] = Field(default=(), description="What rules found.")
    filing_deadline_on: date | None = Field(default=None, description="Last day on which a claim is in time.")
    note: str | None = Field(default=None, description="Why, in words.", examples=["payer agreed by phone"])
    reason: OverrideReason | LapseReason | None = Field(default=None, description="Why, a slug.")


class ScrubHistory(Body):
    """All of them, oldest first. **Shape**: what `as_of` names, or before."""

    encounter_id: str
    items: tuple[ScrubMoment, ...] = Field(description="Oldest first.")


@ROUTER.get("/scrubs/{encounter_id}/history")
async def show_history(encounter_id: str, call: CallAsOf) -> ScrubHistory:
    """Return what rules said of an encounter's codes, scrub by scrub. **Errors**: 404 `scrub-not-found`."""
    facts = await call.facts(f"scrub-{encounter_id}")
    if not facts:
        raise ScrubNotFound("no codes of this encounter came here")
    moments = (_moment(envelope, event) for envelope, event in facts)
    return ScrubHistory(encounter_id=encounter_id, items=tuple(each for each in moments if each is not None))


def _moment(envelope: Envelope, event: Event | None) -> ScrubMoment | None:
    """Return what a fact says of the scrub; nothing where it only says it once more."""
    at, by = envelope.recorded_at, envelope.actor.id
    match event:
        case ScrubWaiting(coding_version=version, missing=missing):
            return ScrubMoment(recorded_at=at, status="waiting", by=by, coding_version=version, missing=missing)
        case CodesValidated() | CodesRejected():
            return _outcome(event, at, by)
        case FindingOverridden():
            return ScrubMoment(
                recorded_at=at,
                status="overridden",
                by=by,
                coding_version=event.coding_version,
                findings=_shown(_with_mark(event)),
                note=known(event.note, otherwise=None),
                reason=event.reason,
            )
        case OverrideLapsed():
            return ScrubMoment(
                recorded_at=at,
                status="lapsed",
                by=by,
                coding_version=event.coding_version,
                findings=_shown(event.findings),
                note=known(event.note, otherwise=None),
                reason=event.reason,
            )
        case _:
            return None


def _outcome(event: CodesValidated | CodesRejected, at: datetime, by: str) -> ScrubMoment:
    validated = isinstance(event, CodesValidated)
    return ScrubMoment(
        recorded_at=at,
        status="validated" if validated else "rejected",
        by=by,
        coding_version=event.coding_version,
        rule_set_version=event.rule_set_version,
        editions=event.editions,
        findings=_shown(event.findings),
        filing_deadline_on=event.filing_deadline_on if isinstance(event, CodesValidated) else None,
    )


def _with_mark(event: FindingOverridden) -> tuple[Finding, ...]:
    mark = Override(reason=event.reason, overridden_by=event.overridden_by, overridden_at=event.overridden_at)
    return tuple(structs.replace(finding, overridden=mark) for finding in event.findings)


def _shown(findings: tuple[Finding, ...]) -> tuple[ScrubFinding, ...]:
    return tuple(map(ScrubFinding.of, findings))
