"""Rules over HTTP: the catalogue, which set of them judges when, and what came of each."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final, Self

from pydantic import Field

from services.validation.api.body import ROUTER, Body
from services.validation.domain.payer_rule.condition import Warn
from services.validation.domain.payer_rule.in_force import NO_RULES, Term, judges_of
from services.validation.domain.payer_rule.judging import Mode
from services.validation.domain.rule import Owner, Rule, Severity
from services.validation.domain.rule_set import in_force
from services.validation.domain.rules import RULE_SETS, RULES
from services.validation.projections.findings import FINDINGS
from services.validation.projections.payer_rules import PAYER_RULES
from services.validation.projections.payer_rules_in_force import ALL, PAYER_RULES_IN_FORCE
from services.validation.projections.rule_months import RULE_MONTHS
from shared.kernel.errors import NotFound
from shared.runtime.http import Access, Call

ACCESS: Final[Mapping[str, Access]] = {
    "GET /v1/rules": Access(scope="validation.read", reads="rules, payer_rules_in_force"),
    "GET /v1/rules/{rule_id}": Access(scope="validation.read", reads="rules, payer_rules_in_force"),
    "GET /v1/rules/{rule_id}/statistics": Access(scope="validation.read", reads="rule_months, findings, payer_rules"),
    "GET /v1/rule-sets": Access(scope="validation.read", reads="rules, payer_rules_in_force"),
}
_BY_ID: Final = {rule.id: rule for rule in RULES}


class CatalogueRule(Body):
    """A rule.

    **Shape**: dates are dates of service, both in force, none: open; `documentation` lies in the project. `mode` and
    `in_force_from` are those of a rule of a payer, in the version that judges what is assigned now, or else next.
    """

    rule_id: str
    version: int
    title: str = Field(description="What it asks for.", examples=["Modifier 25 beside a procedure"])
    about: str = Field(description="What it looks at.", examples=["visits on the day of a procedure"])
    authority: str = Field(description="Who asks for it.", examples=["ncci"])
    severity: Severity
    owner: Owner = Field(description="Who mends it.")
    citation: str = Field(description="What it rests on.", examples=["ICD-10-CM Official Guidelines, I.B.2"])
    source: str = Field(description="Where that is written.", examples=["NCCI Policy Manual, chapter I"])
    effective_from_on: date | None = Field(description="First day of service that it judges; null: open.")
    effective_to_on: date | None = Field(description="Last day of service that it judges; null: open.")
    mend: str = Field(description="What to do about it.", examples=["use the code with all its characters"])
    overridable: bool = Field(description="Whether a person may let it pass.")
    documentation: str = Field(description="Where the project tells more.", examples=["docs/rules.md#ncci_pair_edit"])
    mode: Mode | None = None
    in_force_from: datetime | None = None

    @classmethod
    def of(cls, rule: Rule) -> Self:
        """Return a rule as it is shown."""
        return cls(
            rule_id=rule.id,
            version=rule.version,
            title=rule.title,
            about=rule.about,
            authority=rule.authority,
            severity=rule.severity,
            owner=rule.owner,
            citation=rule.citation,
            source=rule.source,
            effective_from_on=None if rule.effective_from == date.min else rule.effective_from,
            effective_to_on=None if rule.effective_to == date.max else rule.effective_to,
            mend=rule.mend,
            overridable=rule.overridable,
            documentation=f"docs/rules.md#{rule.id}",
        )

    @classmethod
    def of_payer(cls, rule_id: str, term: Term) -> Self:
        """Return a rule of a payer as it is shown."""
        rule = term.rule
        stops = term.mode == "enforcing" and not isinstance(rule.action, Warn)
        return cls(
            rule_id=rule_id,
            version=term.version,
            title=rule.title,
            about=rule.title,
            authority="payer",
            severity="error" if stops else "warning",
            owner=rule.owner,
            citation=rule.citation,
            source=rule.source,
            effective_from_on=rule.service_from_on,
            effective_to_on=rule.service_to_on,
            mend=rule.mend,
            overridable=rule.overridable,
            documentation="docs/payer-rules.md",
            mode=term.mode,
            in_force_from=term.in_force_from,
        )


class Rules(Body):
    """The catalogue, in the order in which findings list rules. **Shape**: `rule_set_version` judges now."""

    rule_set_version: str
    items: tuple[CatalogueRule, ...]


class SetRule(Body):
    """A rule in a set: in which form."""

    rule_id: str
    version: int


class ShownRuleSet(Body):
    """A rule set. **Shape**: it judges from the first instant until just before the second; none: open."""

    version: str = Field(description="Which set of rules.", examples=["2026.11"])
    in_force_from: datetime | None
    in_force_until: datetime | None = Field(description="Until just before when; null: open.")
    in_force: bool = Field(description="Whether it judges now.")
    rules: tuple[SetRule, ...] = Field(description="In the order in which findings list them.")


class PayerRuleInSet(Body):
    """A rule of a payer and a term of it: it judges codes that are assigned from then on."""

    rule_id: str
    version: int
    mode: Mode
    in_force_from: datetime
    number: int


class RuleSets(Body):
    """All rule sets, oldest first; `payer_rules` judge beside each, those of later instants too.

    **Shape**: `payer_rules_number` counts their changes; an outcome that says `+3` was judged by the terms up to the
    third change that had begun when its codes were assigned.
    """

    items: tuple[ShownRuleSet, ...]
    payer_rules_number: int = Field(description="How often rules of payers changed.", examples=[3])
    payer_rules: tuple[PayerRuleInSet, ...] = Field(description="Terms of rules of payers, later ones too.")


class MonthStatistics(Body):
    """What happened in one month, UTC."""

    month: str = Field(description="Year and month, UTC.", examples=["2026-03"])
    raised: int = Field(description="Findings that were raised.", examples=[4])
    mended: int = Field(description="Findings that were mended.", examples=[3])
    overridden: int = Field(description="Findings that were let pass.", examples=[1])
    withdrawn: int = Field(description="Findings that are let pass no more.", examples=[0])


class RuleStatistics(Body):
    """What came of a rule. **Shape**: months with facts, oldest first; `open` now, the rest since the beginning."""

    rule_id: str
    raised: int = Field(description="Findings that were raised.", examples=[4])
    mended: int = Field(description="Findings that were mended.", examples=[3])
    overridden: int = Field(description="Findings that were let pass.", examples=[1])
    withdrawn: int = Field(description="Findings that are let pass no more.", examples=[0])
    open: int = Field(description="Findings that wait.", examples=[1])
    months: tuple[MonthStatistics, ...] = Field(description="Months with facts, oldest first.")


class RuleNotFound(NotFound):
    """No rule has this id; `GET /v1/rules` lists them."""

    slug = "rule-not-found"


@ROUTER.get("/rules")
async def show_rules(call: Call) -> Rules:
    """Return every rule with where it comes from, what it asks and who mends it."""
    judging, rules = in_force(RULE_SETS, call.now), await call.row(PAYER_RULES_IN_FORCE, ALL)
    of_payers = rules.rules if rules else ()
    return Rules(
        rule_set_version=judges_of(rules, call.now).after(judging.version),
        items=(
            *map(CatalogueRule.of, RULES),
            *(CatalogueRule.of_payer(each.rule_id, term) for each in of_payers for term in each.shown(call.now)),
        ),
    )


@ROUTER.get("/rules/{rule_id}")
async def show_rule(rule_id: str, call: Call) -> CatalogueRule:
    """Return one rule, of a payer the version that is enforced, if one is. **Errors**: 404 `rule-not-found`."""
    if rule_id in _BY_ID:
        return CatalogueRule.of(_BY_ID[rule_id])
    rules = await call.row(PAYER_RULES_IN_FORCE, ALL) or NO_RULES
    found = next((each for each in rules.rules if each.rule_id == rule_id), None)
    if found is None:
        raise RuleNotFound("ask GET /v1/rules for the ids")
    return CatalogueRule.of_payer(rule_id, found.shown(call.now)[0])


@ROUTER.get("/rules/{rule_id}/statistics")
async def show_statistics(rule_id: str, call: Call) -> RuleStatistics:
    """Return how often a rule found something, and what became of it. **Errors**: 404 `rule-not-found`."""
    if rule_id not in _BY_ID and await call.row(PAYER_RULES, rule_id) is None:
        raise RuleNotFound("ask GET /v1/rules for the ids")
    months = await call.rows(RULE_MONTHS, where={"rule_id": rule_id})
    counted = await call.counts(FINDINGS, by="rule_id", where={"rule_id": rule_id})
    return RuleStatistics(
        rule_id=rule_id,
        raised=sum(each.raised for each in months),
        mended=sum(each.mended for each in months),
        overridden=sum(each.overridden for each in months),
        withdrawn=sum(each.withdrawn for each in months),
        open=sum(counted.values()),
        months=tuple(
            MonthStatistics(
                month=each.month,
                raised=each.raised,
                mended=each.mended,
                overridden=each.overridden,
                withdrawn=each.withdrawn,
            )
            for each in months
        ),
    )


@ROUTER.get("/rule-sets")
async def show_rule_sets(call: Call) -> RuleSets:
    """Return which rules judged, judge and will judge together, and from when."""
    judging, rules = in_force(RULE_SETS, call.now), await call.row(PAYER_RULES_IN_FORCE, ALL) or NO_RULES
    ends = (*(each.in_force_from for each in RULE_SETS[1:]), None)
    return RuleSets(
        items=tuple(
            ShownRuleSet(
                version=each.version,
                in_force_from=each.in_force_from,
                in_force_until=until,
                in_force=each is judging,
                rules=tuple(SetRule(rule_id=rule.id, version=rule.version) for rule in each.rules),
            )
            for each, until in zip(RULE_SETS, ends, strict=True)
        ),
        payer_rules_number=rules.number,
        payer_rules=tuple(_in_set(each.rule_id, term) for each in rules.rules for term in each.terms),
    )


def _in_set(rule_id: str, term: Term) -> PayerRuleInSet:
    return PayerRuleInSet(
        rule_id=rule_id,
        version=term.version,
        mode=term.mode,
        in_force_from=term.in_force_from,
        number=term.number,
    )
