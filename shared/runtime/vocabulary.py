"""What a field means, told once: a field of an answer that is called like one of the service's facts means the same.

Owns: description and example of fields that have none of their own, taken from the classes of facts. Refuses: guessing:
where facts use a word in several ways, whoever uses it in a body says which.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

import msgspec

from shared.events.envelope import Event
from shared.events.registry import EVENTS, PRODUCERS
from shared.runtime.definition import Service
from shared.runtime.pages import CURSOR_EXAMPLE

_NAMING: Final = ("_id", "_number", "_sha256")
_OF_EVERY_ROUTE: Final[Mapping[str, Mapping[str, Any]]] = {
    "next": {"description": "`cursor` of the following page, null at the end.", "examples": [CURSOR_EXAMPLE]},
    "items": {"description": "What there is, at most `page_size` where that can be asked for."},
    "as_of": {"description": "An instant with its offset.", "examples": ["2026-03-03T14:30:00Z"]},
}


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Words and what they mean. **Shape**: parts of a JSON Schema, `description` and `examples`, by name of a field.

    `of_rows` are those of rows that are shown as they are, by name of their class.
    """

    meanings: Mapping[str, Mapping[str, Any]]
    of_rows: Mapping[str, Mapping[str, Mapping[str, Any]]]

    @classmethod
    def of(cls, service: Service) -> Self:
        """Return the words of a service's own facts and, for ids and numbers of things, those of all public facts."""
        own = _agreed((*PRODUCERS.get(service.name, ()), *service.private_events))
        rows = [form for each in service.projections for form in _forms(each.row).items()]
        of_rows = {name: {field: _meaning(said) for field, said in _fields(form)} for name, form in rows}
        names = {name: said for name, said in _agreed(EVENTS.values()).items() if name.endswith(_NAMING)}
        return cls({**names, **own, **_OF_EVERY_ROUTE}, of_rows)

    def fill(self, name: str, described: dict[str, Any], schema: dict[str, Any], *, of: str = "") -> None:
        """Give a property (`of` a class) or parameter the words that it lacks, and its schema examples."""
        meaning = self.of_rows.get(of, {}).get(name) or self.meanings.get(name, {})
        if "description" not in described and "description" in meaning:
            described["description"] = meaning["description"]
        found = list(_plain_examples(schema)) or meaning.get("examples") or list(_calendar_examples(schema))
        if found and "examples" not in schema and not is_of_models(schema):
            schema["examples"] = found


def is_of_models(schema: Mapping[str, Any]) -> bool:
    """Return whether a schema is made of others, which have words and examples of their own."""
    parts = (schema, schema.get("items", {}), *schema.get("anyOf", ()))
    return any("$ref" in part or "$ref" in part.get("items", {}) for part in parts)


def _plain_examples(schema: Mapping[str, Any]) -> Iterator[object]:
    """Yield an example of what says by itself what it may be."""
    match schema:
        case {"const": value} | {"enum": [value, *_]}:
            yield value
        case {"type": "boolean"}:
            yield True
        case {"anyOf": kinds}:
            for kind in kinds[:1]:
                yield from _plain_examples(kind)
        case _:
            pass


def _calendar_examples(schema: Mapping[str, Any]) -> Iterator[str]:
    formats = {schema.get("format"), *(each.get("format") for each in schema.get("anyOf", ()))}
    yield from (["2026-03-03"] if "date" in formats else [])
    yield from (["2026-03-03T14:30:00Z"] if "date-time" in formats else [])


def _agreed(kinds: Iterable[type[Event]]) -> dict[str, Mapping[str, Any]]:
    """Return words on which facts agree; of an id, what most of them say, because an id names the same everywhere."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for kind in kinds:
        for form in _forms(kind).values():
            for name, field in _fields(form):
                found[name].append(_meaning(field))
    agreed: dict[str, Mapping[str, Any]] = {}
    for name, meanings in found.items():
        (said, _), *others = Counter(each.get("description") for each in meanings).most_common()
        if not others or name.endswith("_id"):
            agreed[name] = next(each for each in meanings if each.get("description") == said)
    return agreed


def _forms(kind: type[object]) -> Mapping[str, Mapping[str, Any]]:
    forms: Mapping[str, Mapping[str, Any]] = msgspec.json.schema(kind).get("$defs", {})
    return forms


def _fields(form: Mapping[str, Any]) -> Iterable[tuple[str, Mapping[str, Any]]]:
    fields: Mapping[str, Mapping[str, Any]] = form.get("properties", {})
    return fields.items()


def _meaning(field: Mapping[str, Any]) -> dict[str, Any]:
    """Return description and examples of a field, or those of what it may be."""
    own = {word: field[word] for word in ("description", "examples") if word in field}
    for each in field.get("anyOf", ()):
        own = {**_meaning(each), **own}
    return own
