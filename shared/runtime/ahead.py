"""What a batch will most likely ask for and what its reactions will most likely want, found out before it is decided.

Owns: going through the records in order without judging, so that a batch is loaded in a few questions and not one by
one. What a reaction wanted is kept with the rows that it read, what a command led to with the state that it was decided
on, and both hold while those are the same. A wrong guess costs a question later or asking again, nothing else. Refuses:
loading and judging (`working_set.py`).
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

from msgspec import Struct

from shared.events.envelope import Envelope, Event
from shared.kernel.decider import Decider, Name
from shared.kernel.projection import AnyProjection
from shared.kernel.reaction import Reaction, Rows
from shared.runtime.keys import Vault
from shared.runtime.store import NameKey, RowKey, RowPlace, Stream, table_name
from shared.runtime.wiring import Wiring

_ABSENT: Final = object()


class Cause(Struct, frozen=True, eq=False):
    """A record on its way in, and what it leads to. **Shape**: with the id of the first fact that a reaction adds."""

    envelope: Envelope
    event: Event
    is_foreign: bool
    reactions: Sequence[tuple[Reaction[Any], str]]


class Foreseen(Struct, frozen=True, eq=False):
    """What a reaction wants, given the rows that it read."""

    read: Mapping[RowPlace, Any]
    commands: tuple[object, ...]

    def holds(self, rows: Mapping[RowPlace, Any]) -> bool:
        """Return whether the rows are still the same: then the reaction, which is pure, wants the same."""
        for place, before in self.read.items():
            row = rows.get(place, _ABSENT)
            if row is not before and row != before:
                return False
        return True


class Led(Struct, frozen=True, eq=False):
    """What a command leads to on a state: facts, each with the names that it reserves."""

    command: object
    state: Any
    facts: Sequence[tuple[Event, tuple[NameKey, ...]]]


class Decisions:
    """What the commands of a batch lead to: decided once, and again where the state is another one by then."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._found: dict[tuple[str, int], Led] = {}

    async def facts(
        self, tenant_id: str, decider: Decider[Any, Any, Any], state: object, command: object
    ) -> Sequence[tuple[Event, tuple[NameKey, ...]]]:
        """Return the facts that a command adds, each with the names that it reserves. **Errors**: the decider's."""
        found = self._found.get((tenant_id, id(command)))
        if found is None or found.state is not state:
            facts = [(fact, decider.names(fact)) for fact in decider.decide(state, command)]
            if any(names for _, names in facts):
                await self._vault.prepare_index(tenant_id)
            keyed = [(fact, tuple(self._key(tenant_id, name) for name in names)) for fact, names in facts]
            found = self._found[tenant_id, id(command)] = Led(command, state, keyed)
        return found.facts

    def _key(self, tenant_id: str, name: Name) -> NameKey:
        return (tenant_id, name.kind, self._vault.index(tenant_id, f"{name.kind}\x1f{name.key}"))


