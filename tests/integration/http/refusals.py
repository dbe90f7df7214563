"""A check of our own, which schemathesis loads: what a document allows is refused by a rule that has a slug, if at all.

A rule knows more than a schema can say: that a zone exists, that a file is X12. What only has another form than a field
takes, the document has to say.
"""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

import schemathesis
from hypothesis import strategies
from schemathesis import Case, CheckContext, GenerationMode, Response

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

schemathesis.openapi.media_type("application/edi-x12", strategies.binary(min_size=1, max_size=400))


@schemathesis.serializer("application/x-ndjson")  # type: ignore[untyped-decorator]  # of a venv of its own
def one_line(_: object, value: object) -> bytes:
    """Return a line of a bulk request."""
    return json.dumps(value).encode() + b"\n"


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
