"""Write docs/asyncapi.json: the topics, what is in them and how a record looks, as an AsyncAPI 3.1 document.

    .venv/bin/python -m tools.write_asyncapi

Everything in it follows from the classes of facts, their committed schemas and examples, and the settings of the log;
`tests/contract/test_asyncapi.py` compares.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from shared.events.envelope import ACTOR_KINDS, Event
from shared.events.registry import PRODUCERS
from shared.kernel.identifiers import UUID_PATTERN
from shared.runtime.log import topic_of
from shared.runtime.log_kafka import KEPT_FOR_EVER
from shared.runtime.settings import RuntimeSettings
from tools.service_values import ROOT, services
from tools.write_contracts import EXAMPLES, SCHEMAS, in_one_line

PAGE: Final = ROOT / "docs" / "asyncapi.json"
VERSION: Final = "3.1.0"
JSON_SCHEMA: Final = "application/schema+json;version=draft-2020-12"
PREFIX: Final = "{prefix}"
DESCRIPTION: Final = """\
Every public fact of every service, in order, for ever. A record is a CloudEvents 1.0 event in Kafka's binary mode: the
value is the fact as JSON, the headers say everything else. docs/consuming.md tells what a consumer does, docs/events.md
lists the facts and who reacts to them. Personal fields travel sealed and are never in keys or headers. Within a version
of a fact changes only add: a reader passes over fields that it does not know.
"""
_UUID: Final = {"pattern": f"^{UUID_PATTERN}$"}
_NUMBER: Final = {"pattern": "^[0-9]+$"}
_INSTANT: Final = {"format": "date-time"}
HEADERS: Final[Mapping[str, Mapping[str, Any]]] = {
    "ce_specversion": {"description": "Version of CloudEvents.", "const": "1.0"},
    "content-type": {"description": "Form of the value.", "const": "application/json"},
    "ce_id": {"description": "The fact's identity, the same in every delivery.", **_UUID},
    "ce_type": {"description": "Which fact; for ever.", "pattern": "^[A-Z][A-Za-z0-9]+$"},
    "ce_source": {"description": "Which service says so.", "pattern": "^/claimlog/[a-z]+$"},
    "ce_subject": {"description": "The stream: a kind of object and its id."},
    "ce_time": {"description": "When it occurred.", **_INSTANT},
    "ce_dataschema": {"description": "Which schema the value has.", "pattern": r"^/schemas/\w+\.v[0-9]+\.json$"},
    "ce_schemaversion": {"description": "Form of the fact; a breaking change counts up.", **_NUMBER},
    "ce_sequence": {"description": "Place in the stream, from 1; private facts take places too.", **_NUMBER},
    "ce_position": {"description": "Place in the store, from 1.", **_NUMBER},
    "ce_previousposition": {"description": "Place of the record before it in this partition; 0: none.", **_NUMBER},
    "ce_store": {"description": "Which store published it."},
    "ce_incarnation": {"description": "How often that store was restored, from 1.", **_NUMBER},
    "ce_unit": {"description": "First and last place of what was written together.", "pattern": "^[0-9]+-[0-9]+$"},
    "ce_recordedtime": {"description": "When it was recorded.", **_INSTANT},
    "ce_chainhash": {
        "description": "SHA-256 over the hash of the fact before it in the store and this fact.",
        "pattern": "^[0-9a-f]{64}$",
    },
    "ce_partitionkey": {"description": "The record key: the subject by which facts keep their order."},
    "ce_tenant": {"description": "Whose fact it is."},
    "ce_actor": {"description": "Who caused it: an account or a reaction, never a name of a person."},
    "ce_actorkind": {"description": "What the actor is.", "enum": sorted(ACTOR_KINDS)},
    "ce_correlationid": {"description": "The request that it goes back to."},
    "ce_visibility": {"description": "Whether others may read it.", "const": "public"},
    "ce_causationid": {"description": "The fact that it followed, where a reaction added it."},
    "ce_names": {"description": "Reserved names that it took, as JSON: kind and HMAC; absent where none."},
    "traceparent": {"description": "The trace of the request, where one is told. Source: W3C Trace Context."},
}
"""All headers of a record; all are text. The last three are there where they say something."""
OPTIONAL: Final = frozenset({"ce_causationid", "ce_names", "traceparent"})


def document() -> Mapping[str, Any]:
    """Return the document."""
    return {
        "asyncapi": VERSION,
        "info": {
            "title": "claimlog: facts of the revenue cycle",
            "version": "1",
            "description": DESCRIPTION,
            "contact": {"name": "The people who run these services"},
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
            "tags": [{"name": service.name, "description": service.title} for service in services()],
        },
        "defaultContentType": "application/json",
        "servers": {
            "local": {
                "host": "localhost:9092",
                "protocol": "kafka",
                "description": "A broker for development; a deployment says its own addresses and how to log in.",
            }
        },
        "channels": {
            topic_of("claimlog", producer, public=public): _channel(producer, public=public)
            for producer in PRODUCERS
            for public in (True, False)
        },
        "operations": {f"receive-{producer}": _operation(producer) for producer in PRODUCERS},
        "components": {
            "schemas": {"Headers": _headers()},
            "messages": {file.stem: _message(kind, file) for kinds in PRODUCERS.values() for kind, file in _of(kinds)},
            "parameters": {
                "prefix": {"description": "First word of all topics: the setting TOPIC_PREFIX.", "default": "claimlog"}
            },
        },
    }


def text() -> str:
    """Return the document as it is kept."""
    return json.dumps(document(), indent=1, ensure_ascii=False) + "\n"


def _of(kinds: tuple[type[Event], ...]) -> Iterator[tuple[type[Event], Path]]:
    """Yield every version of facts, with the file that its schema and its example are called."""
    for kind in kinds:
        for version in range(1, kind.schema_version + 1):
            yield kind, Path(f"{kind.__name__}.v{version}.json")


def _channel(producer: str, *, public: bool) -> Mapping[str, Any]:
    about = (
        f"The public facts of {producer}, by key in their order."
        if public
        else f"Facts of {producer} for itself alone: no consumer reads them, and their form may change with a release."
    )
    names = [file.stem for _, file in _of(PRODUCERS[producer])] if public else []
    return {
        "address": topic_of(PREFIX, producer, public=public),
        "title": f"{producer}, {'public' if public else 'internal'}",
        "description": about,
        "parameters": {"prefix": {"$ref": "#/components/parameters/prefix"}},
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in names},
        **({} if public else {"x-internal": True}),
        "bindings": {
            "kafka": {
                "partitions": RuntimeSettings.model_fields["topic_partitions"].default,
                "topicConfiguration": {
                    "cleanup.policy": [KEPT_FOR_EVER["cleanup.policy"]],
                    "retention.ms": int(KEPT_FOR_EVER["retention.ms"]),
                    "retention.bytes": int(KEPT_FOR_EVER["retention.bytes"]),
                },
                "bindingVersion": "0.5.0",
            }
        },
    }


def _operation(producer: str) -> Mapping[str, Any]:
    channel = f"#/channels/{topic_of('claimlog', producer, public=True)}"
    return {
        "action": "receive",
        "channel": {"$ref": channel},
        "title": f"Receive facts of {producer}",
        "description": "Read every partition from its start, in order; drop what came before, stop at a gap.",
        "messages": [{"$ref": f"{channel}/messages/{file.stem}"} for _, file in _of(PRODUCERS[producer])],
    }


def _message(kind: type[Event], file: Path) -> Mapping[str, Any]:
    example = json.loads((EXAMPLES / file).read_text(encoding="utf-8"))
    said = in_one_line(kind.__doc__)
    return {
        "name": kind.__name__,
        "title": kind.__name__,
        "summary": said.split(" **", 1)[0],
        "description": said,
        "correlationId": {"location": "$message.header#/ce_correlationid", "description": "The request behind it."},
        "headers": {"$ref": "#/components/schemas/Headers"},
        "payload": {"schemaFormat": JSON_SCHEMA, "schema": {"$ref": f"../{(SCHEMAS / file).relative_to(ROOT)}"}},
        "bindings": {
            "kafka": {
                "key": {"type": "string", "description": f"`{kind.key}` of the fact.", "examples": [example["key"]]},
                "bindingVersion": "0.5.0",
            }
        },
        "examples": [{"name": file.stem, "headers": example["headers"], "payload": example["value"]}],
    }


def _headers() -> Mapping[str, Any]:
    return {
        "type": "object",
        "description": "CloudEvents 1.0 in Kafka's binary mode, and what else there is to know of a fact.",
        "required": [name for name in HEADERS if name not in OPTIONAL],
        "properties": {name: {"type": "string", **each} for name, each in HEADERS.items()},
    }


if __name__ == "__main__":
    PAGE.write_text(text(), encoding="utf-8")
    print(PAGE.name)
