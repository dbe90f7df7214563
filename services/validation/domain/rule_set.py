"""Which rules judge together, and from when: edits do not change under who relies on them.

Owns: the shape of a rule set, and which one is in force at an instant. Refuses: the list itself (`rules/__init__.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.validation.domain.rule import Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSet:
    """Rules in the order in which findings list them. **Shape**: `in_force_from` None: from the beginning."""

    version: str
    in_force_from: datetime | None
    rules: tuple[Rule, ...]


def in_force(sets: Sequence[RuleSet], now: datetime) -> RuleSet:
    """Return the set that judges at an instant. **Shape**: sets by their beginning, the first from the beginning."""
    return next(each for each in reversed(sets) if each.in_force_from is None or each.in_force_from <= now)
