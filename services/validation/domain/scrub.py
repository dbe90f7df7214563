"""The scrub of one encounter: what it waits for, and what the rules said of the latest codes.

Owns: the private facts of waiting and mending, and the decision between `CodesValidated` and `CodesRejected`. Refuses
nothing: late, repeated and outdated facts add nothing. Next: `rules/` for what is judged, `reactors.py` for who asks.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby
from typing import Annotated, ClassVar, Final, Literal, TypeAlias, assert_never

from msgspec import Meta

from services.validation.domain.rules import RULE_SET_VERSION, RULES
from services.validation.domain.subject import ScrubSubject
from shared.events.coding import CodingVersion
from shared.events.envelope import Event
from shared.events.validation import CodesRejected, CodesValidated, Finding
from shared.kernel.dates import Instant
from shared.kernel.decider import Decider
from shared.kernel.identifiers import EncounterId, PatientId
from shared.kernel.unions import members

Things = Annotated[
    tuple[str, ...],
    Meta(
        description="Facts by kind and id: encounter, patient, coverage, payer, provider.",
        examples=[["patient/0190f3c2-0000-7000-8000-000000000001"]],
    ),
]

RuleId = Annotated[str, Meta(description="The rule; its file has this name.", examples=["diagnosis_billable"])]


class ScrubWaiting(Event, frozen=True, kw_only=True):
    """A scrub lacks facts of others. **Moment**: codes or a fact came, and something is missing.

    **Key**: `encounter_id`. **Versions**: 1 (2026-11).
    """

    key: ClassVar[str] = "encounter_id"
    encounter_id: EncounterId
    patient_id: PatientId
    coding_version: CodingVersion
    missing: Annotated[Things, Meta(description="All that it waits for now.")]
    waiting_at: Instant


class AwaitedFactsArrived(Event, frozen=True, kw_only=True):
    """A scrub waits for some facts no more. **Moment**: in one unit with what follows. **Key**: `encounter_id`.

    **Versions**: 1 (2026-11).
    """

    key: ClassVar[str] = "encounter_id"
    encounter_id: EncounterId
    arrived: Annotated[Things, Meta(description="What it waited for until now.")]
    arrived_at: Instant


class FindingRaised(Event, frozen=True, kw_only=True):
    """A rule found something, or something else than before. **Moment**: in one unit with the outcome.

    **Key**: `encounter_id`. **Versions**: 1 (2026-11). One fact for each rule, because each is one row of a work list.
    """

    key: ClassVar[str] = "encounter_id"
    encounter_id: EncounterId
    rule_id: RuleId
    coding_version: CodingVersion
    findings: Annotated[tuple[Finding, ...], Meta(description="All that the rule found, at least one.")]
    raised_at: Instant


class FindingMended(Event, frozen=True, kw_only=True):
    """A rule that had found something finds nothing any more. **Moment**: in one unit with the outcome.

    **Key**: `encounter_id`. **Versions**: 1 (2026-11).
    """

    key: ClassVar[str] = "encounter_id"
    encounter_id: EncounterId
    rule_id: RuleId
    coding_version: CodingVersion
    mended_at: Instant


PrivateScrubEvent: TypeAlias = ScrubWaiting | AwaitedFactsArrived | FindingRaised | FindingMended
ScrubFact: TypeAlias = PrivateScrubEvent | CodesValidated | CodesRejected


@dataclass(frozen=True, slots=True, kw_only=True)
class Scrub:
    """How far the scrub of an encounter is; `None` in its place means that no codes came yet.

    **Shape**: `findings` are those of the last outcome, also while a later set of codes waits.
    """

    coding_version: int
    status: Literal["waiting", "validated", "rejected"]
    missing: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    editions: tuple[str, ...] = ()
    rule_set_version: str = ""
    filing_deadline_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScrubCodes:
    """Judge the latest codes of an encounter. **Shape**: `subject` None: `missing` says what it lacks."""

    encounter_id: str
    patient_id: str
    coding_version: int
    missing: tuple[str, ...]
    subject: ScrubSubject | None
    now: datetime


def decide(scrub: Scrub | None, command: ScrubCodes) -> tuple[ScrubFact, ...]:
    """Return the facts that a command adds; none where it is about older codes or changes nothing."""
    if scrub is not None and command.coding_version < scrub.coding_version:
        return ()
    if command.subject is None:
        return _wait(scrub, command)
    return _conclude(scrub, command, command.subject)


def findings_of(subject: ScrubSubject) -> tuple[Finding, ...]:
    """Return what all rules find, in their order."""
    return tuple(finding for rule in RULES for finding in rule.findings(subject))


def stops(findings: tuple[Finding, ...]) -> bool:
    """Return whether one of the findings stops the claim."""
    return any(finding.outcome == "fail" and finding.severity == "error" for finding in findings)


def _wait(scrub: Scrub | None, command: ScrubCodes) -> tuple[ScrubFact, ...]:
    before = scrub.missing if scrub else ()
    same = scrub is not None and scrub.coding_version == command.coding_version
    if same and scrub is not None and (scrub.status != "waiting" or before == command.missing):
        return ()
    waiting = ScrubWaiting(
        encounter_id=command.encounter_id,
        patient_id=command.patient_id,
        coding_version=command.coding_version,
        missing=command.missing,
        waiting_at=command.now,
    )
    return (*_arrived(before, command), waiting)


def _conclude(scrub: Scrub | None, command: ScrubCodes, subject: ScrubSubject) -> tuple[ScrubFact, ...]:
    findings = findings_of(subject)
    rejected = stops(findings)
    after = Scrub(
        coding_version=command.coding_version,
        status="rejected" if rejected else "validated",
        findings=findings,
        editions=subject.editions,
        rule_set_version=RULE_SET_VERSION,
        filing_deadline_on=None if rejected else subject.filing_deadline_on,
    )
    if scrub == after:
        return ()
    outcome = _rejected(after, command) if rejected else _validated(after, command, subject)
    before = scrub.missing if scrub else ()
    return (*_arrived(before, command), *_changed(scrub.findings if scrub else (), findings, command), outcome)


def _arrived(before: tuple[str, ...], command: ScrubCodes) -> tuple[AwaitedFactsArrived, ...]:
    arrived = tuple(thing for thing in before if thing not in command.missing)
    if not arrived:
        return ()
    return (AwaitedFactsArrived(encounter_id=command.encounter_id, arrived=arrived, arrived_at=command.now),)


def _changed(
    before: tuple[Finding, ...], after: tuple[Finding, ...], command: ScrubCodes
) -> Iterator[FindingRaised | FindingMended]:
    """Yield what differs from the outcome before, rule by rule; most scrubs are the first and find next to nothing."""
    earlier, now_found = _by_rule(before), _by_rule(after)
    for rule_id, findings in now_found.items():
        if earlier.get(rule_id) != findings:
            yield FindingRaised(
                encounter_id=command.encounter_id,
                coding_version=command.coding_version,
                rule_id=rule_id,
                findings=findings,
                raised_at=command.now,
            )
    for rule_id in earlier:
        if rule_id not in now_found:
            yield FindingMended(
                encounter_id=command.encounter_id,
                coding_version=command.coding_version,
                rule_id=rule_id,
                mended_at=command.now,
            )


def _by_rule(findings: tuple[Finding, ...]) -> dict[str, tuple[Finding, ...]]:
    return {rule_id: tuple(each) for rule_id, each in groupby(findings, key=lambda finding: finding.rule_id)}


def _validated(after: Scrub, command: ScrubCodes, subject: ScrubSubject) -> CodesValidated:
    return CodesValidated(
        encounter_id=command.encounter_id,
        patient_id=command.patient_id,
        coding_version=after.coding_version,
        rule_set_version=after.rule_set_version,
        editions=after.editions,
        findings=after.findings,
        filing_days_left=subject.filing_days_left,
        filing_deadline_on=subject.filing_deadline_on,
        validated_at=command.now,
    )


def _rejected(after: Scrub, command: ScrubCodes) -> CodesRejected:
    return CodesRejected(
        encounter_id=command.encounter_id,
        patient_id=command.patient_id,
        coding_version=after.coding_version,
        rule_set_version=after.rule_set_version,
        editions=after.editions,
        findings=after.findings,
        rejected_at=command.now,
    )


def evolve(scrub: Scrub | None, event: ScrubFact) -> Scrub | None:
    """Return the state after a stored fact."""
    match event:
        case ScrubWaiting():
            before = scrub or Scrub(coding_version=event.coding_version, status="waiting")
            return replace(before, coding_version=event.coding_version, status="waiting", missing=event.missing)
        case AwaitedFactsArrived():
            left = tuple(thing for thing in scrub.missing if thing not in event.arrived) if scrub else ()
            return replace(scrub, missing=left) if scrub else None
        case FindingRaised() | FindingMended():
            return scrub
        case CodesValidated() | CodesRejected():
            return Scrub(
                coding_version=event.coding_version,
                status="validated" if isinstance(event, CodesValidated) else "rejected",
                findings=event.findings,
                editions=event.editions,
                rule_set_version=event.rule_set_version,
                filing_deadline_on=event.filing_deadline_on if isinstance(event, CodesValidated) else None,
            )
        case _:
            assert_never(event)


def stream(command: ScrubCodes) -> str:
    """Return the history that a command is decided on: one per encounter."""
    return f"scrub-{command.encounter_id}"


SCRUBS: Final[Decider[Scrub | None, ScrubCodes, ScrubFact]] = Decider(
    commands=(ScrubCodes,), events=members(ScrubFact), stream=stream, initial=None, decide=decide, evolve=evolve
)
