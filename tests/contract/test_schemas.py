"""What readers of our events rely on: schemas stay, old bytes stay readable, nothing that was published is lost."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar, Final

import msgspec
import pytest
from msgspec import Struct, ValidationError, defstruct, json

from shared.events import claims, coding, payments, registration, validation
from shared.events.coding import CodesAssigned
from shared.events.envelope import Event, link, personal_fields
from shared.events.registry import EVENTS, PRODUCERS, Registry, UnknownVersion
from shared.kernel.unions import members
from shared.runtime.wire import to_record
from shared.runtime.wiring import RUNTIME_EVENTS
from tests.contract.published import FILES, event, fact, fetched, plain
from tools.service_values import services
from tools.write_contracts import (
    EXAMPLES,
    SCHEMAS,
    example,
    examples_of,
    file_name,
    record,
    schema,
    schema_text,
)

MODULES: Final = {
    "registration": registration,
    "coding": coding,
    "validation": validation,
    "claims": claims,
    "payments": payments,
}
PUBLIC: Final = pytest.mark.parametrize("kind", list(EVENTS.values()), ids=lambda kind: kind.__name__)
STORED: Final = pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
WRITE: Final = "published; if the change only adds, run `make contracts` and say so in CHANGELOG.md"


def keeps(kind: type[Struct], published: bytes) -> bool:
    """Return whether nothing that was published is lost or changed by reading and writing it again."""
    return _holds(json.decode(published), json.decode(json.encode(json.decode(published, type=kind))))


def _holds(before: object, after: object) -> bool:
    if isinstance(before, dict) and isinstance(after, dict):
        return all(name in after and _holds(value, after[name]) for name, value in before.items())
    if isinstance(before, list) and isinstance(after, list):
        return len(before) == len(after) and all(map(_holds, before, after))
    return bool(before == after)


def fields_of(shape: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield every field of a schema, those within the sealed block too."""
    for name, field in shape["properties"].items():
        yield name, field
        if "contentSchema" in field.get("properties", {}).get("ct", {}):
            yield from fields_of(field["properties"]["ct"]["contentSchema"])


@PUBLIC
def test_event_keeps_its_schema(kind: type[Event]) -> None:
    assert schema_text(kind) == (SCHEMAS / file_name(kind)).read_text(encoding="utf-8"), WRITE


@PUBLIC
def test_event_has_an_example_of_each_version(kind: type[Event]) -> None:
    versions = range(1, kind.schema_version + 1)

    assert all((EXAMPLES / f"{kind.__name__}.v{version}.json").exists() for version in versions), WRITE


def test_nothing_that_was_published_is_forgotten() -> None:
    known = {f"{name}.v{version}" for name, kind in EVENTS.items() for version in range(1, kind.schema_version + 1)}

    assert {file.stem for file in FILES} == known
    assert {file.stem for file in SCHEMAS.glob("*.json")} == known


@PUBLIC
def test_event_says_fact_moment_key_and_versions(kind: type[Event]) -> None:
    said = " ".join((kind.__doc__ or "").split())

    assert all(f"**{word}**: " in said for word in ("Moment", "Key", "Versions"))
    assert f"**Key**: `{kind.key}`" in said
    assert f"**Versions**: {kind.schema_version} (" in said
    assert kind.key in kind.__struct_fields__
    assert kind.key not in personal_fields(kind)


@PUBLIC
def test_every_field_has_a_description_and_a_synthetic_example(kind: type[Event]) -> None:
    inner = [field for form in schema(kind).get("$defs", {}).values() for field in form["properties"].items()]

    assert all(described(field) for _, field in (*fields_of(schema(kind)), *inner))
    assert example(kind).subject()


def described(field: Mapping[str, Any]) -> bool:
    """Return whether a field says what it is, itself or by what it may be."""
    return bool(field.get("description")) or any(described(each) for each in field.get("anyOf", ()))


@PUBLIC
def test_personal_fields_are_never_in_the_clear(kind: type[Event]) -> None:
    names = personal_fields(kind)
    stored = json.decode(record(example(kind)).value)

    assert not names & set(stored)
    assert ("personal" in stored) == bool(names)
    assert not names & set(schema(kind)["properties"])


@STORED
async def test_published_bytes_are_read_and_lose_nothing(file: Path) -> None:
    kind = EVENTS[fact(file).envelope.type]
    found = await event(file)

    assert isinstance(found, kind)
    if file.name == file_name(kind):
        assert keeps(kind, plain(file))


@STORED
def test_published_headers_are_read_and_lose_nothing(file: Path) -> None:
    before, found = fetched(file), fact(file)
    producer = next(name for name, kinds in PRODUCERS.items() if EVENTS[found.envelope.type] in kinds)
    again = to_record(
        found.envelope,
        service=producer,
        store_id=found.store_id,
        incarnation=found.incarnation,
        previous_position=found.previous_position,
    )

    assert (again.key, again.value) == (before.key, before.value)
    assert set(before.headers) <= set(again.headers)
    assert file.stem == f"{found.envelope.type}.v{found.envelope.schema_version}"


