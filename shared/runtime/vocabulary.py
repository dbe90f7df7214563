"""What a field means, told once: a field of an answer that is called like one of the service's facts means the same.

Owns: description and example of fields that have none of their own, taken from the classes of facts. Refuses: guessing:
where facts use a word in several ways, whoever uses it in a body says which.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

import msgspec

from shared.events.envelope import Event
from shared.events.registry import EVENTS, PRODUCERS
from shared.runtime.definition import Service


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Words and what they mean. **Shape**: parts of a JSON Schema, `description` and `examples`, by name of a field."""

    meanings: Mapping[str, Mapping[str, Any]]

    @classmethod
    def of(cls, service: Service) -> Self:
        """Return the words of a service's own facts and, where it has none, those on which all public facts agree."""
        own = _agreed((*PRODUCERS.get(service.name, ()), *service.private_events))
        return cls({**_agreed(EVENTS.values()), **own})

    def fill(self, schema: dict[str, Any]) -> None:
        """Give the properties of a JSON Schema the words that they lack."""
        for name, field in schema.get("properties", {}).items():
            self._fill(name, field, field)

    def fill_parameters(self, parameters: Iterable[dict[str, Any]]) -> None:
        """Give the parameters of an operation the words that they lack."""
        for each in parameters:
            if "$ref" not in each:
                self._fill(each["name"], each, each["schema"])

    def _fill(self, name: str, described: dict[str, Any], schema: dict[str, Any]) -> None:
        meaning = self.meanings.get(name, {})
        if "description" not in described and "description" in meaning:
            described["description"] = meaning["description"]
        if "examples" not in schema and "examples" in meaning and "$ref" not in schema:
            schema["examples"] = meaning["examples"]


def _agreed(kinds: Iterable[type[Event]]) -> dict[str, Mapping[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    disputed: set[str] = set()
    for kind in kinds:
        for form in msgspec.json.schema(kind)["$defs"].values():
            for name, field in form.get("properties", {}).items():
                meaning = _meaning(field)
                if found.setdefault(name, meaning).get("description") != meaning.get("description"):
                    disputed.add(name)
    return {name: meaning for name, meaning in found.items() if name not in disputed}


def _meaning(field: Mapping[str, Any]) -> dict[str, Any]:
    """Return description and examples of a field, or those of what it may be."""
    own = {word: field[word] for word in ("description", "examples") if word in field}
    for each in field.get("anyOf", ()):
        own = {**_meaning(each), **own}
    return own
