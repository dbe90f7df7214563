"""The shape of what must be true of a service's facts at any moment: a pure fold over rows, and what is wrong with one.

`claimlog verify` folds all facts and looks at the rows that a unit touched once the unit is whole.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

Row = TypeVar("Row")
Fact = TypeVar("Fact")


@dataclass(frozen=True, slots=True, kw_only=True)
class Invariant(Generic[Row, Fact]):
    """One invariant. **Shape**: `keys` names the rows that a fact touches, without a value that says who somebody is.

    `apply` returns a row anew, or None where nothing is left to remember: so that a fold over all facts stays small.
    `is_broken` says whether a row may not be left like that by what was decided together.
    """

    name: str
    about: str
    events: tuple[type[Fact], ...]
    keys: Callable[[Fact], tuple[str, ...]]
    apply: Callable[[Row | None, Fact], Row | None]
    is_broken: Callable[[Row], bool]


AnyInvariant = Invariant[Any, Any]
