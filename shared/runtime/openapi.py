"""The contract of a service's HTTP interface, as an OpenAPI 3.1 document.

Owns: what the shell gives every route (token, problems; `headers.py`), which route leads to which, and that a field
without words of its own has those of the fact that it comes from (`vocabulary.py`). Refuses: words about one route: its
docstring says what it does, and under **Errors** which problems it answers; its entry in the route table says the rest.
**Source**: OpenAPI 3.1.1. Next: `http.py` serves it, `docs/openapi` has it as files.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from inspect import cleandoc, getmodule
from typing import Any, Final, TypeAlias

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from pydantic import BaseModel, Field

from shared.kernel.consistency_token import BadConsistencyToken
from shared.kernel.errors import KnownError, Unavailable
from shared.runtime.access import NDJSON, Access
from shared.runtime.call import (
    WORD_CHARACTERS_MAX,
    WORD_PATTERN,
    AsOfNotOffered,
    BadHeader,
    BadValidateOnly,
    IdempotencyKeyMissing,
    IfMatchNotOffered,
    PreconditionRequired,
    ValidateOnlyNotOffered,
)
from shared.runtime.consistency import NotYetConsistent, TokenOfAnotherStore
from shared.runtime.definition import Service
from shared.runtime.flush import Overloaded
from shared.runtime.headers import HEADERS, PARAMETERS, RATES, answered, asked, referred
from shared.runtime.history import BadInstant, FutureInstant, HistoryTooLong
from shared.runtime.pages import BadCursor
from shared.runtime.preferences import BadPreference
from shared.runtime.problems import catalogue, status_of
from shared.runtime.request_rate import TooManyRequests
from shared.runtime.retiring import words_of
from shared.runtime.store import StoreUnavailable
from shared.runtime.tokens import Forbidden, Unauthenticated
from shared.runtime.unit import EventTooLarge, IdempotencyKeyReused, StreamLocked, UnitTooLarge, VersionDiffers
from shared.runtime.vocabulary import Vocabulary

Json: TypeAlias = dict[str, Any]

VERSION: Final = "3.1.0"
DESCRIPTION: Final = """\
Every route but the health checks asks for a bearer token with its scope; the tenant comes from the token. A refusal is
a problem document (RFC 9457) whose `type` ends in a slug that is for ever; docs/api.md lists them all. Within /v1
changes only add: a reader passes over what it does not know.

