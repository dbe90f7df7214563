"""Every form of a fact's schema only added to all older ones: who reads old records and who reads new ones goes on.

The newest form is in `schemas`; `make contracts` leaves the one that it replaces in `superseded`, numbered. No release
is tagged yet, so every form that was ever on the main branch counts as one that somebody may have read or stored.
"""

from collections.abc import Mapping
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any, Final

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from msgspec import json

from shared.events.envelope import Event
from shared.events.registry import EVENTS
from tests.contract.compatibility import closed, differences, tolerant
from tests.contract.published import FILES, fact, plain
from tools.write_contracts import SCHEMAS, SUPERSEDED, example, keep_superseded, record, superseded

Json = dict[str, Any]
CURRENT: Final = sorted(SCHEMAS.glob("*.json"))
EACH: Final = pytest.mark.parametrize("file", CURRENT, ids=lambda file: file.stem)
PUBLIC: Final = pytest.mark.parametrize("kind", list(EVENTS.values()), ids=lambda kind: kind.__name__)
STORED: Final = pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)


def forms(stem: str) -> list[Json]:
    """Return every form of a version of a fact, oldest first; the last one is the committed schema."""
    return [json.decode(each.read_bytes()) for each in (*superseded(stem), SCHEMAS / f"{stem}.json")]


def wrong(value: object, schema: Mapping[str, Any]) -> list[str]:
    """Return what a schema has against a value."""
    judge = Draft202012Validator(schema, format_checker=FormatChecker())
    return [f"{error.json_path}: {error.message}" for error in judge.iter_errors(value)]


def opened(schema: Json) -> Json | None:
    """Return the schema of what is sealed, None where nothing is."""
    block = schema["properties"].get("personal")
    inside = block and block["properties"]["ct"]["contentSchema"]
    return {**inside, "$defs": schema.get("$defs", {})} if inside else None


@EACH
def test_every_form_only_adds_to_every_older_one(file: Path) -> None:
    for older, newer in combinations(forms(file.stem), 2):
        assert differences(older, newer) == []


@EACH
def test_a_form_that_was_replaced_differs_from_what_came_next(file: Path) -> None:
    assert all(older != newer for older, newer in pairwise(forms(file.stem)))


def test_replaced_forms_are_those_of_known_facts_numbered_without_gaps() -> None:
    numbered = [each.name for file in CURRENT for each in superseded(file.stem)]

    assert sorted(numbered) == sorted(file.name for file in SUPERSEDED.glob("*.json"))
    for file in CURRENT:
        assert [int(each.stem.rsplit(".", 1)[1]) for each in superseded(file.stem)] == [
            n for n, _ in enumerate(superseded(file.stem), 1)
        ]


@STORED
def test_stored_example_passes_for_readers_of_every_form(file: Path) -> None:
    value = json.decode(fact(file).envelope.data)
    sealed = {name: each for name, each in json.decode(plain(file)).items() if name not in value}

    for form in forms(file.stem):
        inside = opened(tolerant(form))
        assert wrong(value, tolerant(form)) == []
        assert inside is None or wrong(sealed, inside) == []


@PUBLIC
def test_what_is_written_today_passes_for_readers_of_every_form_and_has_no_other_field(kind: type[Event]) -> None:
    made = example(kind)
    value = json.decode(record(made).value)
    sealed = {name: each for name, each in json.decode(json.encode(made)).items() if name not in value}
    *older, newest = forms(f"{kind.__name__}.v{kind.schema_version}")

    for judge in (closed(newest), *map(tolerant, older)):
        inside = opened(judge)
        assert wrong(value, judge) == []
        assert inside is None or wrong(sealed, inside) == []


BEFORE: Final[Json] = {
    "type": "object",
    "required": ["claim_id"],
    "properties": {
        "claim_id": {"type": "string"},
        "owner": {"enum": ["biller", "coder"]},
        "cents": {"type": "integer", "minimum": 0},
        "until_on": {"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}]},
        "lines": {"type": "array", "items": {"$ref": "#/$defs/Line"}},
    },
    "$defs": {"Line": {"type": "object", "required": ["line_no"], "properties": {"line_no": {"type": "integer"}}}},
}


def changed(at: str, value: object) -> Json:
    """Return the schema with something else in one place; None: without it."""
    made: Json = json.decode(json.encode(BEFORE))
    *path, last = at.split("/")
    part = made
    for each in path:
        part = part[each]
    if value is None:
        del part[last]
    else:
        part[last] = value
    return made


@pytest.mark.parametrize(
    ("at", "value"),
    [
        ("properties/owner", None),
        ("required", ["claim_id", "owner"]),
        ("required", []),
        ("properties/claim_id", {"type": "integer"}),
        ("properties/owner/enum", ["biller", "coder", "nobody"]),
        ("properties/owner/enum", ["biller"]),
        ("properties/cents/minimum", 1),
        ("properties/cents/minimum", None),
        ("properties/until_on/anyOf", [{"type": "string", "format": "date"}]),
        ("properties/until_on/anyOf", [{"type": "string", "format": "date-time"}, {"type": "null"}]),
        ("properties/lines/items", None),
        ("properties/lines", {"type": "object"}),
        ("$defs/Line/properties", {}),
        ("$defs/Line/required", []),
        ("x-key", "line_no"),
    ],
)
def test_a_change_that_breaks_a_reader_is_seen(at: str, value: object) -> None:
    assert differences(BEFORE, changed(at, value))


@pytest.mark.parametrize(
    ("at", "value"),
    [
        ("properties/note", {"type": "string"}),
        ("$defs/Line/properties/units", {"type": "integer"}),
        ("properties/cents/description", "In cents."),
        ("properties/cents/examples", [15000]),
    ],
)
def test_a_change_that_only_adds_is_let_pass(at: str, value: object) -> None:
    assert differences(BEFORE, changed(at, value)) == []


def test_who_writes_may_not_add_what_the_schema_does_not_name_and_who_reads_passes_it_over() -> None:
    value = {"claim_id": "C1", "lines": [{"line_no": 1, "news": True}]}

    assert wrong(value, closed(BEFORE))
    assert wrong(value, tolerant(BEFORE)) == []


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("tools.write_contracts.SUPERSEDED", tmp_path)
    return tmp_path


def test_a_form_that_is_replaced_is_kept_and_one_that_stays_is_not(folder: Path) -> None:
    file = folder / "ClaimHeld.v1.json"
    file.write_text("{}", encoding="utf-8")

    keep_superseded(file, "{}")
    assert superseded(file.stem) == []
    keep_superseded(file, '{"a": 1}')
    file.write_text('{"a": 1}', encoding="utf-8")
    keep_superseded(file, '{"a": 2}')

    assert [each.read_text(encoding="utf-8") for each in superseded(file.stem)] == ["{}", '{"a": 1}']
