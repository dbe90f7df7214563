"""The scrub of one encounter: what it waits for, and what the rules said of the latest codes.

Owns: the private facts of waiting and mending, and the decision between `CodesValidated` and `CodesRejected`. Refuses
no fact: late, repeated and outdated ones add nothing. A person may let a finding pass, for as long as the codes stay,
and may withdraw that until a payer has the claim; what that may not touch is refused. Next: `rules/` for what is
judged, `reactors.py` for who asks.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby
from typing import Annotated, ClassVar, Final, Literal, TypeAlias, assert_never

from msgspec import Meta, structs

from services.validation.domain.payer_rule.draft import PREFIX
from services.validation.domain.payer_rule.in_force import NOBODY, PayerJudges
from services.validation.domain.person import by_person
from services.validation.domain.rule import Rule
from services.validation.domain.rule_set import in_force
from services.validation.domain.rules import RULE_SETS, RULES
from services.validation.domain.subject import ScrubSubject
from services.validation.domain.told import told
from shared.events.coding import CodingVersion
from shared.events.envelope import Actor, Event
from shared.events.validation import (
    AuthorizedLine,
    CodesRejected,
    CodesValidated,
    Finding,
    FindingOverridden,
    Override,
    OverrideLapsed,
    OverrideReason,
)
from shared.kernel.dates import Instant
from shared.kernel.decider import Decider
from shared.kernel.errors import NotFound, Rejected
from shared.kernel.identifiers import EncounterId, PatientId, PayerId
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
    None for a rule that only lacks a table: nobody mends that at an encounter, and the outcome says it.
    """

    key: ClassVar[str] = "encounter_id"
    encounter_id: EncounterId
    rule_id: RuleId
    coding_version: CodingVersion
    findings: Annotated[tuple[Finding, ...], Meta(description="All that the rule found, at least one.")]
    raised_at: Instant
    payer_id: Annotated[PayerId | None, Meta(description="Whose claim it would be first; none: the patient pays.")] = (
        None
    )


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
ScrubFact: TypeAlias = PrivateScrubEvent | CodesValidated | CodesRejected | FindingOverridden | OverrideLapsed


class FindingNotFound(NotFound):
    """The last scrub of these codes has no failure of this rule; what could not be judged is no failure."""

    slug = "finding-not-found"


class CodesChanged(Rejected):
    """The encounter has other codes by now than those whose finding should pass: look at their findings."""

    slug = "codes-changed"


class FindingNotOverridable(Rejected):
    """No payer could read a claim that breaks this rule, so that nobody may let it pass."""

    slug = "finding-not-overridable"


class OverrideNotFound(NotFound):
    """Nobody let this rule's findings pass in the latest codes, or somebody withdrew that already."""

    slug = "override-not-found"


