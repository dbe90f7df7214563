"""Write what readers of our events rely on: a JSON Schema and a published example of every version of every event.

    .venv/bin/python -m tools.write_contracts

Schemas are written anew: their diff is the contract change that a review looks at; the form before stays as superseded.
An example is written where none is,
and never again: it is what somebody has stored. Documents and pages in docs that follow from the code are written, too.
`tests/contract` compares.
"""

import json
from base64 import b64encode
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from inspect import cleandoc
from pathlib import Path
from typing import Any, Final

import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from msgspec import Raw, Struct

from shared.events.envelope import Actor, Envelope, Event, link, personal_fields
from shared.events.registry import EVENTS, PRODUCERS
from shared.kernel.identifiers import derived_id
from shared.runtime.log import Record
from shared.runtime.wire import to_record

ROOT: Final = Path(__file__).resolve().parents[1]
SCHEMAS: Final = ROOT / "tests" / "contract" / "schemas"
SUPERSEDED: Final = ROOT / "tests" / "contract" / "superseded"
EXAMPLES: Final = ROOT / "tests" / "contract" / "examples"
TENANT: Final = "demo"
KID: Final = "0190f3c2-0000-7000-8000-0000000000ff"
KEY: Final = bytes(range(32))
"""Key of every example's sealed block; it is public, and nothing but examples is sealed with it."""
ALGORITHM: Final = "A256GCM"
WHEN: Final = datetime(2026, 3, 3, 14, 30, tzinfo=UTC)
DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
SEALED: Final = {
    "kid": {"description": "Which data key; the patient's, or the tenant's.", "examples": [KID], "type": "string"},
    "alg": {"description": "How it is sealed.", "examples": [ALGORITHM], "type": "string"},
}


class Published(Struct, frozen=True, kw_only=True):
    """A record as a file: readable headers, and the value byte for byte."""

    key: str
    headers: dict[str, str]
    value: Raw


def file_name(event: type[Event]) -> str:
    """Return the name of an event's schema and example in its latest version."""
    return f"{event.__name__}.v{event.schema_version}.json"


def schema(event: type[Event]) -> dict[str, Any]:
    """Return the JSON Schema of an event's value on the wire. **Shape**: personal fields stand within their block."""
    made = msgspec.json.schema(event)
    forms: dict[str, Any] = {name: _described(form) for name, form in made["$defs"].items() if name != "Erased"}
    whole = forms.pop(event.__name__)
    fields = {name: _without_erased(field) for name, field in whole["properties"].items()}
    names = personal_fields(event)
    required = [name for name in whole["required"] if name not in names]
    properties = {name: field for name, field in fields.items() if name not in names}
    if names:
        inner = {name: field for name, field in fields.items() if name in names}
        properties["personal"] = _sealed(inner, [name for name in whole["required"] if name in names])
        required.append("personal")
    shape: dict[str, Any] = {
        "$schema": DIALECT,
        "$id": f"/schemas/{file_name(event)}",
        "title": whole["title"],
        "description": whole["description"],
        "type": "object",
        "x-key": event.key,
        "required": required,
        "properties": properties,
    }
    return {**shape, "$defs": dict(sorted(forms.items()))} if forms else shape


def in_one_line(docstring: str | None) -> str:
    """Return a docstring as one paragraph."""
    return " ".join(cleandoc(docstring or "").split())


def _described(form: Mapping[str, Any]) -> dict[str, Any]:
    return {**form, "description": in_one_line(form["description"])}


def _without_erased(field: Mapping[str, Any]) -> dict[str, Any]:
    """Return a field without the mark of an erased value, which is never on the wire."""
    kinds = [kind for kind in field.get("anyOf", ()) if kind.get("$ref") != "#/$defs/Erased"]
    others = {name: value for name, value in field.items() if name != "anyOf"}
    match kinds:
        case []:
            return others
        case [kind]:
            return {**others, **kind}
        case _:
            return {**others, "anyOf": kinds}


def _sealed(fields: Mapping[str, Any], required: list[str]) -> dict[str, Any]:
    inside = {"type": "object", "required": required, "properties": fields}
    content = {
        "description": "Nonce (12 bytes) and ciphertext; opened, it is the JSON of the personal fields. "
        "Associated data: tenant, event id and type, each with its length.",
        "type": "string",
        "contentEncoding": "base64",
        "contentMediaType": "application/json",
        "contentSchema": inside,
    }
    return {
        "description": "The personal fields, sealed; unreadable for ever once the key is destroyed.",
        "type": "object",
        "required": ["kid", "alg", "ct"],
        "properties": {**SEALED, "ct": content},
    }


def schema_text(event: type[Event]) -> str:
    """Return a schema as it is kept. **Shape**: one field in one line, so that a diff shows fields."""
    return _lines(schema(event), "") + "\n"


def _lines(value: Any, indent: str) -> str:  # noqa: ANN401 (JSON)
    if not isinstance(value, dict) or not _has_fields(value):
        return json.dumps(value)
    inner = indent + " "
    parts = []
    for name, each in value.items():
        if name in {"properties", "$defs"}:
            deeper = inner + " "
            fields = ",\n".join(f"{deeper}{json.dumps(k)}: {_lines(v, deeper)}" for k, v in each.items())
            parts.append(f"{inner}{json.dumps(name)}: {{\n{fields}\n{inner}}}")
        else:
            parts.append(f"{inner}{json.dumps(name)}: {_lines(each, inner)}")
    return "{\n" + ",\n".join(parts) + f"\n{indent}}}"


