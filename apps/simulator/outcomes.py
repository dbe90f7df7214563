"""What became of the claims of each scenario, in numbers: for a demo, a page, a trainer.

Owns: the counting. **Units**: claims, cents.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from apps.simulator.case import Case, State
from apps.simulator.scenario import SCENARIOS


@dataclass(slots=True)
class Outcomes:
    """The claims of one scenario. **Shape**: `by_state` has every state; the sender took voided ones back."""

    scenario: str
    claims: int = 0
    charged_cents: int = 0
    paid_cents: int = 0
    by_state: dict[str, int] = field(default_factory=lambda: dict.fromkeys(State, 0))


def outcomes(cases: Iterable[Case]) -> tuple[Outcomes, ...]:
    """Return what became of claims by scenario, in the order of the table; only those that somebody met."""
    found = {prefix: Outcomes(prefix) for prefix in SCENARIOS}
    for case in cases:
        of = found[case.scenario.prefix]
        of.claims += 1
        of.charged_cents += case.charge_cents
        of.paid_cents += case.paid_cents if case.state is State.PAID else 0
        of.by_state[case.state] += 1
    return tuple(each for each in found.values() if each.claims)
