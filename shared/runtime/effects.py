"""What touches the world: an intent that is acted on, a mailbox that is polled, rows that fall due.

Owns: the three values, and `Outside`, which is all that they may ask for. Refuses: rules; what comes back is a command.
No replay runs them. The runner (`acting.py`) has one leader per service. Next: `services/claims/effects.py`.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Protocol, TypeAlias, TypeVar

from shared.kernel.projection import Projection
from shared.runtime.files import File
from shared.runtime.store import Place

Fact = TypeVar("Fact")
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """Commands that are decided as one unit, with the files that they name."""

    commands: tuple[object, ...]
    files: tuple[File, ...] = ()


Round: TypeAlias = Sequence[Work]
"""Units that are handed over together: decided in their order, each alone, mostly in one transaction. What has to see
what became of them comes in the next round."""


class Outside(Protocol):
    """What an effect may ask of its service, for one tenant."""

    tenant_id: str

    def now(self) -> datetime:
        """Return the current instant."""

    def new_id(self) -> str:
        """Return an id that nobody has."""

    async def number(self, sequence: str) -> int:
        """Return the next number of a sequence; never twice, gaps happen."""

    async def file(self, sha256: str) -> bytes:
        """Return a stored file. **Errors**: `FileNotFound`."""

    async def row(self, projection: Projection[Row, Any], key: str) -> Row | None:
        """Return one row of a read model."""

    async def rows_by_key(self, projection: Projection[Row, Any], keys: Collection[str]) -> Mapping[str, Row]:
        """Return those rows of a read model that exist."""

    async def rows(
        self, projection: Projection[Row, Any], *, where: Mapping[str, object] | None = None, rows_max: int = 500
    ) -> tuple[Row, ...]:
        """Return rows of a read model whose filters have these values, by key."""

    def every_row(self, projection: Projection[Row, Any], *, where: Mapping[str, object]) -> AsyncIterator[Row]:
        """Yield all rows of a read model whose filters have these values, by key, however many they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect(Generic[Fact]):
    """An own intent that is carried out once.

    **Shape**: `attempt` is the command that fences; it is refused where an attempt exists already, and then `probe`
    asks the world instead of acting again: work when it knows, None when not. After a crash behind the result `probe`
    is asked once more: what it returns must then add nothing. What failed and is tried anew is another intent.

    `prepare` does what must be there before the fence, and may be left behind without harm: it is not undone, and done
    anew after a crash. The word that it returns goes into the fence, so that `probe` finds it, and to `act`.
    """

    name: str
    on: type[Fact]
    attempt: Callable[[Fact, datetime, str | None], object]
    act: Callable[[Fact, Outside, str | None], Awaitable[Work]]
    probe: Callable[[Fact, Outside], Awaitable[Work | None]]
    prepare: Callable[[Fact, Outside], Awaitable[str | None]] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    """A mailbox that is looked into. **Shape**: what was seen before is skipped by the service's own read model.

    `every_seconds` is the longest pause: after a look that brought something the next follows soon, and at once when
    one of the own facts `on` was added.
    """

    name: str
    every_seconds: float
    fetch: Callable[[Outside], AsyncIterator[Round]]
    on: tuple[type[Any], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Timer:
    """Rows that fall due become commands; exactly once, because the command is refused or empty the second time.

    **Shape**: pauses as those of a `Poll`.
    """

    name: str
    every_seconds: float
    due: Callable[[Outside], AsyncIterator[Round]]
    on: tuple[type[Any], ...] = ()


def checkpoint_of(effect: Effect[Any]) -> Place:
    """Return where it is kept which intents are done."""
    return (f"effect:{effect.name}", 0)


def actor_id_of(service: str, effect: str) -> str:
    """Return who adds the facts of an effect."""
    return f"{service}/{effect}"
