"""The document of the topics says what the code says: every public fact, its headers, its schema, an example."""

import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from msgspec import json, structs

from shared.events.registry import EVENTS, PRODUCERS
from shared.runtime.tracing import TRACEPARENT
from shared.runtime.wire import to_record
from tests.contract.published import FILES, fact
from tools.service_values import ROOT
from tools.write_asyncapi import HEADERS, OPTIONAL, PAGE, document, text
from tools.write_contracts import SCHEMAS

STORED = pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)


def test_the_document_is_the_one_that_the_code_writes() -> None:
    assert PAGE.read_text(encoding="utf-8") == text(), "run `make contracts`"


def test_every_public_fact_is_in_the_topic_of_its_producer_and_no_other() -> None:
    channels = document()["channels"]

    for producer, kinds in PRODUCERS.items():
        versions = {f"{kind.__name__}.v{n}" for kind in kinds for n in range(1, kind.schema_version + 1)}
        assert set(channels[f"claimlog.{producer}"]["messages"]) == versions
        assert channels[f"claimlog.{producer}.internal"]["messages"] == {}
    assert set(document()["components"]["messages"]) == {file.stem for file in FILES}


@STORED
def test_headers_are_those_of_a_stored_record(file: Path) -> None:
    written = json.decode(file.read_bytes())["headers"]

    assert set(HEADERS) - OPTIONAL <= set(written) <= set(HEADERS)
    for name, value in written.items():
        said = HEADERS[name]
        assert value == said.get("const", value)
        assert value in said.get("enum", [value])
        assert re.search(said.get("pattern", ""), value)
        if said.get("format") == "date-time":
            assert datetime.fromisoformat(value).utcoffset() == timedelta(0)


def test_every_header_that_can_be_written_is_told() -> None:
    whole = structs.replace(fact(FILES[0]).envelope, names=(("mrn", "5d41402abc4b2a76"),), causation_id="cause")
    record = to_record(whole, service="claims", store_id="store", incarnation=1, previous_position=0)

    assert {name for name, _ in record.headers} | {TRACEPARENT} == set(HEADERS)


def test_messages_refer_to_committed_schemas() -> None:
    for name, message in document()["components"]["messages"].items():
        found = (ROOT / "docs" / message["payload"]["schema"]["$ref"]).resolve()

        assert found == SCHEMAS / f"{name}.json"
        assert json.decode(found.read_bytes())["title"] == message["name"] == name.split(".")[0]
        assert message["name"] in EVENTS
