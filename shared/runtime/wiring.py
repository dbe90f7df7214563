"""A service's values, indexed for the runtime: which decider takes a command, which read models learn from a fact.

Owns: the checks at start: a command with two deciders, two values with one name, a fact that nobody publishes.
Refuses: I/O. Next: `working_set.py` asks here.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any, Final

from shared.events.envelope import Event, personal_fields
from shared.events.registry import EVENTS, PRODUCERS, Registry
from shared.kernel.decider import Decider
from shared.kernel.projection import AnyProjection
from shared.kernel.reaction import Reaction
from shared.kernel.unions import members
from shared.runtime.definition import Service
from shared.runtime.effects import Effect
from shared.runtime.losses import UNLOCKINGS, LossEvent
from shared.runtime.parking import PARKINGS, ParkingEvent
from shared.runtime.read_models import column_types
from shared.runtime.store import Stream, table_name

RUNTIME_EVENTS: Final = (*members(ParkingEvent), *members(LossEvent))
"""Private facts that every service may have."""


class Wiring:
    """An index over a service. **Errors**: `ValueError` where its values contradict one another."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.registry = Registry.of(*service.private_events, *RUNTIME_EVENTS)
        self.public = frozenset(event.__name__ for event in PRODUCERS.get(service.name, ()))
        self.deciders = (*service.deciders, PARKINGS, UNLOCKINGS)
        self._by_command: dict[type, Decider[Any, Any, Any]] = {}
        for decider in self.deciders:
            for command in decider.commands:
                if self._by_command.setdefault(command, decider) is not decider:
                    raise ValueError(f"two deciders take {command.__name__}")
        self.look_ahead = frozenset(decider for decider in self.deciders if _looks_ahead(decider))
        self.own: dict[type[Event], list[AnyProjection]] = defaultdict(list)
        self.foreign: dict[type[Event], list[AnyProjection]] = defaultdict(list)
        for projection in service.projections:
            for event in projection.events:
                (self.own if projection.source == "own" else self.foreign)[event].append(projection)
        self.own_projections = tuple(each for each in service.projections if each.source == "own")
        self.by_table = {table_name(projection): projection for projection in service.projections}
        self.tables: Mapping[str, str] = {each.name: table_name(each) for each in service.projections}
        self._check_unique_names()
        self._check_worklists()
        ours = {event for decider in self.deciders for event in decider.events}
        self.own_reactions = _by_event(reaction for reaction in service.reactions if reaction.on in ours)
        self.foreign_reactions = _by_event(reaction for reaction in service.reactions if reaction.on not in ours)
        self.own_effects: tuple[Effect[Any], ...] = tuple(e for e in service.effects if isinstance(e, Effect))

    def _check_unique_names(self) -> None:
        for values in (self.service.projections, self.service.reactions, self.service.effects, self.service.invariants):
            names = [each.name for each in values]
            if len(names) != len(set(names)):
                raise ValueError(f"two have one name among {sorted(names)}")

    def _check_worklists(self) -> None:
        for name, worklist in self.service.worklists.items():
            types = column_types(worklist.projection)
            asked = ((worklist.reason, str), (worklist.due, date), (worklist.amount, int))
            if any(field and types.get(field) is not kind for field, kind in asked):
                raise ValueError(f"a reason, due date or amount of {name} is no column of that type")
            if worklist.reason and worklist.reason not in worklist.projection.countable:
                raise ValueError(f"the reasons of {name} may not be counted")

    def decider(self, command: object) -> Decider[Any, Any, Any]:
        """Return who decides a command."""
        return self._by_command[type(command)]

    def targets(self, tenant_id: str, commands: Iterable[object]) -> Iterator[tuple[Stream, Decider[Any, Any, Any]]]:
        """Yield the stream that each command is decided on, and who decides it."""
        for command in commands:
            decider = self.decider(command)
            yield (tenant_id, decider.stream(command)), decider

    @property
    def foreign_producers(self) -> tuple[str, ...]:
        """Return the services whose topics this one reads."""
        wanted = set(self.foreign) | set(self.foreign_reactions)
        names = {event.__name__ for event in wanted}
        unknown = names - set(EVENTS)
        if unknown:
            raise ValueError(f"not published by anybody: {sorted(unknown)}")
        return tuple(
            producer
            for producer, events in PRODUCERS.items()
            if producer != self.service.name and wanted.intersection(events)
        )


def _by_event(reactions: Any) -> dict[type[Event], list[Reaction[Any]]]:  # noqa: ANN401 (a generator of values)
    found: dict[type[Event], list[Reaction[Any]]] = defaultdict(list)
    for reaction in reactions:
        found[reaction.on].append(reaction)
    return found


def _looks_ahead(decider: Decider[Any, Any, Any]) -> bool:
    has_names = decider.names is not Decider.__dataclass_fields__["names"].default
    return has_names or any(personal_fields(event) for event in decider.events)
