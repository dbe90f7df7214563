"""The shape of everything that follows from a fact: which rows it needs, and which commands it becomes.

The runtime loads the rows for a whole batch and under the lock of the store; both functions are pure.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Literal, TypeVar

from shared.kernel.projection import AnyProjection, Projection

Row = TypeVar("Row")
Fact = TypeVar("Fact")

Needs = Mapping[AnyProjection, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows that a reaction named, and when the fact was recorded: the only time that a reaction knows."""

    loaded: Mapping[tuple[str, str], Any]
    now: datetime

    def get(self, projection: Projection[Row, Any], key: str) -> Row | None:
        """Return a row, None where there is none (yet). **Errors**: `KeyError` for a row that `needs` did not name."""
        row: Row | None = self.loaded[projection.name, key]
        return row

    def has(self, projection: AnyProjection, key: str) -> bool:
        """Return whether a row was asked for already; `needs` uses it to name the next rows by the first ones."""
        return (projection.name, key) in self.loaded


def no_rows(_event: object, _rows: Rows) -> Needs:
    """Return nothing: the fact itself says all that its reaction needs."""
    return {}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)  # one value each: found by identity
class Reaction(Generic[Fact]):
    """What we do about a fact, own or foreign. **Shape**: `needs` names rows of our own read models, by projection.

    `needs` is asked again with the rows that it named, until it names no new one: so the second step may follow from
    the first (patient, then the encounters that wait for it). `name` is kept for ever: the ids of the facts that follow
    are derived from it, so that a repeat is recognized. `react` returns commands that are decided as one unit.
    """

    name: str
    on: type[Fact]
    react: Callable[[Fact, Rows], tuple[object, ...]]
    needs: Callable[[Fact, Rows], Needs] = no_rows
    actor: Literal["rule", "service", "ai"] = "service"