class ClaimUnderWay(Rejected):
    """A payer has the claim and may decide on it: what let it go is not withdrawn any more, the claim is corrected."""

    slug = "claim-under-way"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scrub:
    """How far the scrub of an encounter is; `None` in its place means that no codes came yet.

    **Shape**: `findings` are those of the last outcome, also while a later set of codes waits; `let_pass` is what a
    person let pass in this set of codes, without the mark and the edition.
    """

    coding_version: int
    status: Literal["waiting", "validated", "rejected"]
    missing: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    editions: tuple[str, ...] = ()
    rule_set_version: str = ""
    filing_deadline_on: date | None = None
    authorizations: tuple[AuthorizedLine, ...] = ()
    let_pass: tuple[tuple[Finding, Override], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ScrubCodes:
    """Judge the latest codes of an encounter.

    **Shape**: `subject` None: `missing` says what it lacks; `payer_judges` are the rules of payers for these codes.
    """

    encounter_id: str
    patient_id: str
    coding_version: int
    missing: tuple[str, ...]
    subject: ScrubSubject | None
    now: datetime
    payer_judges: PayerJudges = NOBODY


@dataclass(frozen=True, slots=True, kw_only=True)
class OverrideFinding:
    """Let pass what a rule found in one set of codes, and scrub again at once. **Shape**: `coding_version` as seen."""

    rule_id: str
    coding_version: int
    reason: OverrideReason
    note: str | None
    actor: Actor
    again: ScrubCodes


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawOverride:
    """Withdraw what a person let pass of a rule in one set of codes, and scrub again at once.

    **Shape**: `coding_version` as seen; `under_way`: a payer has the claim, as far as is known here.
    """

    rule_id: str
    coding_version: int
    note: str
    under_way: bool
    actor: Actor
    again: ScrubCodes


ScrubCommand: TypeAlias = ScrubCodes | OverrideFinding | WithdrawOverride


def decide(scrub: Scrub | None, command: ScrubCommand) -> tuple[ScrubFact, ...]:
    """Return the facts that a command adds; none where it is about older codes or changes nothing.

    **Errors**: `FindingNotFound`, `CodesChanged`, `FindingNotOverridable`, `PersonNeeded` for an override;
    `OverrideNotFound`, `CodesChanged`, `ClaimUnderWay`, `PersonNeeded` for withdrawing one.
    """
    match command:
        case ScrubCodes():
            return _judge(scrub, command)
        case OverrideFinding():
            return _override(scrub, command)
        case WithdrawOverride():
            return _withdraw(scrub, command)
        case _:
            assert_never(command)


def _judge(scrub: Scrub | None, command: ScrubCodes) -> tuple[ScrubFact, ...]:
    if scrub is not None and command.coding_version < scrub.coding_version:
        return ()
    lapsed = _lapsed_with_codes(scrub, command)
    if command.subject is None:
        return (*lapsed, *_wait(scrub, command))
    return (*lapsed, *_conclude(scrub, command, command.subject))


def findings_of(subject: ScrubSubject, rules: tuple[Rule, ...] = RULES) -> tuple[Finding, ...]:
    """Return what rules find, in their order, and as much of it as a fact holds."""
    return told([finding for rule in rules for finding in rule.findings(subject)])


def stops(findings: tuple[Finding, ...]) -> bool:
    """Return whether one of the findings stops the claim: an error that nobody let pass."""
    return any(each.severity == "error" and each.outcome == "fail" and each.overridden is None for each in findings)


def _override(scrub: Scrub | None, command: OverrideFinding) -> tuple[ScrubFact, ...]:
    """Return the override and what it leads to; nothing where all was let pass before."""
    by_person(command.actor)
    if scrub is None:
        raise FindingNotFound("these codes were not scrubbed")
    if not scrub.coding_version == command.coding_version == command.again.coding_version:
        raise CodesChanged("the encounter has other codes by now")
    failed = [each for each in scrub.findings if each.rule_id == command.rule_id and each.outcome == "fail"]
    if scrub.status == "waiting" or command.again.subject is None or not failed:
        raise FindingNotFound("the last scrub of these codes has no failure of this rule")
    if not _overridable(command.rule_id, command.again.payer_judges):
        raise FindingNotOverridable("no payer could read such a claim; mend it")
    left = tuple(each for each in failed if each.overridden is None)
    if not left:
        return ()
    overridden = FindingOverridden(
        encounter_id=command.again.encounter_id,
        patient_id=command.again.patient_id,
        coding_version=command.coding_version,
        rule_id=command.rule_id,
        rule_version=left[0].rule_version,
        findings=left,
        reason=command.reason,
        note=command.note,
        overridden_by=command.actor.id,
        overridden_at=command.again.now,
    )
    return (overridden, *_judge(evolve(scrub, overridden), command.again))


def _withdraw(scrub: Scrub | None, command: WithdrawOverride) -> tuple[ScrubFact, ...]:
    """Return that an override lapsed, and what that leads to."""
    by_person(command.actor)
    if scrub is None:
        raise OverrideNotFound("these codes were not scrubbed")
    if not scrub.coding_version == command.coding_version == command.again.coding_version:
        raise CodesChanged("the encounter has other codes by now, and what was let pass has lapsed with the old ones")
    if command.again.subject is None or all(finding.rule_id != command.rule_id for finding, _ in scrub.let_pass):
        raise OverrideNotFound("nothing of this rule was let pass")
    if command.under_way:
        raise ClaimUnderWay("a payer has the claim; correct it instead")
    lapsed = _lapsed(scrub, command.rule_id, command.again, command)
    return (lapsed, *_judge(evolve(scrub, lapsed), command.again))


def _lapsed_with_codes(scrub: Scrub | None, command: ScrubCodes) -> tuple[OverrideLapsed, ...]:
    """Return what was let pass in older codes than these, rule by rule."""
    if scrub is None or scrub.coding_version == command.coding_version:
        return ()
    rule_ids = dict.fromkeys(finding.rule_id for finding, _ in scrub.let_pass)
    return tuple(_lapsed(scrub, rule_id, command) for rule_id in rule_ids)


def _lapsed(scrub: Scrub, rule_id: str, again: ScrubCodes, withdrawn: WithdrawOverride | None = None) -> OverrideLapsed:
    findings = tuple(finding for finding, _ in scrub.let_pass if finding.rule_id == rule_id)
    return OverrideLapsed(
        encounter_id=again.encounter_id,
        patient_id=again.patient_id,
        coding_version=scrub.coding_version,
        rule_id=rule_id,
        rule_version=findings[-1].rule_version,
        findings=findings,
        reason="withdrawn" if withdrawn else "codes-changed",
        note=withdrawn.note if withdrawn else None,
        lapsed_by=withdrawn.actor.id if withdrawn else None,
        lapsed_at=again.now,
    )


def _overridable(rule_id: str, judges: PayerJudges) -> bool:
    if rule_id.startswith(PREFIX):
        return judges.overridable(rule_id)
    return any(rule.overridable for rule in RULES if rule.id == rule_id)


def _marked(findings: tuple[Finding, ...], scrub: Scrub | None, coding_version: int) -> tuple[Finding, ...]:
    """Return findings with the mark of those that a person let pass in these codes; a new edition lifts none."""
    let_pass = dict(_still_passing(scrub, coding_version))
    if not let_pass:
        return findings
    return tuple(structs.replace(each, overridden=let_pass.get(_bare(each))) for each in findings)


def _bare(finding: Finding) -> Finding:
    return structs.replace(finding, edition=None, overridden=None)


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
    judging = in_force(RULE_SETS, command.now)
    found = (*findings_of(subject, judging.rules), *command.payer_judges.findings(subject))
    findings = _marked(found, scrub, command.coding_version)
    rejected = stops(findings)
    after = Scrub(
        coding_version=command.coding_version,
        status="rejected" if rejected else "validated",
        findings=findings,
        editions=subject.editions,
        rule_set_version=command.payer_judges.after(judging.version),
        filing_deadline_on=None if rejected else subject.filing_deadline_on,
        authorizations=() if rejected else _authorizations(subject),
        let_pass=_still_passing(scrub, command.coding_version),
    )
    if scrub == after:
        return ()
    outcome = _rejected(after, command) if rejected else _validated(after, command, subject)
    before = scrub.missing if scrub else ()
    return (*_arrived(before, command), *_changed(scrub.findings if scrub else (), findings, command), outcome)


def _authorizations(subject: ScrubSubject) -> tuple[AuthorizedLine, ...]:
    """Return the consents that a claim to the first payer names, also one that a person let have too many units."""
    return tuple(
        AuthorizedLine(line_no=each.line_no, authorization_id=each.authorization_id)
        for each in subject.authorized
        if each.place == 1 and each.standing in {"covered", "units-exceeded"}
    )


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
        if not _told(earlier.get(rule_id, ()), findings):
            yield FindingRaised(
                encounter_id=command.encounter_id,
                coding_version=command.coding_version,
                rule_id=rule_id,
                findings=findings,
                raised_at=command.now,
                payer_id=_payer_id(command.subject),
            )
    for rule_id in earlier:
        if rule_id not in now_found:
            yield FindingMended(
                encounter_id=command.encounter_id,
                coding_version=command.coding_version,
                rule_id=rule_id,
                mended_at=command.now,
            )


def _payer_id(subject: ScrubSubject | None) -> str | None:
    return next((coverage.payer_id for coverage in subject.coverages), None) if subject else None


def _told(before: tuple[Finding, ...], after: tuple[Finding, ...]) -> bool:
    """Return whether a rule finds what it found before, apart from marks that `FindingOverridden` has told."""
    if len(before) != len(after):
        return False
    return all(
        old == new or old == structs.replace(new, overridden=None) for old, new in zip(before, after, strict=True)
    )


def _by_rule(findings: tuple[Finding, ...]) -> dict[str, tuple[Finding, ...]]:
    """Return what somebody can mend at this encounter, rule by rule; what only lacks tables is left out."""
    by_rule = ((rule_id, tuple(each)) for rule_id, each in groupby(findings, key=lambda finding: finding.rule_id))
    return {rule_id: each for rule_id, each in by_rule if any(finding.missing_table is None for finding in each)}


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
        authorizations=after.authorizations,
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
            return replace(
                before,
                coding_version=event.coding_version,
                status="waiting",
                missing=event.missing,
                let_pass=_still_passing(scrub, event.coding_version),
            )
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
                authorizations=event.authorizations if isinstance(event, CodesValidated) else (),
                let_pass=_still_passing(scrub, event.coding_version),
            )
        case FindingOverridden():
            return replace(scrub, let_pass=(*scrub.let_pass, *_let_pass(event))) if scrub else None
        case OverrideLapsed():
            return _without(scrub, event.rule_id) if scrub else None
        case _:
            assert_never(event)


def _without(scrub: Scrub, rule_id: str) -> Scrub:
    return replace(scrub, let_pass=tuple(each for each in scrub.let_pass if each[0].rule_id != rule_id))


def _still_passing(scrub: Scrub | None, coding_version: int) -> tuple[tuple[Finding, Override], ...]:
    """Return what a person let pass; it lapses when the codes change."""
    return scrub.let_pass if scrub and scrub.coding_version == coding_version else ()


def _let_pass(event: FindingOverridden) -> Iterator[tuple[Finding, Override]]:
    override = Override(reason=event.reason, overridden_by=event.overridden_by, overridden_at=event.overridden_at)
    return ((_bare(finding), override) for finding in event.findings)


def stream(command: ScrubCommand) -> str:
    """Return the history that a command is decided on: one per encounter."""
    encounter_id = command.encounter_id if isinstance(command, ScrubCodes) else command.again.encounter_id
    return f"scrub-{encounter_id}"


SCRUBS: Final[Decider[Scrub | None, ScrubCommand, ScrubFact]] = Decider(
    commands=members(ScrubCommand), events=members(ScrubFact), stream=stream, initial=None, decide=decide, evolve=evolve
)
