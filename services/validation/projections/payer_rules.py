"""The latest version of each rule of a payer, activated or not."""

from typing import Final

from services.validation.domain.payer_rule import draft
from services.validation.domain.payer_rule.draft import Drafted, PayerRuleDrafted
from shared.kernel.projection import Projection


def keys(event: PayerRuleDrafted) -> tuple[str, ...]:
    """Return the rule."""
    return (event.rule_id,)


PAYER_RULES: Final[Projection[Drafted, PayerRuleDrafted]] = Projection(
    name="payer_rules",
    version=1,
    source="own",
    row=Drafted,
    events=(PayerRuleDrafted,),
    keys=keys,
    apply=draft.evolve,
)
