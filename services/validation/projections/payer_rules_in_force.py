"""Which rules of payers judge, with all that judging asks: one row for a tenant, which every scrub reads."""

from typing import Final

from services.validation.domain.payer_rule.in_force import NO_RULES, PayerRuleFact, PayerRules, evolve
from shared.kernel.projection import Projection
from shared.kernel.unions import members

ALL: Final = "all"
"""Key of the one row."""


def keys(_: PayerRuleFact) -> tuple[str, ...]:
    """Return the one key."""
    return (ALL,)


def apply(row: PayerRules | None, event: PayerRuleFact) -> PayerRules:
    """Return what judges after a fact."""
    return evolve(row or NO_RULES, event)


PAYER_RULES_IN_FORCE: Final[Projection[PayerRules, PayerRuleFact]] = Projection(
    name="payer_rules_in_force",
    version=3,
    source="own",
    row=PayerRules,
    events=members(PayerRuleFact),
    keys=keys,
    apply=apply,
)