@STORED
def test_published_bytes_are_those_that_their_chain_hash_covers(file: Path) -> None:
    envelope = fact(file).envelope

    assert link(bytes(32), envelope) == envelope.chain_hash, "an example is never edited, nor what the chain covers"


@STORED
async def test_reader_survives_an_unknown_field(file: Path) -> None:
    kind = EVENTS[fact(file).envelope.type]
    newer = plain(file)[:-1] + b',"news":{"of":["a","later","release"]}}'

    decoded = Registry.of().decode(kind.__name__, fact(file).envelope.schema_version, newer)

    assert decoded == await event(file)


def test_reader_survives_an_unknown_type() -> None:
    assert Registry.of().decode("ClaimForgiven", 1, b"{}") is None


def test_reader_says_so_when_a_known_event_has_a_newer_form() -> None:
    with pytest.raises(UnknownVersion):
        Registry.of().decode("CodesAssigned", CodesAssigned.schema_version + 1, b"{}")


def test_field_may_be_added_but_not_lost_or_renamed() -> None:
    published = plain(EXAMPLES / "ClaimHoldReleased.v1.json")
    added = defstruct("Added", [("note", str | None, None)], bases=(claims.ClaimHoldReleased,), kw_only=True)
    lost = defstruct("Lost", [("claim_id", str), ("reason", str)])
    renamed = defstruct("Renamed", [("claim", str), ("reason", str), ("released_at", datetime)])
    retyped = defstruct("Retyped", [("claim_id", str), ("reason", int), ("released_at", datetime)])

    assert keeps(added, published)
    assert not keeps(lost, published)
    for broken in (renamed, retyped):
        with pytest.raises(ValidationError):
            keeps(broken, published)


def test_field_of_a_part_may_not_be_lost_either() -> None:
    class Line(Struct):
        line_no: int

    class Priced(Struct):
        lines: tuple[Line, ...]

    assert not keeps(Priced, b'{"lines":[{"line_no":1,"charge_cents":15000}]}')


class NoteKept(Event, frozen=True, kw_only=True):
    """A made-up event in its second form: version 1 had `text`, version 2 splits it."""

    schema_version: ClassVar[int] = 2
    key: ClassVar[str] = "note_id"
    note_id: str
    title: str
    body: str


def split_text(fields: dict[str, Any]) -> dict[str, Any]:
    title, _, body = fields.pop("text").partition(": ")
    return {**fields, "title": title, "body": body}


def test_old_form_is_read_as_todays() -> None:
    registry = Registry.of(NoteKept, upcasters={("NoteKept", 1): split_text})
    old = b'{"note_id":"N1","text":"Visit: feels well","added later":true}'
    new = b'{"note_id":"N1","title":"Visit","body":"feels well"}'

    read = registry.decode("NoteKept", 1, old)

    assert read == NoteKept(note_id="N1", title="Visit", body="feels well")
    assert read == registry.decode("NoteKept", 2, new)


def test_old_form_without_its_upcaster_is_not_guessed() -> None:
    with pytest.raises(KeyError):
        Registry.of(NoteKept).decode("NoteKept", 1, b'{"note_id":"N1"}')


def test_every_older_version_has_its_upcaster() -> None:
    registry = Registry.of()
    needed = {(name, version) for name, kind in EVENTS.items() for version in range(1, kind.schema_version)}

    assert needed == set(registry.upcasters)


@pytest.mark.parametrize("producer", list(MODULES))
def test_every_event_of_a_producer_is_registered(producer: str) -> None:
    declared = {
        each
        for name, each in vars(MODULES[producer]).items()
        if isinstance(each, type)
        and issubclass(each, Event)
        and each.__module__ == MODULES[producer].__name__
        and not name.startswith("_")
    }

    assert declared == set(PRODUCERS[producer])


def test_no_two_events_share_a_type_string() -> None:
    public = [kind for kinds in PRODUCERS.values() for kind in kinds]
    private = [kind for service in services() for kind in service.private_events]
    names = [kind.__name__ for kind in (*public, *private, *RUNTIME_EVENTS)]

    assert sorted(names) == sorted(set(names))


def test_every_event_of_a_service_is_public_or_listed_as_private() -> None:
    for service in services():
        decided = {kind for decider in service.deciders for kind in decider.events}

        assert decided == set(service.private_events) | (decided & set(EVENTS.values())), service.name
        assert decided & set(EVENTS.values()) <= set(PRODUCERS[service.name]), service.name


def test_every_public_event_is_decided_by_its_producer() -> None:
    for service in services():
        decided = {kind for decider in service.deciders for kind in decider.events}

        assert set(PRODUCERS[service.name]) <= decided, service.name


def test_union_with_one_member_has_one_member() -> None:
    assert members(registration.PatientEvent) == (registration.PatientRegistered,)
    assert len(members(registration.AppointmentEvent)) == 2


def test_examples_are_found_where_a_field_may_be_missing() -> None:
    fields = msgspec.json.schema(coding.EncounterDocumented)["$defs"]["EncounterDocumented"]["properties"]

    assert next(examples_of(fields["appointment_id"])).startswith("0190f3c2")