class Rehearsal:
    """One batch, gone through again and again until it names no row that is missing."""

    def __init__(self, wiring: Wiring, causes: Sequence[Cause], existing: frozenset[str]) -> None:
        self._wiring = wiring
        self._causes = causes
        self._open = [[how for how, first_id in each.reactions if first_id not in existing] for each in causes]
        self._folded: list[Mapping[RowPlace, Any] | None] = [None if each.is_foreign else {} for each in causes]
        self._foreseen: dict[tuple[str, str], Foreseen] = {}

    def missing(
        self, loaded: Mapping[RowPlace, Any], *, is_late: Callable[[], bool] = lambda: False
    ) -> Mapping[AnyProjection, set[RowKey]]:
        """Go through the batch with what is loaded; return the rows that are asked for besides.

        **Shape**: once it is late, what is left of the batch is left out.
        """
        wanted: dict[AnyProjection, set[RowKey]] = defaultdict(set)
        rows = dict(loaded)  # at each record as the records before it leave them
        for n, cause in enumerate(self._causes):
            if is_late():
                break
            folded = self._folded[n]
            if folded is None:
                folded = self._folded[n] = self._fold(cause, rows, wanted)
            if folded:
                rows.update(folded)
            if self._open[n]:
                self._open[n] = [how for how in self._open[n] if not self._foresee(how, cause, rows, wanted)]
        return wanted

    def _fold(
        self, cause: Cause, rows: Mapping[RowPlace, Any], wanted: dict[AnyProjection, set[RowKey]]
    ) -> Mapping[RowPlace, Any] | None:
        """Return the rows that a fact of others changes, as it leaves them; None where they are not loaded."""
        folded: dict[RowPlace, Any] = {}
        is_whole = True
        for projection in self._wiring.foreign.get(type(cause.event), ()):
            table = table_name(projection)
            with suppress(Exception):  # whatever it is shows again when the record is folded, and parks its key
                for key in projection.keys(cause.event):
                    place = (table, (cause.envelope.tenant_id, key))
                    if place in rows:
                        folded[place] = projection.apply(rows[place], cause.event)
                    else:
                        wanted[projection].add(place[1])
                        is_whole = False
        return folded if is_whole else None

    def _foresee(
        self,
        reaction: Reaction[Any],
        cause: Cause,
        rows: Mapping[RowPlace, Any],
        wanted: dict[AnyProjection, set[RowKey]],
    ) -> bool:
        """Return whether all rows that a reaction names are loaded; then what it wants is known."""
        envelope, event = cause.envelope, cause.event
        asked, read = rows_for(self._wiring, envelope, rows)
        is_whole = True
        with suppress(Exception):  # whatever it is shows again when the reaction is decided
            for projection, keys in reaction.needs(event, asked).items():
                table = table_name(projection)
                for key in keys:
                    if (table, (envelope.tenant_id, key)) not in rows:
                        wanted[projection].add((envelope.tenant_id, key))
                        is_whole = False
            if is_whole:
                self._foreseen[envelope.event_id, reaction.name] = Foreseen(read, reaction.react(event, asked))
        return is_whole

    def commands(
        self, reaction: Reaction[Any], envelope: Envelope, rows: Mapping[RowPlace, Any]
    ) -> tuple[object, ...] | None:
        """Return what a reaction wants, None where that was not foreseen or the rows have changed since."""
        found = self._foreseen.get((envelope.event_id, reaction.name))
        return found.commands if found is not None and found.holds(rows) else None

    def targets(self) -> Iterator[tuple[Stream, Decider[Any, Any, Any]]]:
        """Yield the streams that reactions will most likely decide on."""
        for cause in self._causes:
            for reaction, _ in cause.reactions:
                found = self._foreseen.get((cause.envelope.event_id, reaction.name))
                with suppress(Exception):  # whatever it is shows again when the reaction is decided
                    yield from self._wiring.targets(cause.envelope.tenant_id, found.commands if found else ())


def rows_for(wiring: Wiring, envelope: Envelope, rows: Mapping[RowPlace, Any]) -> tuple[Rows, Mapping[RowPlace, Any]]:
    """Return the rows as a reaction to a fact sees them, and those of them that it has read, as it goes on."""
    loaded = _RowsRead(rows, wiring.tables, envelope.tenant_id)
    return Rows(loaded, envelope.recorded_at), loaded.read


def touches(wiring: Wiring, tenant_id: str, facts: Iterable[Event]) -> Iterator[tuple[AnyProjection, RowKey, Event]]:
    """Yield which rows of own read models facts touch, in order."""
    for fact in facts:
        for projection in wiring.own.get(type(fact), ()):
            for key in projection.keys(fact):
                yield projection, (tenant_id, key), fact


def folded(touched: Iterable[tuple[AnyProjection, RowKey, Event]], rows: Mapping[RowPlace, Any]) -> dict[RowPlace, Any]:
    """Return rows as facts would leave them."""
    after: dict[RowPlace, Any] = {}
    for projection, key, fact in touched:
        place = (table_name(projection), key)
        after[place] = projection.apply(after[place] if place in after else rows[place], fact)
    return after


class _RowsRead(Mapping[tuple[str, str], Any]):
    """The rows of one tenant, by read model and key, over the rows of all. **Shape**: `read` are those looked at."""

    def __init__(self, rows: Mapping[RowPlace, Any], tables: Mapping[str, str], tenant_id: str) -> None:
        self.read: dict[RowPlace, Any] = {}
        self._rows = rows
        self._tables = tables
        self._tenant_id = tenant_id

    def __getitem__(self, place: tuple[str, str]) -> Any:  # noqa: ANN401 (rows are of many types)
        name, key = place
        found = (self._tables[name], (self._tenant_id, key))
        row = self.read[found] = self._rows[found]
        return row

    # `in` must not build a row: Mapping would ask __getitem__ and catch its KeyError, twice as slow
    def __contains__(self, place: object) -> bool:
        if not isinstance(place, tuple):
            return False
        name, key = place
        found = (self._tables[name], (self._tenant_id, key))
        row = self.read[found] = self._rows.get(found, _ABSENT)
        return row is not _ABSENT

    def __iter__(self) -> Iterator[tuple[str, str]]:
        raise NotImplementedError("rows are asked for by name")

    def __len__(self) -> int:
        return len(self._rows)
