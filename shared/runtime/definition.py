"""A service as a value.

Owns: the list of everything that a service runs. Refuses: behaviour, and inheritance; a service is a list of functions.
Next: `services/registration/main.py` fills one in, `engine.py` runs it, `effects.py` says what touches the world.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shared.events.envelope import Event
from shared.kernel.decider import Decider
from shared.kernel.invariant import AnyInvariant
from shared.kernel.projection import AnyProjection
from shared.kernel.reaction import Reaction
from shared.runtime.access import Access
from shared.runtime.clearinghouse.partner import Partner
from shared.runtime.effects import Effect, Poll, Timer
from shared.runtime.settings import RuntimeSettings

if TYPE_CHECKING:
    from fastapi import APIRouter  # slow to load, and an operator's command has no routes


@dataclass(frozen=True, slots=True, kw_only=True)
class Worklist:
    """Rows that wait for somebody. **Shape**: a read model and the values that its filters must have.

    `reason`, `due`, `amount` name fields of the rows that are columns, where they have one: a text that may be counted
    and tells why they wait, the date by which somebody must have acted, and cents that are at stake.

    Where the rows wait for facts, `missing` is their field that names them, each as kind/id, and `since` the one that
    says since when.
    """

    projection: AnyProjection
    where: Mapping[str, object]
    owner: str
    about: str
    reason: str = ""
    due: str = ""
    amount: str = ""
    missing: str = ""
    since: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A number of a service's own among its metrics, read when they are scraped.

    **Shape**: `name` ends in its unit; `value` of one row of a read model, None where there is none; summed up over
    tenants, so it must not cancel out.
    """

    name: str
    about: str
    projection: AnyProjection
    key: str
    value: Callable[[Any], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Api:
    """What a service answers over HTTP.

    **Shape**: `access` is the route table; `intakes` is what bulk routes take (`bulk.py`), by route, for a worker to
    take what nobody waits for.
    """

    router: "APIRouter"
    access: Mapping[str, Access]
    intakes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """Everything that one service runs.

    **Shape**: `api` loads what it answers over HTTP, for whoever asks: an operator's command does not wait for that;
    `private_events` are its internal facts; `numbered` reads from a fact which number of which sequence it gave out, so
    that a restored store gives out none of them again.
    """

    name: str
    title: str
    api: Callable[[], Api]
    settings: RuntimeSettings
    deciders: tuple[Decider[Any, Any, Any], ...]
    reactions: tuple[Reaction[Any], ...] = ()
    projections: tuple[AnyProjection, ...] = ()
    effects: tuple[Effect[Any] | Poll | Timer, ...] = ()
    private_events: tuple[type[Event], ...] = ()
    numbered: Mapping[type[Event], Callable[[Any], tuple[str, int]]] = field(default_factory=dict)
    invariants: tuple[AnyInvariant, ...] = ()
    worklists: Mapping[str, Worklist] = field(default_factory=dict)
    measures: tuple[Measure, ...] = ()
    resources: Mapping[type[object], object] = field(default_factory=dict)
    partner: Partner | None = None
    """The clearinghouse that it speaks to."""
    tables: tuple[Path, ...] = ()
    """Files of code sets that it reads at its start, where they are there."""
    body_limits: Mapping[str, int] = field(default_factory=dict)
    """Bytes of a body, by route, where it takes more than `body_bytes_max`."""
