"""The shape of everything that decides: an aggregate's pure functions in one value.

Reading and writing history is the runtime's; `services/registration/domain/patient.py` ends with a `Decider`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import reduce
from typing import Generic, TypeVar

State = TypeVar("State")
Command = TypeVar("Command")
Fact = TypeVar("Fact")


@dataclass(frozen=True, slots=True)
class Name:
    """A name that one stream of a tenant may hold. **Shape**: `key` is normalised; only its HMAC is stored."""

    kind: str
    key: str


def _no_names(_: object) -> tuple[Name, ...]:
    return ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)  # one value each: found by identity
class Decider(Generic[State, Command, Fact]):
    """One aggregate. **Shape**: `stream` names the history that a command is decided on; `names` what a fact reserves.

    Names follow from facts, so that a restore finds them again. **Errors**: `decide` raises a `KnownError` or nothing.
    """

    commands: tuple[type[Command], ...]
    events: tuple[type[Fact], ...]
    stream: Callable[[Command], str]
    initial: State
    decide: Callable[[State, Command], tuple[Fact, ...]]
    evolve: Callable[[State, Fact], State]
    names: Callable[[Fact], tuple[Name, ...]] = _no_names

    def state(self, given: Iterable[Fact]) -> State:
        """Return the state that a history leads to."""
        return reduce(self.evolve, given, self.initial)

    def outcome(self, *, given: Iterable[Fact], when: Command) -> tuple[Fact, ...]:
        """Return the facts that a command adds to a history, oldest first. **Errors**: those of `decide`."""
        return self.decide(self.state(given), when)
