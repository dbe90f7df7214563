"""The shape of everything that is read: a read model's pure fold in one value.

The runtime loads the rows that a batch touches, folds them, and writes them back at once; no SQL stands in a fold. The
same fold over the facts up to an instant tells a row as it was then (`shared/runtime/history.py`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

Row = TypeVar("Row")
Fact = TypeVar("Fact")


def nowhere(_: object) -> tuple[str, ...]:
    """Return no stream: the usual `leads`."""
    return ()


@dataclass(
    frozen=True, slots=True, kw_only=True, eq=False
)  # one value each: found by identity, a hundred times a batch
class Projection(Generic[Row, Fact]):
    """One read model. **Shape**: `keys` names the rows that a fact touches; `apply` returns a row anew, or None: gone.

    `row` is a frozen Struct, or a dataclass, of texts, whole numbers, truth values, dates, instants, and tuples or
    parts of the same kind; a Struct with many fields is changed forty times faster. `filters` are the fields that a
    question may ask by; each is a column with an index. `columns` are fields that are columns without one: what rows
    that filters found are sorted, divided and summed up by. `countable` are those of both whose values say nothing
    about a person, a status say: how many rows have each may be shown. `source` own: written in the transaction of the
    append; foreign: by the consumer. Where several streams touch one row, `apply` must not depend on their order. A new
    `version` is a new table.

    `streams` names all streams that hold a row's facts, the object's own first, where the row's key tells them: then
    the row can be told as of an earlier instant, and is not asked for while they have no fact. `leads` names those that
    only a fact tells: the batch of a claim.

    `handed_on` are fields of facts, and of the row, that `keys` and `apply` never look into: a rebuild does not take
    them apart. Worth it for parts by the dozen: the lines of a claim.
    """

    name: str
    version: int
    source: Literal["own", "foreign"]
    row: type[Row]
    events: tuple[type[Fact], ...]
    keys: Callable[[Fact], tuple[str, ...]]
    apply: Callable[[Row | None, Fact], Row | None]
    filters: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    countable: tuple[str, ...] = ()
    streams: Callable[[str], tuple[str, ...]] | None = None
    leads: Callable[[Fact], tuple[str, ...]] = nowhere
    handed_on: tuple[str, ...] = ()

    @property
    def in_columns(self) -> tuple[str, ...]:
        """Return the fields that are columns: filters, then those without an index."""
        return (*self.filters, *self.columns)


def one_stream(kind: str) -> Callable[[str], tuple[str, ...]]:
    """Return the `streams` of rows that are keyed as their objects are: `patient-<key>` and no other."""

    def streams(key: str) -> tuple[str, ...]:
        return (f"{kind}-{key}",)

    return streams


AnyProjection = Projection[Any, Any]
