"""Every public event class by its type string, and upcasting: the way from old bytes to today's class.

A service adds its private events with `Registry.of`. Next: `shared/runtime/keys.py` opens sealed blocks and
then asks here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from msgspec import json

from shared.events.claims import ClaimsEvent
from shared.events.coding import CodingEvent
from shared.events.envelope import Event
from shared.events.payments import PaymentsEvent
from shared.events.registration import RegistrationEvent
from shared.events.validation import ValidationEvent
from shared.kernel.unions import members

PRODUCERS: Final[dict[str, tuple[type[Event], ...]]] = {
    "registration": members(RegistrationEvent),
    "coding": members(CodingEvent),
    "validation": members(ValidationEvent),
    "claims": members(ClaimsEvent),
    "payments": members(PaymentsEvent),
}
EVENTS: Final[dict[str, type[Event]]] = {event.__name__: event for events in PRODUCERS.values() for event in events}

Upcaster = Callable[[dict[str, Any]], dict[str, Any]]
UPCASTERS: Final[Mapping[tuple[str, int], Upcaster]] = {}
"""From (type, schema_version) to the function that turns its fields into those of the next version."""


class UnknownVersion(LookupError):
    """A newer form of a known event: readers deploy before writers, so its key parks until this release is replaced."""


@dataclass(frozen=True, slots=True)
class Registry:
    """What a process can decode."""

    events: Mapping[str, type[Event]]
    upcasters: Mapping[tuple[str, int], Upcaster]
    decoders: Mapping[str, json.Decoder[Any]]

    @classmethod
    def of(cls, *private: type[Event], upcasters: Mapping[tuple[str, int], Upcaster] = UPCASTERS) -> Self:
        """Return the public events and some private ones. **Errors**: `ValueError` where two share a type string."""
        events = dict(EVENTS)
        for event in private:
            if events.setdefault(event.__name__, event) is not event:
                raise ValueError(f"two events are called {event.__name__}")
        return cls(events, upcasters, {name: json.Decoder(event) for name, event in events.items()})

    def decode(self, type_name: str, schema_version: int, plain: bytes) -> Event | None:
        """Return the event that bytes mean, None for a type that this release does not know: it is skipped and counted.

        **Shape**: `plain` has its sealed block opened. **Errors**: `UnknownVersion`; msgspec's for bytes that do not.
        """
        event = self.events.get(type_name)
        if event is None:
            return None
        if schema_version > event.schema_version:
            raise UnknownVersion("a newer form of a known event; deploy readers before writers")
        if schema_version < event.schema_version:
            plain = self._upcast(event, schema_version, plain)
        decoded: Event = self.decoders[type_name].decode(plain)
        return decoded

    def _upcast(self, event: type[Event], schema_version: int, plain: bytes) -> bytes:
        fields = json.decode(plain)
        for version in range(schema_version, event.schema_version):
            fields = self.upcasters[event.__name__, version](fields)
        return json.encode(fields)
