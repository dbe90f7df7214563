"""Reactions, decisions and read models of validation over dicts: the rules of the runtime without its I/O.

Facts are taken one by one: fold foreign rows, load what each reaction needs until it names nothing new, decide its
commands on their streams, fold own rows, then react to the own facts.
"""

from collections import defaultdict
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from services.validation.domain.tables import Tables
from services.validation.main import service
from services.validation.settings import Settings
from shared.codesets.icd10cm import Icd10cm
from shared.events.envelope import Event
from shared.kernel.reaction import Reaction, Rows
from tests.unit.validation.samples import NOW

ROOT: Final = Path(__file__).parents[3]
TABLES: Final = Tables(icd10cm=Icd10cm.read((ROOT / "reference" / "icd10cm.table").read_bytes()))
SERVICE: Final = service(Settings(), TABLES)
_DECIDERS: Final = {command: decider for decider in SERVICE.deciders for command in decider.commands}


class Driver:
    """One store of validation. **Shape**: `facts` in the order in which they were added."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, str], Any] = {}
        self.states: dict[str, Any] = {}
        self.facts: list[Event] = []
        self.units: list[int] = []

    def take(self, *events: Event, now: datetime = NOW) -> None:
        """Take facts of others, one by one, and everything that follows from each."""
        for event in events:
            self._fold(event, "foreign")
            waiting = [event]
            while waiting:
                cause = waiting.pop(0)
                waiting += [fact for reaction in _REACTIONS[type(cause)] for fact in self._react(reaction, cause, now)]

    def end(self) -> tuple[object, ...]:
        """Return all that is left when facts stop coming: states, and rows of all read models."""
        rows = sorted((place, row) for place, row in self.rows.items() if row is not None)
        return (sorted(self.states.items()), rows)

    def row(self, projection: str, key: str) -> Any:  # noqa: ANN401 (a row of whatever was asked for)
        """Return one row, None where there is none."""
        return self.rows.get((projection, key))

    def _react(self, reaction: Reaction[Any], event: Event, now: datetime) -> list[Event]:
        loaded: dict[tuple[str, str], Any] = {}
        while True:
            needs = reaction.needs(event, Rows(loaded, now))
            wanted = {(projection.name, key) for projection, keys in needs.items() for key in keys} - set(loaded)
            if not wanted:
                break
            loaded |= {place: self.rows.get(place) for place in wanted}
        added = [fact for command in reaction.react(event, Rows(loaded, now)) for fact in self._decide(command)]
        self.units.append(len(added))
        return added

    def _decide(self, command: object) -> list[Event]:
        decider = _DECIDERS[type(command)]
        stream = decider.stream(command)
        state = self.states.get(stream, decider.initial)
        added = list(decider.decide(state, command))
        for fact in added:
            state = decider.evolve(state, fact)
            self._fold(fact, "own")
        if added:
            self.states[stream] = state
        self.facts += added
        return added

    def _fold(self, event: Event, source: str) -> None:
        for projection in _PROJECTIONS[source, type(event)]:
            for key in projection.keys(event):
                place = (projection.name, key)
                self.rows[place] = projection.apply(self.rows.get(place), event)


_REACTIONS: Final[dict[type[Event], list[Reaction[Any]]]] = defaultdict(list)
for _reaction in SERVICE.reactions:
    _REACTIONS[_reaction.on].append(_reaction)
_PROJECTIONS: Final[dict[tuple[str, type[Event]], list[Any]]] = defaultdict(list)
for _projection in SERVICE.projections:
    for _event in _projection.events:
        _PROJECTIONS[_projection.source, _event].append(_projection)