def _has_fields(value: Mapping[str, Any]) -> bool:
    return any(name == "properties" or (isinstance(each, dict) and _has_fields(each)) for name, each in value.items())


def examples_of(field: Mapping[str, Any]) -> Iterator[Any]:
    """Yield the examples of a field, its own before those of its kinds."""
    yield from field.get("examples", ())
    for kind in field.get("anyOf", ()):
        yield from examples_of(kind)


def example(event: type[Event]) -> Event:
    """Return an event made of the first example of every field. **Errors**: `StopIteration`: a field has none."""
    fields = msgspec.json.schema(event)["$defs"][event.__name__]["properties"]
    values = {name: next(examples_of(field)) for name, field in fields.items()}
    return msgspec.json.decode(json.dumps(values).encode(), type=event)


def sealed(event: Event, *, event_id: str) -> bytes:
    """Return an event as it is stored, its personal fields sealed with the examples' key.

    Written apart from `shared/runtime/keys.py` on purpose: an example shows what the vault must be able to open for
    ever, so that a change of its format is seen.
    """
    names = personal_fields(type(event))
    if not names:
        return msgspec.json.encode(event)
    plain = msgspec.to_builtins(event)
    personal = msgspec.json.encode({name: plain.pop(name) for name in sorted(names)})
    parts = (TENANT.encode(), event_id.encode(), type(event).__name__.encode())
    context = b"".join(b"%d:%b" % (len(part), part) for part in parts)
    nonce = sha256(event_id.encode()).digest()[:12]
    content = nonce + AESGCM(KEY).encrypt(nonce, personal, context)
    plain["personal"] = {"kid": KID, "alg": ALGORITHM, "ct": b64encode(content).decode()}
    return msgspec.json.encode(plain)


def record(event: Event) -> Record:
    """Return an event as its service would publish it: the first fact of an example store."""
    name = type(event).__name__
    event_id = derived_id("example", name)
    fields: dict[str, Any] = {
        "position": 1,
        "tenant_id": TENANT,
        "stream": f"{name}-{event.subject()}",
        "version": 1,
        "event_id": event_id,
        "type": name,
        "schema_version": event.schema_version,
        "key": event.subject(),
        "public": True,
        "occurred_at": WHEN,
        "recorded_at": WHEN,
        "actor": Actor(kind="human", id="example"),
        "correlation_id": derived_id("example-request", name),
        "causation_id": derived_id("example-cause", name),
        "unit_first": 1,
        "unit_last": 1,
        "names": (),
        "data": sealed(event, event_id=event_id),
    }
    chain_hash = link(bytes(32), Envelope(**fields, chain_hash=b""))
    producer = next(producer for producer, events in PRODUCERS.items() if type(event) in events)
    return to_record(
        Envelope(**fields, chain_hash=chain_hash),
        service=producer,
        store_id=derived_id("example-store", producer),
        incarnation=1,
        previous_position=0,
    )


def example_text(event: type[Event]) -> str:
    """Return an event's example as it is kept. **Shape**: a header per line; the value in one line, byte for byte."""
    made = record(example(event))
    headers = ",\n".join(f"  {json.dumps(name)}: {json.dumps(value.decode())}" for name, value in made.headers)
    key = json.dumps(made.key.decode())
    return f'{{\n "key": {key},\n "headers": {{\n{headers}\n }},\n "value": {made.value.decode()}\n}}\n'


def superseded(stem: str) -> list[Path]:
    """Return the older forms of a version of a fact, oldest first."""
    return sorted(SUPERSEDED.glob(f"{stem}.*.json"), key=lambda each: int(each.stem.rsplit(".", 1)[1]))


def keep_superseded(file: Path, text: str) -> None:
    """Keep the form of a schema that another text is about to replace: somebody may have read by it."""
    if file.exists() and file.read_text(encoding="utf-8") != text:
        number = len(superseded(file.stem)) + 1
        (SUPERSEDED / f"{file.stem}.{number}.json").write_bytes(file.read_bytes())


def main() -> None:
    """Write schemas, missing examples, and the pages that follow from the code."""
    from tools import (  # noqa: PLC0415 (they read schemas from this module)
        write_api_doc,
        write_asyncapi,
        write_events_doc,
        write_metrics_doc,
        write_openapi,
        write_problems_doc,
    )

    for folder in (SCHEMAS, SUPERSEDED, EXAMPLES):
        folder.mkdir(exist_ok=True)
    for event in EVENTS.values():
        keep_superseded(SCHEMAS / file_name(event), schema_text(event))
        (SCHEMAS / file_name(event)).write_text(schema_text(event), encoding="utf-8")
        kept = EXAMPLES / file_name(event)
        if not kept.exists():
            kept.write_text(example_text(event), encoding="utf-8")
    write_events_doc.PAGE.write_text(write_events_doc.page(), encoding="utf-8")
    write_api_doc.PAGE.write_text(write_api_doc.page(), encoding="utf-8")
    write_problems_doc.PAGE.write_text(write_problems_doc.page(), encoding="utf-8")
    write_metrics_doc.PAGE.write_text(write_metrics_doc.page(), encoding="utf-8")
    write_asyncapi.PAGE.write_text(write_asyncapi.text(), encoding="utf-8")
    write_openapi.write()
    print(f"{len(EVENTS)} events, the documents of services and topics, and the pages of events, routes and metrics")


if __name__ == "__main__":
    main()