A field whose name ends in `_cents` is whole cents in United States dollars, `_on` a calendar day, `_at` an instant in
UTC, `_days` and `_months` a span. A list answers a page, and in `next` the cursor of the following one.
"""
SECURITY: Final = {
    "type": "http",
    "scheme": "bearer",
    "bearerFormat": "JWT",
    "description": "An access token (RFC 9068) signed with ES256, made for one tenant, short-lived; it is checked as "
    "RFC8725 asks. Its scopes open routes; each operation names the one that it asks for.",
}
_INT32_MAX: Final = 2**31 - 1
_PROBLEM: Final = "application/problem+json"
_ERRORS: Final = re.compile(r"\*\*Errors\*\*:(.*)", re.DOTALL)
_SLUG: Final = re.compile(r"`([a-z0-9]+(?:-[a-z0-9]+)*)`")


class Trouble(BaseModel):
    """One field or parameter that cannot be read."""

    pointer: str = Field(description="Where it stands, as a JSON Pointer.", examples=["/body/birth_on"])
    code: str = Field(description="Which rule it breaks; never its value.", examples=["date_from_datetime_parsing"])


class Problem(BaseModel):
    """Why a request was refused. **Source**: RFC 9457. No value of the request stands in it."""

    type: str = Field(description="/problems/ and the slug.", examples=["/problems/malformed-request"])
    title: str = Field(description="The slug in words.", examples=["Malformed request"])
    status: int = Field(description="The status code of the answer.", examples=[422])
    detail: str = Field(description="What to do about it.", examples=["mend the fields that `errors` points to"])
    instance: str = Field(
        description="The path of the request, with names in the place of values that are no ids of ours.",
        examples=["/v1/patients"],
    )
    trace_id: str = Field(
        description="Names the request; a fault of ours has it in the logs.",
        examples=["0190f3c2-0000-7000-8000-0000000000aa"],
    )
    errors: list[Trouble | Json] = Field(
        default=[],
        description="What cannot be read, place by place.",
        examples=[[{"pointer": "/body/birth_on", "code": "missing"}]],
    )
    existing: str = Field(
        default="",
        description="The stream that holds a taken name.",
        examples=["patient-0190f3c2-0000-7000-8000-000000000001"],
    )
    name_kind: str = Field(default="", description="Which kind of name is taken.", examples=["mrn"])
    segment_number: int | None = Field(
        default=None, description="Which segment of a file cannot be read, counted from 1.", examples=[12]
    )
    byte_offset: int | None = Field(
        default=None, description="Where that segment starts in the file, counted from 0.", examples=[512]
    )


_OF_THE_SHELL_ALONE: Final = frozenset({"400", "401", "403", "412", "413", "428", "429", "500", "503"})


def document(app: FastAPI, service: Service, access: Mapping[str, Access]) -> Json:
    """Return the document. **Shape**: `access` is the whole route table; routes without an entry are open.

    **Errors**: `LookupError` where a docstring names a problem that nobody declares.
    """
    made = get_openapi(
        title=service.title,
        version=app.version,
        openapi_version=VERSION,
        description=DESCRIPTION,
        routes=app.routes,
        servers=[
            {"url": "/", "description": "Production: a service that runs alone.", "x-internal": False},
            {"url": f"/{service.name}", "description": "Local: the embedded process.", "x-internal": True},
        ],
        contact={"name": "The people who run this service"},
        license_info={"name": "Apache License 2.0", "identifier": "Apache-2.0"},
    )
    words = Vocabulary.of(service)
    for route in _told(app):
        for method in route.methods or ():
            operation = made["paths"][route.path][method.lower()]
            _describe(operation, route, f"{method} {route.path}", access)
            for each in operation.get("parameters", ()):
                if "schema" in each:
                    each["schema"] = _sendable(each["schema"])
                    words.fill(each["name"], each, each["schema"])
    schemas = made["components"]["schemas"]
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    _add_problem(schemas)
    _add_lines(made["paths"], schemas)
    for of, schema in schemas.items():
        if schema.get("properties", {}).keys() == {"items", "next"}:
            schema.setdefault("description", "One page of a list.")
        for name, field in schema.get("properties", {}).items():
            words.fill(name, field, field, of=of)
    _add_formats(made)
    made["components"]["responses"] = _hoisted(made["paths"])
    made["components"] |= {
        "parameters": {name: PARAMETERS[name] for name in _named(made, "parameters", PARAMETERS)},
        "headers": {name: HEADERS[name] for name in _named(made, "headers", HEADERS)},
        "securitySchemes": {"bearer": SECURITY},
    }
    made["tags"] = _tags(app)
    _link(made["paths"], schemas)
    return made


def operation_id(method: str, path: str) -> str:
    """Return the name of an operation: it follows from method and path, which are for ever."""
    words = [each.strip("{}").replace("_", "-") for each in path.removeprefix("/v1").strip("/").split("/")]
    return "-".join((method.lower(), *words))


def _told(app: FastAPI) -> Iterator[APIRoute]:
    return (each for each in app.routes if isinstance(each, APIRoute) and each.include_in_schema)


def _describe(operation: Json, route: APIRoute, name: str, access: Mapping[str, Access]) -> None:
    method, path = name.split()
    text = cleandoc(route.endpoint.__doc__ or "")
    said = " ".join(_ERRORS.sub("", text).split())
    entry = access.get(name)
    operation["operationId"] = operation_id(method, path)
    operation["summary"] = said.split(". ")[0].split("; ")[0].rstrip(".")
    operation["description"] = said
    operation["tags"] = [_tag(path)]
    operation["security"] = [{"bearer": [entry.scope]}] if entry else []
    responses = {status: each for status, each in operation["responses"].items() if status != "422"}
    for status, each in responses.items():
        each["description"] = _SUCCESS.get(status, each["description"])
        if entry and status.startswith("2"):
            each["headers"] = referred("headers", answered(entry, status))
    errors = _ERRORS.search(text)
    told = errors[1] if errors else ""
    if entry:
        if entry.deprecated_on:
            operation |= {"deprecated": True, "description": f"{words_of(entry)} {said}"}
        operation.setdefault("parameters", []).extend(referred("parameters", asked(entry)).values())
        responses |= _problems(_slugs(method, entry, told, is_paged=_is_paged(operation)), rates=RATES)
    elif told:
        responses |= _problems((*_SLUG.findall(told), "malformed-request"), rates=())
    operation["responses"] = dict(sorted(responses.items()))


_SUCCESS: Final = {"200": "What was asked for, or what was there before.", "201": "It is new, and stands so now."}


def _is_paged(operation: Json) -> bool:
    return any(each.get("name") == "cursor" for each in operation.get("parameters", ()))


def _slugs(method: str, entry: Access, said: str, *, is_paged: bool) -> Iterator[str]:
    """Yield what a route may answer: what its docstring says, and what the shell says of its kind."""
    yield from _SLUG.findall(said)
    yield from ("malformed-request", "defect")
    kinds: list[type[KnownError]] = [Unauthenticated, Forbidden, TooManyRequests, AsOfNotOffered]
    kinds += [StoreUnavailable, Overloaded]
    if entry.does:
        kinds += [BadHeader, IdempotencyKeyReused, StreamLocked, UnitTooLarge, EventTooLarge]
        kinds += [VersionDiffers, PreconditionRequired] if entry.changes else [IfMatchNotOffered]
        kinds += [IdempotencyKeyMissing] if entry.keyed else []
        kinds += [BadValidateOnly] if entry.validates else [ValidateOnlyNotOffered]
        kinds += [BadPreference] if entry.bulk else []
    else:
        kinds += [BadConsistencyToken, BadPreference, NotYetConsistent, TokenOfAnotherStore]
    if entry.as_of:
        kinds += [BadInstant, FutureInstant, HistoryTooLong]
    if is_paged:
        kinds.append(BadCursor)
    if method == "POST":
        yield "body-too-large"
    yield from (error.slug for error in kinds)


def _problems(slugs: Iterable[str], *, rates: tuple[str, ...]) -> Json:
    known = catalogue()
    by_status: dict[int, dict[str, str]] = {}
    for slug in dict.fromkeys(slugs):
        if slug not in known:
            raise LookupError(f"a docstring names the problem {slug}, which no class declares")
        by_status.setdefault(known[slug].status, {})[slug] = known[slug].means
    return {str(status): _problem_answer(status, means, rates) for status, means in by_status.items()}


def _problem_answer(status: int, means: Mapping[str, str], rates: tuple[str, ...]) -> Json:
    more = {
        status_of(Unavailable): (*rates, "Retry-After"),
        status_of(TooManyRequests): (*rates, "Retry-After"),
        status_of(Unauthenticated): ("WWW-Authenticate",),  # of nobody, no requests are counted
    }
    return {
        "description": "\n".join(f"- `{slug}`: {said}" for slug, said in sorted(means.items())),
        "headers": referred("headers", ("Cache-Control", "X-Correlation-Id", *more.get(status, rates))),
        "content": {_PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }


def _hoisted(paths: Json) -> Json:
    """Return the answers that the shell gives, each once; where they stood, they are named."""
    found: Json = {}
    for item in paths.values():
        for operation in item.values():
            for status in _OF_THE_SHELL_ALONE & set(operation["responses"]):
                answer = operation["responses"][status]
                name = "-or-".join(sorted(_SLUG.findall(answer["description"])))
                if name:
                    found[name] = answer
                    operation["responses"][status] = {"$ref": f"#/components/responses/{name}"}
    return dict(sorted(found.items()))


def _add_problem(schemas: Json) -> None:
    made = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas |= made.pop("$defs")
    schemas["Problem"] = made


def _add_lines(paths: Json, schemas: Json) -> None:
    """Give what goes line by line its name; where it stood, it is named."""
    for item in paths.values():
        for operation in item.values():
            for told in (operation.get("requestBody", {}), *operation["responses"].values()):
                line = told.get("content", {}).get(NDJSON)
                if line:
                    schemas |= line["schema"].pop("$defs", {})
                    name = line["schema"]["title"]
                    schemas[name] = line["schema"]
                    line["schema"] = {"$ref": f"#/components/schemas/{name}"}


def _sendable(schema: Json) -> Json:
    """Return the schema of a parameter: what is null is left out, and a word of the address has a limit.

    A day and an instant have their form, which limits them: one that is as long as a word may be is neither.
    """
    kinds = [kind for kind in schema.get("anyOf", ()) if kind != {"type": "null"}]
    if len(kinds) == 1:
        others = {name: value for name, value in schema.items() if name != "anyOf"}
        schema = {**kinds[0], **others}
    if schema.get("type") == "string" and not schema.keys() & {"enum", "const", "format"}:
        schema.setdefault("maxLength", WORD_CHARACTERS_MAX)
        schema.setdefault("pattern", WORD_PATTERN)
    return schema


def _add_formats(part: Any) -> None:  # noqa: ANN401 (any part of the document)
    """Say of every integer in how many bits it fits."""
    if isinstance(part, list):
        for each in part:
            _add_formats(each)
    elif isinstance(part, dict):
        if part.get("type") == "integer":
            part.setdefault("format", "int32" if part.get("maximum", _INT32_MAX + 1) <= _INT32_MAX else "int64")
        for each in part.values():
            _add_formats(each)


def _named(made: Json, kind: str, known: Iterable[str]) -> list[str]:
    """Return which components of a kind the document names."""
    text = json.dumps(made)
    return [name for name in known if f'"#/components/{kind}/{name}"' in text]


def _tag(path: str) -> str:
    return path.removeprefix("/v1").split("/")[1]


def _tags(app: FastAPI) -> list[Json]:
    """Return the nouns of the paths, each with what the module of its routes says that it is about."""
    about: dict[str, str] = {}
    for route in _told(app):
        module = getmodule(route.endpoint)
        about.setdefault(_tag(route.path), cleandoc((module and module.__doc__) or "").split("\n", 1)[0])
    return [{"name": name, "description": said} for name, said in sorted(about.items())]


def _link(paths: Json, schemas: Json) -> None:
    """Add to each answer which operations take ids that stand in it, those below the same noun alone."""
    operations = [(path, operation) for path, item in paths.items() for operation in item.values()]
    for path, operation in operations:
        for status in ("200", "201"):
            answer = operation["responses"].get(status, {})
            places = _places(answer, schemas)
            links = {}
            for other, target in operations:
                names = re.findall(r"\{(\w+)\}", other)
                own = {name: f"$request.path.{name}" for name in re.findall(r"\{(\w+)\}", path)}
                known = {**own, **places}
                fresh = set(names) & set(places) or (set(names) - set(own))
                if names and other != path and _tag(other) == _tag(path) and set(names) <= set(known) and fresh:
                    links[target["operationId"]] = {
                        "operationId": target["operationId"],
                        "parameters": {name: known[name] for name in names},
                    }
            if links:
                answer["links"] = links


def _places(answer: Json, schemas: Json) -> dict[str, str]:
    """Return where ids stand in an answer: at its top, or in the first item of its first list."""
    schema = answer.get("content", {}).get("application/json", {}).get("schema", {})
    properties = _resolved(schema, schemas).get("properties", {})
    found: dict[str, str] = {}
    for name, each in properties.items():
        if each.get("type") == "array":
            inner = _resolved(each.get("items", {}), schemas).get("properties", {})
            found |= {word: f"$response.body#/{name}/0/{word}" for word in inner if word not in found}
    return found | {name: f"$response.body#/{name}" for name in properties}


def _resolved(schema: Json, schemas: Json) -> Json:
    ref = schema.get("$ref")
    found: Json = schemas[ref.rsplit("/", 1)[1]] if ref else schema
    return found
