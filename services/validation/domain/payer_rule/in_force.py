"""Which rules of payers judge, in which mode and since when: one history for a tenant, so that its sets are numbered.

Owns: the way of a version from advisory (its findings are warnings) to enforcing (what it finds stops a claim), and
which versions judge a set of codes. A version judges codes that were assigned at or after the instant from which it is
in force, and no others: what was coded before stays with the rules of then. A next version advises beside the one that
is enforced, until it is enforced itself. A retired rule judges nothing any more.
Refuses: programs, an instant in the past, enforcing what did not advise first. Next: `scrub.py` asks `judges_of`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Annotated, ClassVar, Final, TypeAlias, assert_never

from msgspec import Meta, Struct

from services.validation.domain.payer_rule.claim import claim_of
from services.validation.domain.payer_rule.condition import PayerRule, Warn
from services.validation.domain.payer_rule.draft import Drafted, PayerRuleId, Version
from services.validation.domain.payer_rule.judging import Judge, Mode
from services.validation.domain.person import by_person
from services.validation.domain.subject import ScrubSubject
from shared.events.envelope import Actor, Event
from shared.events.validation import Finding
from shared.kernel.dates import Instant
from shared.kernel.decider import Decider
from shared.kernel.errors import NotFound, Rejected
from shared.kernel.unions import members

JUDGES_MAX: Final = 100
"""Versions of all rules that judge the same codes."""
TERMS_MAX: Final = 8
"""Terms of a rule that are kept, beside what is enforced: codes of an older one are scrubbed again without it."""
FINDINGS_MAX: Final = JUDGES_MAX
"""What they together tell of a claim, each something: an outcome is one fact, whose size has a limit."""
STREAM: Final = "payer-rules"
_AT_LAST: Final = datetime.max.replace(tzinfo=UTC)
Number: TypeAlias = Annotated[int, Meta(description="Which set of rules of payers this makes, from 1.", examples=[3])]
Account: TypeAlias = Annotated[str, Meta(description="Whose account; never a name.", examples=["biller-2"])]


class PayerRuleActivated(Event, frozen=True, kw_only=True):
    """A version of a rule of a payer judges from an instant on. **Moment**: a person decides. **Key**: `rule_id`.

    **Versions**: 1 (2026-11). It has the rule with it, so that who judges needs no other fact.
    """

    key: ClassVar[str] = "rule_id"
    rule_id: PayerRuleId
    version: Version
    mode: Annotated[Mode, Meta(description="Whether what it finds stops a claim.", examples=["advisory"])]
    in_force_from: Annotated[Instant, Meta(description="Judges codes that are assigned from then on.")]
    number: Number
    rule: Annotated[PayerRule, Meta(description="What it asks for.")]
    drafted_by: Account
    activated_by: Account
    activated_at: Instant


class PayerRuleRetired(Event, frozen=True, kw_only=True):
    """A rule of a payer judges no codes any more. **Moment**: a person decides. **Key**: `rule_id`.

    **Versions**: 1 (2026-11). What it found stands until the codes are scrubbed again.
    """

    key: ClassVar[str] = "rule_id"
    rule_id: PayerRuleId
    number: Number
    retired_by: Account
    retired_at: Instant


PayerRuleFact: TypeAlias = PayerRuleActivated | PayerRuleRetired


class PayerRuleNotInForce(NotFound):
    """No version of this rule judges, now or later."""

    slug = "payer-rule-not-in-force"


class PayerRuleInThePast(Rejected):
    """A rule would judge from an instant that has passed: rules do not change for codes that were assigned."""

    slug = "payer-rule-in-the-past"


class PayerRuleNotAdvised(Rejected):
    """This version was not in force as advisory yet; what it finds is looked at before it stops claims."""

    slug = "payer-rule-not-advised"


class PayerRuleOnlyWarns(Rejected):
    """The rule warns, whatever it finds; draft it with another action to stop claims."""

    slug = "payer-rule-only-warns"


class PayerRulesFull(Rejected):
    """As many versions of rules of payers judge as may; retire one, or enforce what advises beside another."""

    slug = "payer-rules-full"


class Term(Struct, frozen=True, kw_only=True, gc=False):
    """A version in force in a mode, until the next term of the rule. **Shape**: `number` of the set that it made."""

    number: int
    version: int
    mode: Mode
    in_force_from: datetime
    rule: PayerRule
    drafted_by: str
    activated_by: str

    def ends_with(self, later: "Term") -> bool:
        """Return whether a later term takes the place of this one.

        An enforced version goes on beside others that advise, until one is enforced, or it is told to advise itself.
        """
        return self.mode == "advisory" or later.mode == "enforcing" or later.version == self.version


class RuleTerms(Struct, frozen=True, kw_only=True, gc=False):
    """The terms of a rule by their begin, at least one."""

    rule_id: str
    terms: tuple[Term, ...]

    def at(self, assigned_at: datetime) -> tuple[Term, ...]:
        """Return the terms that judge what is assigned at an instant: none, one, or one that advises beside another."""
        return _standing([each for each in self.terms if each.in_force_from <= assigned_at])

    def shown(self, now: datetime) -> tuple[Term, ...]:
        """Return the terms that judge what is assigned at an instant, or else the first to come."""
        return self.at(now) or self.terms[:1]


class Retirement(Struct, frozen=True, kw_only=True, gc=False):
    """A rule was retired: a change of the set for codes that were assigned since it was first in force."""

    number: int
    since: datetime


class PayerRules(Struct, frozen=True, kw_only=True, gc=False):
    """What judges. **Shape**: by id; `number` counts all changes; retirements by their number, and by `since` too."""

    number: int = 0
    retired: tuple[Retirement, ...] = ()
    rules: tuple[RuleTerms, ...] = ()

    def __hash__(self) -> int:
        """Return the number: what is made ready is looked up once a scrub, and few tenants are at the same one."""
        return self.number

    def terms(self, rule_id: str) -> tuple[Term, ...]:
        """Return the terms of a rule, none where it is not in force."""
        return next((each.terms for each in self.rules if each.rule_id == rule_id), ())


def _standing(terms: Sequence[Term]) -> tuple[Term, ...]:
    """Return the terms whose place no later one has taken."""
    return tuple(each for at, each in enumerate(terms) if not any(map(each.ends_with, terms[at + 1 :])))


NO_RULES: Final = PayerRules()


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivateRule:
    """Let a version judge. **Shape**: no `in_force_from`: from now on."""

    drafted: Drafted
    mode: Mode
    in_force_from: datetime | None
    actor: Actor
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RetireRule:
    """Let a rule judge no more."""

    rule_id: str
    actor: Actor
    now: datetime


PayerRuleCommand: TypeAlias = ActivateRule | RetireRule


def decide(rules: PayerRules, command: PayerRuleCommand) -> tuple[PayerRuleFact, ...]:
    """Return the next set; nothing where the rule judges so already.

    **Errors**: `PersonNeeded`; `PayerRuleInThePast`, `PayerRuleNotAdvised`, `PayerRuleOnlyWarns`, `PayerRulesFull`;
    `PayerRuleNotInForce`.
    """
    match command:
        case ActivateRule():
            return _activate(rules, command)
        case RetireRule():
            return _retire(rules, command)
        case _:
            assert_never(command)


def _activate(rules: PayerRules, command: ActivateRule) -> tuple[PayerRuleActivated, ...]:
    activated_by, drafted = by_person(command.actor), command.drafted
    begins = command.in_force_from or command.now
    if begins < command.now:
        raise PayerRuleInThePast("name an instant that is still to come, or none for now")
    terms = rules.terms(drafted.rule_id)
    last = terms[-1] if terms else None
    if last and (last.version, last.mode) == (drafted.version, command.mode) and last.in_force_from <= begins:
        return ()
    if command.mode == "enforcing":
        _refuse_to_enforce(drafted, terms, command.now)
    activated = PayerRuleActivated(
        rule_id=drafted.rule_id,
        version=drafted.version,
        mode=command.mode,
        in_force_from=begins,
        number=rules.number + 1,
        rule=drafted.draft.rule,
        drafted_by=drafted.drafted_by,
        activated_by=activated_by,
        activated_at=command.now,
    )
    _refuse_too_many(evolve(rules, activated), begins)
    return (activated,)


def _refuse_too_many(rules: PayerRules, begins: datetime) -> None:
    """Refuse what makes too many versions judge, then or once all that is to come has begun."""
    for at in (begins, _AT_LAST):
        if sum(len(each.shown(at)) for each in rules.rules) > JUDGES_MAX:
            raise PayerRulesFull(f"every version looks at every claim, so at most {JUDGES_MAX} judge: retire a rule")


def _refuse_to_enforce(drafted: Drafted, terms: tuple[Term, ...], now: datetime) -> None:
    if isinstance(drafted.draft.rule.action, Warn):
        raise PayerRuleOnlyWarns("a warning never stops a claim")
    if not any(each.version == drafted.version and each.in_force_from <= now for each in terms):
        raise PayerRuleNotAdvised("activate this version as advisory first")


def _retire(rules: PayerRules, command: RetireRule) -> tuple[PayerRuleRetired, ...]:
    retired_by = by_person(command.actor)
    if not rules.terms(command.rule_id):
        raise PayerRuleNotInForce("there is nothing to retire")
    return (
        PayerRuleRetired(
            rule_id=command.rule_id, number=rules.number + 1, retired_by=retired_by, retired_at=command.now
        ),
    )


def evolve(rules: PayerRules, event: PayerRuleFact) -> PayerRules:
    """Return what judges after a fact.

    **Shape**: a term takes the place of those that would have begun after it, and of what it ends as that begins.
    """
    others = {each.rule_id: each for each in rules.rules if each.rule_id != event.rule_id}
    retired = rules.retired
    match event:
        case PayerRuleActivated():
            term = _term(event)
            before = tuple(each for each in rules.terms(event.rule_id) if _goes_before(each, term))
            others[event.rule_id] = RuleTerms(rule_id=event.rule_id, terms=_kept((*before, term)))
        case PayerRuleRetired():
            since = rules.terms(event.rule_id)[0].in_force_from
            earlier = (each for each in retired if each.since < since)  # the others count for no codes any more
            retired = (*earlier, Retirement(number=event.number, since=since))
        case _:
            assert_never(event)
    return PayerRules(
        number=event.number,
        retired=retired,
        rules=tuple(others[rule_id] for rule_id in sorted(others)),
    )


def _goes_before(earlier: Term, term: Term) -> bool:
    if earlier.in_force_from == term.in_force_from:
        return not earlier.ends_with(term)
    return earlier.in_force_from < term.in_force_from


def _kept(terms: tuple[Term, ...]) -> tuple[Term, ...]:
    """Return the latest terms, and the one before them that may still be enforced."""
    before = [each for each in terms[:-TERMS_MAX] if each.mode == "enforcing"]
    return (*before[-1:], *terms[-TERMS_MAX:])


def _term(event: PayerRuleActivated) -> Term:
    return Term(
        number=event.number,
        version=event.version,
        mode=event.mode,
        in_force_from=event.in_force_from,
        rule=event.rule,
        drafted_by=event.drafted_by,
        activated_by=event.activated_by,
    )


@dataclass(frozen=True, slots=True)
class PayerJudges:
    """The rules of payers that judge one set of codes, and the number of the last set that changed which ones."""

    number: int
    judges: tuple[tuple[Judge, Mode], ...]

    def findings(self, subject: ScrubSubject) -> Iterator[Finding]:
        """Yield what they find, by rule."""
        if self.judges:
            claim = claim_of(subject)
            each_max = max(1, FINDINGS_MAX // len(self.judges))
            for judge, mode in self.judges:
                yield from judge.findings(claim, mode, each_max)

    def after(self, rule_set_version: str) -> str:
        """Return which rules judge, these after those of a set."""
        return f"{rule_set_version}+{self.number}" if self.number else rule_set_version

    def overridable(self, rule_id: str) -> bool:
        """Return whether a person may let pass what a rule found; one that judges no more forbids nothing."""
        return all(judge.rule.overridable for judge, _ in self.judges if judge.rule_id == rule_id)


NOBODY: Final = PayerJudges(0, ())


def judges_of(rules: PayerRules | None, assigned_at: datetime) -> PayerJudges:
    """Return the rules that judge codes which were assigned at an instant."""
    if rules is None:
        return NOBODY
    number = max((each.number for each in rules.retired if each.since <= assigned_at), default=0)
    judges: list[tuple[Judge, Mode]] = []
    ready = _ready(rules)
    for each in rules.rules:
        begun = [term for term in each.terms if term.in_force_from <= assigned_at]
        number = max(number, *(term.number for term in begun), 0)
        judges += ((ready[term.number], term.mode) for term in _standing(begun))
    return PayerJudges(number, tuple(judges))


@lru_cache(256)
def _ready(rules: PayerRules) -> Mapping[int, Judge]:
    """Return the rule of every term made ready, by the term's number; once a set."""
    return {term.number: Judge.of(each.rule_id, term.version, term.rule) for each in rules.rules for term in each.terms}


def stream(_: PayerRuleCommand) -> str:
    """Return the history that a command is decided on: one for all rules of a tenant, because it numbers the sets."""
    return STREAM


PAYER_RULE_SETS: Final[Decider[PayerRules, PayerRuleCommand, PayerRuleFact]] = Decider(
    commands=members(PayerRuleCommand),
    events=members(PayerRuleFact),
    stream=stream,
    initial=NO_RULES,
    decide=decide,
    evolve=evolve,
)
