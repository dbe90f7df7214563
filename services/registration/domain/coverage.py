"""A coverage: one patient's insurance with one payer, for a range of days.

Owns: adding it, and which coverages count on a day, in which order. Refuses: whether the payer agrees (eligibility).
Next: `appointment.py` takes the order at the desk.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Protocol, get_args

from msgspec import structs

from services.registration.domain.identity import joined, same
from shared.events.registration import CoverageAdded, FilingOrder, Relationship
from shared.kernel.decider import Decider, Name
from shared.kernel.erased import Erased
from shared.kernel.errors import Malformed, Rejected
from shared.kernel.person import Subscriber

FILING_ORDERS: Final[tuple[FilingOrder, ...]] = get_args(FilingOrder)


@dataclass(frozen=True, slots=True, kw_only=True)
class AddCoverage:
    """Keep what an insurance card says. **Shape**: `subscriber` for everybody but the insured."""

    coverage_id: str
    patient_id: str
    payer_id: str
    filing_order: FilingOrder
    plan: str | None
    relationship: Relationship
    member_id: str
    group_number: str | None
    subscriber: Subscriber | None
    effective_from_on: date
    effective_to_on: date | None
    now: datetime


class EffectiveRangeReversed(Malformed):
    """A coverage ends on or after the day on which it begins."""

    slug = "effective-range-reversed"


class SubscriberUnclear(Malformed):
    """The subscriber is the patient, or is described: a claim has to name the insured."""

    slug = "subscriber-unclear"


class CoverageDiffers(Rejected):
    """A coverage is added once: other content for it is for a person to judge, and never dropped in silence."""

    slug = "coverage-differs"


def decide(coverage: CoverageAdded | None, command: AddCoverage) -> tuple[CoverageAdded, ...]:
    """Return the coverage, none for a repeat of the same card.

    **Errors**: `CoverageDiffers`, `EffectiveRangeReversed`, `SubscriberUnclear`.
    """
    if coverage is not None:
        if not same(structs.replace(_added(command), added_at=coverage.added_at), coverage):
            raise CoverageDiffers("the coverage is known with other content; nothing of it was changed")
        return ()
    if command.effective_to_on is not None and command.effective_to_on < command.effective_from_on:
        raise EffectiveRangeReversed("the coverage ends before it begins")
    if (command.relationship == "self") != (command.subscriber is None):
        raise SubscriberUnclear("describe the subscriber exactly when the patient is somebody else")
    return (_added(command),)


def _added(command: AddCoverage) -> CoverageAdded:
    return CoverageAdded(
        coverage_id=command.coverage_id,
        patient_id=command.patient_id,
        payer_id=command.payer_id,
        filing_order=command.filing_order,
        plan=command.plan,
        relationship=command.relationship,
        member_id=command.member_id,
        group_number=command.group_number,
        subscriber=command.subscriber,
        effective_from_on=command.effective_from_on,
        effective_to_on=command.effective_to_on,
        added_at=command.now,
    )


def evolve(_: CoverageAdded | None, event: CoverageAdded) -> CoverageAdded:
    """Return the state after a stored fact: the coverage as it was added."""
    return event


def stream(command: AddCoverage) -> str:
    """Return the history that a command is decided on: one per coverage."""
    return f"coverage-{command.coverage_id}"


def names(event: CoverageAdded) -> tuple[Name, ...]:
    """Return what a fact reserves: the patient's place in that payer's line from that day, under that number.

    The patient is part of it, because a family shares one member id. **Shape**: nothing for an erased member id.
    """
    if isinstance(event.member_id, Erased):
        return ()
    since = event.effective_from_on.isoformat()
    return (Name("coverage", joined(event.patient_id, event.payer_id, event.filing_order, since, event.member_id)),)


COVERAGES: Final[Decider[CoverageAdded | None, AddCoverage, CoverageAdded]] = Decider(
    commands=(AddCoverage,),
    events=(CoverageAdded,),
    stream=stream,
    initial=None,
    decide=decide,
    evolve=evolve,
    names=names,
)


class Insurance(Protocol):
    """What must be known of a coverage to put it in order."""

    @property
    def coverage_id(self) -> str:
        """Return which coverage it is."""

    @property
    def filing_order(self) -> FilingOrder:
        """Return whose turn the payer has."""

    @property
    def effective_from_on(self) -> date:
        """Return the first insured day."""

    @property
    def effective_to_on(self) -> date | None:
        """Return the last insured day, None where none is known."""


def order_on(coverages: Iterable[Insurance], day: date) -> tuple[str, ...]:
    """Return the coverages that hold on a day, in filing order. **Shape**: ids, at most one for each place.

    A newer card takes the place of an older one: of two coverages for the same place the one that began later counts.
    """
    holding = [
        each
        for each in coverages
        if each.effective_from_on <= day and (each.effective_to_on is None or day <= each.effective_to_on)
    ]
    holding.sort(key=lambda each: (each.effective_from_on, each.coverage_id))
    newest = {each.filing_order: each.coverage_id for each in holding}
    return tuple(newest[place] for place in FILING_ORDERS if place in newest)
