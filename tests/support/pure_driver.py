"""Reactions, decisions and read models of a service over dicts: the rules of the runtime without its I/O.

Facts are taken one by one: fold foreign rows, load what each reaction needs until it names nothing new, decide its
commands on their streams, fold own rows, then react to the own facts. Fast enough for every order of a few facts.
"""

from collections import defaultdict
from datetime import datetime
from typing import Any

from shared.events.envelope import Event
from shared.kernel.projection import AnyProjection
from shared.kernel.reaction import Reaction, Rows
from shared.runtime.definition import Service


class Driver:
    """One store of a service. **Shape**: `facts` in the order in which they were added."""

    def __init__(self, service: Service) -> None:
        self._deciders = {command: decider for decider in service.deciders for command in decider.commands}
        self._reactions: dict[type[Event], list[Reaction[Any]]] = defaultdict(list)
        for reaction in service.reactions:
            self._reactions[reaction.on].append(reaction)
        self._projections: dict[tuple[str, type[Event]], list[AnyProjection]] = defaultdict(list)
        for projection in service.projections:
            for event in projection.events:
                self._projections[projection.source, event].append(projection)
        self.rows: dict[tuple[str, str], Any] = {}
        self.states: dict[str, Any] = {}
        self.facts: list[Event] = []
        self.units: list[int] = []

    def take(self, *events: Event, now: datetime) -> None:
        """Take facts of others, one by one, and everything that follows from each."""
        for event in events:
            self._fold(event, "foreign")
            self._follow([event], now)

    def handle(self, command: object, *, now: datetime) -> None:
        """Decide a command of somebody, and take everything that follows. **Errors**: its decider's."""
        self._follow(self._decide(command), now)

    def _follow(self, waiting: list[Event], now: datetime) -> None:
        while waiting:
            cause = waiting.pop(0)
            waiting += [fact for reaction in self._reactions[type(cause)] for fact in self._react(reaction, cause, now)]

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
        decider = self._deciders[type(command)]
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
        for projection in self._projections[source, type(event)]:
            for key in projection.keys(event):
                place = (projection.name, key)
                self.rows[place] = projection.apply(self.rows.get(place), event)
