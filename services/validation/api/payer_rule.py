"""Rules of payers over HTTP: try and keep drafts, let versions judge, retire rules, and show all of it.

Who has `validation.rules` writes rules and lets them advise; to let one stop claims takes `validation.rules.approve`.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Final, Literal, Self, TypeAlias

from fastapi import Path
from msgspec import to_builtins
from pydantic import Field

from services.validation.api.body import ROUTER, Body
from services.validation.domain.payer_rule.condition import Case, PayerRule
from services.validation.domain.payer_rule.draft import (
    ID_LENGTH_MAX,
    ID_PATTERN,
    Drafted,
    DraftRule,
    PayerRuleDrafted,
    evolve,
)
from services.validation.domain.payer_rule.field import FIELDS, Kind
from services.validation.domain.payer_rule.in_force import (
    NO_RULES,
    PAYER_RULE_SETS,
    STREAM,
    ActivateRule,
    PayerRuleActivated,
    PayerRuleRetired,
    PayerRules,
    RetireRule,
    Term,
)
from services.validation.domain.payer_rule.judging import Judge, Mode, outcome_of
from services.validation.domain.payer_rule.reading import draft_of
from services.validation.projections.payer_rules import PAYER_RULES
from services.validation.projections.payer_rules_in_force import ALL, PAYER_RULES_IN_FORCE
from shared.events.envelope import Envelope, Event
from shared.kernel.errors import NotFound
from shared.runtime.days_and_instants import Instant
from shared.runtime.http import Access, Call, CallAsOf, OneCall
from shared.runtime.pages import Cursor, PageSize

ACCESS: Final[Mapping[str, Access]] = {
    "GET /v1/payer-rules": Access(scope="validation.read", reads="payer_rules, payer_rules_in_force"),
    "GET /v1/payer-rules/{rule_id}": Access(scope="validation.read", reads="events", as_of=True, version_of=STREAM),
    "GET /v1/payer-rule-fields": Access(scope="validation.read", reads="rules"),
    "POST /v1/payer-rule-checks": Access(scope="validation.rules", reads="rules"),
    "POST /v1/payer-rules/{rule_id}/versions": Access(
        scope="validation.rules", does="DraftRule → PayerRuleDrafted", version_of=STREAM
    ),
    "POST /v1/payer-rules/{rule_id}/advisories": Access(
        scope="validation.rules",
        does="ActivateRule → PayerRuleActivated",
        reads="events",
        version_of=STREAM,
        changes=True,
    ),
    "POST /v1/payer-rules/{rule_id}/enforcements": Access(
        scope="validation.rules.approve",
        does="ActivateRule → PayerRuleActivated",
        reads="events",
        version_of=STREAM,
        changes=True,
    ),
    "POST /v1/payer-rules/{rule_id}/retirements": Access(
        scope="validation.rules", does="RetireRule → PayerRuleRetired", version_of=STREAM, changes=True
    ),
}
RuleId: TypeAlias = Annotated[
    str,
    Path(pattern=ID_PATTERN, max_length=ID_LENGTH_MAX, description="A rule of a payer.", examples=["payer-telehealth"]),
]
Json: TypeAlias = Mapping[str, Any]


class DraftedRule(Body):
    """A rule and its cases, as docs/payer-rules.md tells; what is wrong with them is answered place by place."""

    rule: dict[str, Any] = Field(
        description="As docs/payer-rules.md tells.", examples=[{"title": "Telehealth needs modifier 95"}]
    )
    cases: list[Any] = Field(max_length=50, description="As docs/payer-rules.md tells, at most 50.", examples=[[]])


class ActivatedVersion(Body):
    """Which version judges. **Shape**: no `in_force_from`: from now on."""

    version: int = Field(ge=1, le=1_000_000, strict=True)
    in_force_from: Instant | None = None


class RetiredRule(Body):
    """Nothing more is asked."""


class CheckedCase(Body):
    """A case, and what the rule says of it."""

    name: str = Field(description="What it is called.", examples=["with the modifier"])
    expects: Literal["found", "nothing", "no-data"] = Field(description="What it should say.")
    says: Literal["found", "nothing", "no-data"] = Field(description="What it says.")


class CheckedRule(Body):
    """A rule that can be read. **Shape**: `passes`: every case says what it should; `rule` as it would be kept."""

    passes: bool = Field(description="Whether every case says what it should.")
    rule: Json = Field(description="As it would be kept.", examples=[{"title": "Telehealth needs modifier 95"}])
    cases: tuple[CheckedCase, ...]


class RuleVersion(Body):
    """A version of a rule, with its cases."""

    version: int
    rule: Json = Field(
        description="As docs/payer-rules.md tells.", examples=[{"title": "Telehealth needs modifier 95"}]
    )
    cases: tuple[Json, ...] = Field(description="Its cases.", examples=[[]])
    drafted_by: str = Field(description="Who wrote it: an account.", examples=["biller-3"])
    drafted_at: datetime

    @classmethod
    def of(cls, drafted: Drafted) -> Self:
        """Return a version as it is shown."""
        return cls(
            version=drafted.version,
            rule=to_builtins(drafted.draft.rule),
            cases=tuple(map(to_builtins, drafted.draft.cases)),
            drafted_by=drafted.drafted_by,
            drafted_at=drafted.drafted_at,
        )


class RuleTerm(Body):
    """When a version judges, and how. **Shape**: `in_force_until` None: open; `number` of the set that it made."""

    version: int
    mode: Mode
    in_force_from: datetime
    in_force_until: datetime | None = Field(description="Until just before when; null: open.")
    number: int
    activated_by: str


class RuleMoment(Body):
    """What happened to a rule. **Shape**: version, mode and begin where they say something."""

    recorded_at: datetime = Field(description="When it was recorded.")
    what: Literal["drafted", "activated", "retired"] = Field(description="What happened.")
    by: str = Field(description="Who: an account.", examples=["biller-3"])
    version: int | None = None
    mode: Mode | None = None
    in_force_from: datetime | None = None
    number: int | None = None


class ShownPayerRule(Body):
    """A rule of a payer: every version, the terms in which it judges, all that happened, oldest first."""

    rule_id: str
    versions: tuple[RuleVersion, ...] = Field(description="Oldest first.")
    terms: tuple[RuleTerm, ...] = Field(description="When it judges, oldest first.")
    history: tuple[RuleMoment, ...] = Field(description="All that happened, oldest first.")


class ListedPayerRule(Body):
    """A rule of a payer in its latest version. **Shape**: no terms: it does not judge."""

    rule_id: str
    latest_version: int = Field(description="Its newest version.", examples=[2])
    title: str = Field(description="What it asks for.", examples=["Telehealth needs modifier 95"])
    action: Literal["hold", "warn", "fix"] = Field(description="What it does to a claim.")
    drafted_by: str = Field(description="Who wrote that: an account.", examples=["biller-3"])
    drafted_at: datetime
    terms: tuple[RuleTerm, ...] = Field(description="When it judges; none: never.")


class PayerRulePage(Body):
    """One page of rules by id. **Shape**: `number` of the set that judges what is assigned from now on."""

    number: int
    items: tuple[ListedPayerRule, ...]
    next: str | None


class RuleField(Body):
    """Something that a condition may ask about. **Shape**: `single`: there is one such code at most."""

    field: str = Field(description="What a condition may ask about.", examples=["line.modifiers"])
    kind: Kind = Field(description="What its values are.")
    about: str = Field(description="What it means.", examples=["modifiers of the line"])
    single: bool = Field(description="Whether there is one such code at most.")


class RuleFields(Body):
    """All of them."""

    items: tuple[RuleField, ...]


class PayerRuleNotFound(NotFound):
    """No rule of a payer has this id, or no such version."""

    slug = "payer-rule-not-found"


@ROUTER.get("/payer-rule-fields")
async def show_fields(_: Call) -> RuleFields:
    """Return what conditions of rules of payers may ask about."""
    return RuleFields(
        items=tuple(
            RuleField(field=name, kind=field.kind, about=field.about, single=field.single)
            for name, field in FIELDS.items()
        )
    )


@ROUTER.post("/payer-rule-checks")
async def check_rule(body: DraftedRule, _: Call) -> CheckedRule:
    """Return whether a draft can be read and what it says of its cases; nothing is kept.

    **Errors**: 422 `payer-rule-malformed`.
    """
    draft = draft_of(body.model_dump())
    judge = Judge.of("payer-check", 1, draft.rule)
    cases = tuple(_checked(judge, each) for each in draft.cases)
    return CheckedRule(
        passes=all(each.expects == each.says for each in cases), rule=to_builtins(draft.rule), cases=cases
    )


@ROUTER.post("/payer-rules/{rule_id}/versions")
async def draft_rule(rule_id: RuleId, body: DraftedRule, call: Call) -> RuleVersion:
    """Keep a next version of a rule, or the first; it judges nothing yet.

    **Errors**: 422 `payer-rule-malformed`; 409 `payer-rule-cases-fail`, `payer-rule-versions-full`.
    """
    draft = draft_of(body.model_dump())
    command = DraftRule(rule_id=rule_id, draft=draft, actor=call.caller.actor, now=call.now)
    return RuleVersion.of(await call.handle(command))


@ROUTER.post("/payer-rules/{rule_id}/advisories")
async def advise(rule_id: RuleId, body: ActivatedVersion, call: Call) -> ShownPayerRule:
    """Let a version judge what is assigned from an instant on; all that it finds are warnings.

    **Errors**: 404 `payer-rule-not-found`; 409 `payer-rule-in-the-past`, `payer-rules-full`, `person-needed`.
    """
    return await _activate(rule_id, body, "advisory", call)


@ROUTER.post("/payer-rules/{rule_id}/enforcements")
async def enforce(rule_id: RuleId, body: ActivatedVersion, call: Call) -> ShownPayerRule:
    """Let a version stop claims that are assigned from an instant on; it was in force as advisory before.

    **Errors**: 404 `payer-rule-not-found`; 409 `payer-rule-not-advised`, `payer-rule-only-warns`,
    `payer-rule-in-the-past`, `person-needed`.
    """
    return await _activate(rule_id, body, "enforcing", call)


@ROUTER.post("/payer-rules/{rule_id}/retirements")
async def retire(rule_id: RuleId, _: RetiredRule, call: Call) -> ShownPayerRule:
    """Let a rule judge no more. **Errors**: 404 `payer-rule-not-in-force`; 409 `person-needed`."""
    await call.handle(RetireRule(rule_id=rule_id, actor=call.caller.actor, now=call.now))
    return await _shown(rule_id, call)


@ROUTER.get("/payer-rules")
async def show_payer_rules(call: Call, cursor: Cursor = None, page_size: PageSize = 100) -> PayerRulePage:
    """Return the rules of payers of the tenant, those that do not judge too."""
    page = await call.page(PAYER_RULES, cursor=cursor, page_size=page_size)
    rules = await call.row(PAYER_RULES_IN_FORCE, ALL) or NO_RULES
    return PayerRulePage(
        number=rules.number,
        items=tuple(_listed(each, rules) for each in page.items),
        next=page.next,
    )


@ROUTER.get("/payer-rules/{rule_id}")
async def show_payer_rule(rule_id: RuleId, call: CallAsOf) -> ShownPayerRule:
    """Return a rule of a payer with its versions and their cases. **Errors**: 404 `payer-rule-not-found`."""
    return await _shown(rule_id, call)


def _checked(judge: Judge, case: Case) -> CheckedCase:
    return CheckedCase(name=case.name, expects=case.expects, says=outcome_of(judge, case.claim))


async def _activate(rule_id: str, body: ActivatedVersion, mode: Mode, call: OneCall) -> ShownPayerRule:
    drafted = next((each for each in await _versions(rule_id, call) if each.version == body.version), None)
    if drafted is None:
        raise PayerRuleNotFound("no version of this rule has that number")
    await call.handle(
        ActivateRule(
            drafted=drafted, mode=mode, in_force_from=body.in_force_from, actor=call.caller.actor, now=call.now
        )
    )
    return await _shown(rule_id, call)


async def _versions(rule_id: str, call: OneCall) -> tuple[Drafted, ...]:
    facts = await call.facts(f"payer-rule-{rule_id}")
    return tuple(evolve(None, event) for _, event in facts if isinstance(event, PayerRuleDrafted))


async def _shown(rule_id: str, call: OneCall) -> ShownPayerRule:
    drafts = await call.facts(f"payer-rule-{rule_id}")
    changes = await call.facts(STREAM)
    versions = tuple(evolve(None, event) for _, event in drafts if isinstance(event, PayerRuleDrafted))
    if not versions:
        raise PayerRuleNotFound("ask GET /v1/payer-rules for the ids")
    sets = [event for _, event in changes if isinstance(event, PayerRuleActivated | PayerRuleRetired)]
    moments = (_moment(envelope, event, rule_id) for envelope, event in (*drafts, *changes))
    return ShownPayerRule(
        rule_id=rule_id,
        versions=tuple(map(RuleVersion.of, versions)),
        terms=_terms(PAYER_RULE_SETS.state(sets).terms(rule_id)),
        history=tuple(sorted((each for each in moments if each), key=lambda each: each.recorded_at)),
    )


def _moment(envelope: Envelope, event: Event | None, rule_id: str) -> RuleMoment | None:
    at, by = envelope.recorded_at, envelope.actor.id
    match event:
        case PayerRuleDrafted(version=version):
            return RuleMoment(recorded_at=at, what="drafted", by=by, version=version)
        case PayerRuleActivated() if event.rule_id == rule_id:
            return RuleMoment(
                recorded_at=at,
                what="activated",
                by=by,
                version=event.version,
                mode=event.mode,
                in_force_from=event.in_force_from,
                number=event.number,
            )
        case PayerRuleRetired() if event.rule_id == rule_id:
            return RuleMoment(recorded_at=at, what="retired", by=by, number=event.number)
        case _:
            return None


def _terms(terms: Sequence[Term]) -> tuple[RuleTerm, ...]:
    return tuple(
        RuleTerm(
            version=each.version,
            mode=each.mode,
            in_force_from=each.in_force_from,
            in_force_until=_until(each, terms[at:]),
            number=each.number,
            activated_by=each.activated_by,
        )
        for at, each in enumerate(terms, 1)
    )


def _until(term: Term, later: Sequence[Term]) -> datetime | None:
    return next((each.in_force_from for each in later if term.ends_with(each)), None)


def _listed(drafted: Drafted, rules: PayerRules) -> ListedPayerRule:
    rule: PayerRule = drafted.draft.rule
    return ListedPayerRule(
        rule_id=drafted.rule_id,
        latest_version=drafted.version,
        title=rule.title,
        action=to_builtins(rule.action)["kind"],
        drafted_by=drafted.drafted_by,
        drafted_at=drafted.drafted_at,
        terms=_terms(rules.terms(drafted.rule_id)),
    )
