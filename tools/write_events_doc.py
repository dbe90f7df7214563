"""Write docs/events.md: every fact, its fields, and who reacts to it.

    .venv/bin/python -m tools.write_events_doc

Everything on the page follows from the event classes and the five services; `tests/contract/test_docs.py` compares.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from shared.events.envelope import Event
from shared.events.registry import PRODUCERS
from shared.runtime.definition import Service
from shared.runtime.wiring import RUNTIME_EVENTS
from tools.service_values import ROOT, services
from tools.write_contracts import in_one_line, schema

PAGE: Final = ROOT / "docs" / "events.md"
HEAD: Final = """\
# Events

Written by `make contracts` from `shared/events` and the five services; do not edit.

A fact is published to the topic `claimlog.<producer>` under its key, so that facts of one key keep their order. The
schema of each version is in `tests/contract/schemas`, a record as published in `tests/contract/examples`. How to read
them from the topics: [consuming.md](consuming.md); for tools, topics and records as AsyncAPI 3.1:
[asyncapi.json](asyncapi.json).

† is a personal field: it travels in the block `personal`, sealed with the patient's data key (the tenant's where no
patient is named), and reads as erased once that key is destroyed. ? is a field that may be missing. `_cents` is whole
cents, `_on` a calendar date, `_at` an instant in UTC.

| Event | Producer | Key | Who reacts |
|---|---|---|---|
"""
PRIVATE: Final = """
## Private facts

On `claimlog.<producer>.internal`, readable by the producer alone; their form may change with a release. Every service
also has {common}, about records that could not be handled and facts that a restore could not bring back.

| Event | Producer | Says |
|---|---|---|
"""
_KINDS: Final = {
    "string": "text",
    "integer": "integer",
    "boolean": "yes or no",
    "null": "none",
    "date": "date",
    "date-time": "instant",
}


def page() -> str:
    """Return the page."""
    rows = "".join(
        f"| [{event.__name__}](#{event.__name__.lower()}) | {producer} | `{event.key}` | {_services(event)} |\n"
        for producer, events in PRODUCERS.items()
        for event in events
    )
    sections = "".join(_producer(name, events) for name, events in PRODUCERS.items())
    return HEAD + rows + sections + _parts() + _private()


def _producer(name: str, events: tuple[type[Event], ...]) -> str:
    return f"\n## {name}\n" + "".join(_event(event) for event in events)


def _event(event: type[Event]) -> str:
    shape = schema(event)
    forms = shape.get("$defs", {})
    rows = "".join(_row(*field, forms) for field in _fields(shape))
    readers = "".join(f"- {reader}\n" for reader in reactions_to(event)) or "- nobody yet; the topic has it\n"
    return f"\n### {event.__name__}\n\n{in_one_line(event.__doc__)}\n\n{_TABLE}{rows}\nRead by:\n\n{readers}"


def _parts() -> str:
    forms = {name: form for events in PRODUCERS.values() for event in events for name, form in _forms(event).items()}
    return "\n## Parts of events\n" + "".join(
        f"\n### {name}\n\n{form['description']}\n\n{_TABLE}" + "".join(_row(*field, forms) for field in _fields(form))
        for name, form in sorted(forms.items())
    )


def _forms(event: type[Event]) -> Mapping[str, Any]:
    forms: Mapping[str, Any] = schema(event).get("$defs", {})
    return forms


_TABLE: Final = "| Field | Kind | What |\n|---|---|---|\n"


def _fields(shape: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    required = set(shape.get("required", ()))
    for name, field in shape["properties"].items():
        if name == "personal" and "ct" in field.get("properties", {}):
            inside = field["properties"]["ct"]["contentSchema"]
            yield from ((f"{inner} †", each) for inner, each in _fields(inside))
        else:
            yield name if name in required else f"{name} ?", field


def _row(name: str, field: Mapping[str, Any], forms: Mapping[str, Any]) -> str:
    bare, _, mark = name.partition(" ")
    return f"| `{bare}`{' ' + mark if mark else ''} | {_kind(field, forms)} | {_about(field)} |\n"


def _about(field: Mapping[str, Any]) -> str:
    return str(field.get("description") or next((_about(kind) for kind in field.get("anyOf", ())), ""))


def _kind(field: Mapping[str, Any], forms: Mapping[str, Any]) -> str:
    match field:
        case {"$ref": str(ref)}:
            name = ref.removeprefix("#/$defs/")
            return f"[{name}](#{name.lower()})" if "properties" in forms[name] else _kind(forms[name], forms)
        case {"anyOf": kinds}:
            return ", or ".join(_kind(kind, forms) for kind in kinds)
        case {"enum": values}:
            return ", ".join(f"`{value}`" for value in values)
        case {"type": "array", "items": items}:
            return f"list of {_kind(items, forms)}"
        case _:
            return _KINDS[field.get("format", field["type"])]


def reactions_to(event: type[Event]) -> tuple[str, ...]:
    """Return who learns from an event: of each service its reactions, then its read models."""
    return tuple(text for service in services() if (text := _of(service, event)))


def _of(service: Service, event: type[Event]) -> str:
    acts = [f"`{reaction.name}`" for reaction in service.reactions if reaction.on is event]
    keeps = [f"`{each.name}`" for each in service.projections if event in each.events]
    said = (("reacts with " + ", ".join(acts)) if acts else "", ("keeps it in " + ", ".join(keeps)) if keeps else "")
    text = "; ".join(filter(None, said))
    return f"{service.name} {text}" if text else ""


def _services(event: type[Event]) -> str:
    return ", ".join(text.partition(" ")[0] for text in reactions_to(event)) or "—"


def _private() -> str:
    common = ", ".join(f"`{event.__name__}`" for event in RUNTIME_EVENTS)
    rows = "".join(
        f"| `{event.__name__}` | {service.name} | {in_one_line(event.__doc__).split(' **', 1)[0]} |\n"
        for service in services()
        for event in service.private_events
    )
    return PRIVATE.format(common=common) + rows


if __name__ == "__main__":
    Path(PAGE).write_text(page(), encoding="utf-8")
    print(PAGE.name)
