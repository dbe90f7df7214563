"""Rules over HTTP: the catalogue, which set of them judges when, and what came of each."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final, Self

from services.validation.api.body import ROUTER, Body
from services.validation.domain.rule import Owner, Rule, Severity
from services.validation.domain.rule_set import in_force
from services.validation.domain.rules import RULE_SETS, RULES
from services.validation.projections.findings import FINDINGS
from services.validation.projections.rule_months import RULE_MONTHS
from shared.kernel.errors import NotFound
from shared.runtime.http import Access, Call

ACCESS: Final[Mapping[str, Access]] = {
    "GET /v1/rules": Access(scope="validation.read", reads="rules"),
    "GET /v1/rules/{rule_id}": Access(scope="validation.read", reads="rules"),
    "GET /v1/rules/{rule_id}/statistics": Access(scope="validation.read", reads="rule_months, findings"),
    "GET /v1/rule-sets": Access(scope="validation.read", reads="rules"),
}
_BY_ID: Final = {rule.id: rule for rule in RULES}


class CatalogueRule(Body):
    """A rule. **Shape**: dates are dates of service, both in force, none: open; `documentation` lies in the project."""

    rule_id: str
    version: int
    title: str
    about: str
    authority: str
    severity: Severity
    owner: Owner
    citation: str
    source: str
    effective_from_on: date | None
    effective_to_on: date | None
    mend: str
    overridable: bool
    documentation: str

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

    version: str
    in_force_from: datetime | None
    in_force_until: datetime | None
    in_force: bool
    rules: tuple[SetRule, ...]


class RuleSets(Body):
    """All rule sets, oldest first."""

    items: tuple[ShownRuleSet, ...]


class MonthStatistics(Body):
    """What happened in one month, UTC."""

    month: str
    raised: int
    mended: int
    overridden: int


class RuleStatistics(Body):
    """What came of a rule. **Shape**: months with facts, oldest first; `open` now, the rest since the beginning."""

    rule_id: str
    raised: int
    mended: int
    overridden: int
    open: int
    months: tuple[MonthStatistics, ...]


class RuleNotFound(NotFound):
    """No rule has this id; `GET /v1/rules` lists them."""

    slug = "rule-not-found"


@ROUTER.get("/rules")
async def show_rules(call: Call) -> Rules:
    """Return every rule with where it comes from, what it asks and who mends it."""
    judging = in_force(RULE_SETS, call.now)
    return Rules(rule_set_version=judging.version, items=tuple(map(CatalogueRule.of, RULES)))


@ROUTER.get("/rules/{rule_id}")
async def show_rule(rule_id: str, _: Call) -> CatalogueRule:
    """Return one rule. **Errors**: 404 `rule-not-found`."""
    return CatalogueRule.of(_rule(rule_id))


@ROUTER.get("/rules/{rule_id}/statistics")
async def show_statistics(rule_id: str, call: Call) -> RuleStatistics:
    """Return how often a rule found something, and what became of it. **Errors**: 404 `rule-not-found`."""
    rule = _rule(rule_id)
    months = await call.rows(RULE_MONTHS, where={"rule_id": rule.id})
    counted = await call.counts(FINDINGS, by="rule_id", where={"rule_id": rule.id})
    return RuleStatistics(
        rule_id=rule.id,
        raised=sum(each.raised for each in months),
        mended=sum(each.mended for each in months),
        overridden=sum(each.overridden for each in months),
        open=sum(counted.values()),
        months=tuple(
            MonthStatistics(month=each.month, raised=each.raised, mended=each.mended, overridden=each.overridden)
            for each in months
        ),
    )


@ROUTER.get("/rule-sets")
async def show_rule_sets(call: Call) -> RuleSets:
    """Return which rules judged, judge and will judge together, and from when."""
    judging = in_force(RULE_SETS, call.now)
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
        )
    )


def _rule(rule_id: str) -> Rule:
    found = _BY_ID.get(rule_id)
    if found is None:
        raise RuleNotFound("ask GET /v1/rules for the ids")
    return found
