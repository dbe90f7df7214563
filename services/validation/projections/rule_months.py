"""How often each rule found something in a month, and what became of it; counted from our own facts.

A row is touched by the scrubs of many encounters, and each only adds to its counts, so their order does not matter.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final, TypeAlias, assert_never

from services.validation.domain.scrub import FindingMended, FindingRaised
from shared.events.validation import FindingOverridden, OverrideLapsed
from shared.kernel.projection import Projection
from shared.kernel.unions import members

CountedEvent: TypeAlias = FindingRaised | FindingMended | FindingOverridden | OverrideLapsed


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleMonth:
    """One row. **Shape**: `month` in UTC; it is the month of each fact, so that one raised in May is mended in June.

    **Units**: encounters; one in which the rule later finds something else is raised once more.
    """

    rule_id: str
    month: str
    raised: int = 0
    mended: int = 0
    overridden: int = 0
    withdrawn: int = 0


def keys(event: CountedEvent) -> tuple[str, ...]:
    """Return rule and month; nothing for an override that lapsed with the codes: nobody thought better of it."""
    if isinstance(event, OverrideLapsed) and event.reason != "withdrawn":
        return ()
    return (f"{event.rule_id}/{_month(event)}",)


def apply(row: RuleMonth | None, event: CountedEvent) -> RuleMonth:
    """Return the counts after a fact."""
    before = row or RuleMonth(rule_id=event.rule_id, month=_month(event))
    match event:
        case FindingRaised():
            return replace(before, raised=before.raised + 1)
        case FindingMended():
            return replace(before, mended=before.mended + 1)
        case FindingOverridden():
            return replace(before, overridden=before.overridden + 1)
        case OverrideLapsed():
            return replace(before, withdrawn=before.withdrawn + 1)
        case _:
            assert_never(event)


def _month(event: CountedEvent) -> str:
    at = _at(event).astimezone(UTC)
    return f"{at.year}-{at.month:02}"


def _at(event: CountedEvent) -> datetime:
    match event:
        case FindingRaised():
            return event.raised_at
        case FindingMended():
            return event.mended_at
        case FindingOverridden():
            return event.overridden_at
        case OverrideLapsed():
            return event.lapsed_at
        case _:
            assert_never(event)


RULE_MONTHS: Final[Projection[RuleMonth, CountedEvent]] = Projection(
    name="rule_months",
    version=2,
    source="own",
    row=RuleMonth,
    events=members(CountedEvent),
    keys=keys,
    apply=apply,
    filters=("rule_id",),
)
