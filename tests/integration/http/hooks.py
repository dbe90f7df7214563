"""What schemathesis loads: requests ask about what stands there, and a check of our own.

Most requests in good form name an object of `standing.py`, and take it as it stands; else nearly all would be told that
nothing has this id. The others keep an id that nobody has.

The check: what a document allows is refused by a rule that has a slug, if at all. A rule knows more than a schema can
say: that a zone exists, that a file is X12. What only has another form than a field takes, the document has to say.
"""

import json
import os
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final
from zlib import crc32

import hypothesis
import schemathesis
from hypothesis import strategies
from schemathesis import Case, CheckContext, GenerationMode, HookContext, Response

_FOLDER: Final = Path(os.environ["CLAIMLOG_STANDING"])  # noqa: TID251 (handed over by the test)
_OBJECTS: Final[Mapping[str, Sequence[Mapping[str, Any]]]] = json.loads(_FOLDER.joinpath("objects.json").read_bytes())
"""By collection, the first part of a path behind /v1; each by the names of parameters and of fields of bodies."""
_APART: Final = {"parked-records": ("{event_id}", "discards", "releases")}
"""Ends of paths, by collection, of which each has objects of its own: what is released is there no more, say."""
_ONE_OF_SO_MANY_AS_GENERATED: Final = 8
hypothesis.target = lambda observation, **_: observation  # a search for what is accepted: a fourth of all time
_BY_RULE: Final = {
    "value_error",  # a check of ours
    "int_type",  # 1.0, which JSON Schema takes for an integer
    "greater_than_equal",  # a day out of our time: a schema has no limits of days
    "less_than_equal",
    "string_too_short",  # nothing but blanks, which are taken away
    "too_short",  # a list, items of which were refused
}
"""Reasons of pydantic that no schema says."""
_OF_TOKENS: Final = {"not-yet-consistent", "token-of-another-store"}

for _type in ("edi-x12", "octet-stream"):
    _files = [each.read_bytes() for each in sorted(_FOLDER.joinpath(_type).iterdir())]
    schemathesis.openapi.media_type(
        f"application/{_type}", strategies.sampled_from(_files) | strategies.binary(min_size=1, max_size=400)
    )


@schemathesis.serializer("application/x-ndjson")  # type: ignore[untyped-decorator]  # of a venv of its own
def one_line(_: object, value: object) -> bytes:
    """Return a line of a bulk request."""
    return json.dumps(value).encode() + b"\n"


@schemathesis.hook  # type: ignore[untyped-decorator]  # of a venv of its own
def map_case(_: HookContext, case: Case) -> Case:
    """Return a request in good form with what stands there; which object, the request itself says, not chance."""
    meta = case.meta
    if meta is None or meta.generation.mode is not GenerationMode.POSITIVE:
        return case
    drawn = crc32(repr((case.path_parameters, case.query, str(case.body))).encode(errors="replace"))
    kept, number = drawn % _ONE_OF_SO_MANY_AS_GENERATED, drawn // _ONE_OF_SO_MANY_AS_GENERATED
    if kept == 0:
        return case
    if "If-Match" in case.headers and meta.phase.data.parameter != "If-Match":
        case.headers["If-Match"] = "*"
    if meta.phase.name != "stateful":  # there an earlier answer says which one
        _name_what_stands(case, number)
    return case


def _name_what_stands(case: Case, number: int) -> None:
    """Put the values of one object into a request, but for what the request is about: a text of greatest length say."""
    tried = case.meta.phase.data.parameter if case.meta else None
    collection, end = case.path.removeprefix("/v1/").partition("/")[0], case.path.rpartition("/")[2]
    known = [each for each in _OBJECTS.get(collection, ()) if case.path_parameters.keys() <= each.keys()]
    apart = _APART.get(collection, ())
    if end in apart:
        known = known[apart.index(end) :: len(apart)]
    if not known:
        return
    one = known[number % len(known)]
    for place in ("path_parameters", "query", "body"):
        said = getattr(case, place)
        if isinstance(said, dict):
            setattr(case, place, said | {name: one[name] for name in said.keys() & one.keys() - {tried}})


@schemathesis.check  # type: ignore[untyped-decorator]  # of a venv of its own
def refused_by_a_rule_with_a_slug(_: CheckContext, response: Response, case: Case) -> None:
    """Look at what was refused though it has the form that the document asks for."""
    if response.status_code not in {400, 422, 503}:
        return
    refusal = response.json()
    slug = refusal["type"].rpartition("/")[2]
    assert response.status_code != 503 or slug in _OF_TOKENS, f"unavailable: {slug}"
    if slug == "malformed-request" and case.meta is not None and case.meta.generation.mode is GenerationMode.POSITIVE:
        ways = _ways(refusal.get("errors", ()))
        assert any(codes <= _BY_RULE for codes in ways), f"the document takes what is refused: {ways}"


def _ways(errors: Sequence[Mapping[str, str]]) -> list[set[str]]:
    """Return why a body was refused, for each model that it might have been."""
    ways: dict[str, set[str]] = defaultdict(set)
    for each in errors:
        model = each["pointer"].split("/")[2:3]
        ways[model[0] if model and model[0][:1].isupper() else ""].add(each["code"])
    return list(ways.values())
