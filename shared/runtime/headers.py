"""The headers of requests and answers, as the contract has them: what each says, and which route has it.

Owns: the words. Refuses: reading and writing headers (`call.py`, `consistent_reads.py`, `http.py`).
Next: `openapi.py` puts them into the document.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeAlias

from shared.kernel.consistency_token import CONSISTENCY
from shared.runtime.access import Access
from shared.runtime.call import IDEMPOTENCY_KEY_CHARACTERS_MAX, VALIDATE_ONLY
from shared.runtime.consistent_reads import TOKENS_CHARACTERS_MAX
from shared.runtime.preferences import PREFER_CHARACTERS_MAX

Json: TypeAlias = dict[str, Any]

HEADERS: Final[Mapping[str, Json]] = {
    "Cache-Control": {
        "description": "Nobody in between may keep the answer.",
        "schema": {"type": "string", "const": "no-store"},
    },
    "X-Correlation-Id": {
        "description": "Names this request in logs and in the facts that it adds.",
        "schema": {"type": "string", "examples": ["0190f3c2-0000-7000-8000-0000000000aa"]},
    },
    "ETag": {
        "description": "Version of the object: what the next request that changes it sends in `If-Match`.",
        "schema": {"type": "string", "pattern": '^"[0-9]+"$', "examples": ['"3"']},
    },
    CONSISTENCY: {
        "description": "Where the facts stand that were added, if any public ones were: whoever sends it with a read, "
        "to whichever service, gets an answer that knows them. Of a read with several tokens: one in place of all.",
        "schema": {
            "type": "string",
            "examples": ["kgGRlK9jbGFpbWxvZy5jb2RpbmfZJDAxOTBmM2MyLTAwMDAtNzAwMC04MDAwLTAwMDAwMDAwMDBjMQGRkwICAg"],
        },
    },
    "Consistency": {
        "description": "The answer does not know yet what the token names; only with `Prefer: respond-stale`.",
        "schema": {"type": "string", "const": "stale"},
    },
    VALIDATE_ONLY: {
        "description": "Nothing was written: the answer is what it would have been.",
        "schema": {"type": "string", "const": "true"},
    },
    "Location": {
        "description": "Path of the operation that was begun.",
        "schema": {"type": "string", "examples": ["/v1/operations/0190f3c2-0000-7000-8000-0000000000aa"]},
    },
    "Preference-Applied": {
        "description": "The lines are kept, and taken after this answer.",
        "schema": {"type": "string", "const": "respond-async"},
    },
    "As-Of": {
        "description": "The instant that was asked as of, where one was.",
        "schema": {"type": "string", "format": "date-time", "examples": ["2026-03-03T14:30:00+00:00"]},
    },
    "As-Of-Left-Out": {
        "description": "What is not told as of an instant, because other services said it.",
        "schema": {"type": "string", "examples": ["adjudication, money, ar_stage"]},
    },
    "Retry-After": {
        "description": "Seconds after which it is worth to try again.",
        "schema": {"type": "integer", "format": "int32", "minimum": 0, "maximum": 86_400, "examples": [2]},
    },
    "RateLimit": {
        "description": "Requests that are left, and seconds until all are back; where requests are limited.",
        "schema": {"type": "string", "examples": ['"caller";r=180;t=1']},
    },
    "RateLimit-Policy": {
        "description": "How many requests a caller may send at once, and in how many seconds they come back.",
        "schema": {"type": "string", "examples": ['"caller";q=200;w=10']},
    },
    "Deprecation": {
        "description": "Since when the route is deprecated; it ends on the day that `Sunset` says. RFC 9745.",
        "schema": {"type": "string", "examples": ["@1772323200"]},
    },
    "Sunset": {
        "description": "When the route ends. RFC 8594.",
        "schema": {"type": "string", "examples": ["Mon, 01 Mar 2027 00:00:00 GMT"]},
    },
    "Link": {
        "description": "Where the documents say what to ask instead.",
        "schema": {"type": "string", "examples": ['</openapi.json>; rel="deprecation"; type="application/json"']},
    },
    "WWW-Authenticate": {"description": "How to say who calls.", "schema": {"type": "string", "const": "Bearer"}},
}
"""Of answers."""
RATES: Final = ("RateLimit", "RateLimit-Policy")
_BEGUN: Final = "202"


def _asked(name: str, description: str, *, required: bool = False, **schema: object) -> Json:
    schema = {"type": "string", **schema}
    return {"name": name, "in": "header", "required": required, "description": description, "schema": schema}


def _key(*, required: bool) -> Json:
    return _asked(
        "Idempotency-Key",
        "A word of the caller's for this request: a repeat with the same body gets the first answer.",
        required=required,
        minLength=1,
        maxLength=IDEMPOTENCY_KEY_CHARACTERS_MAX,
        examples=["3f6c1a52-0f0e-4f5e-9a53-5b1f6c1f0c55"],
    )


PARAMETERS: Final[Mapping[str, Json]] = {
    "Idempotency-Key": _key(required=False),
    "Idempotency-Key-Needed": _key(required=True),
    "If-Match": _asked(
        "If-Match",
        "The ETag of the answer on which the caller decided; where somebody changed the object since, nothing happens. "
        "`*`: whatever stands there.",
        required=True,
        maxLength=20,
        pattern=r'^(\*|"?[0-9]{1,18}"?)$',
        examples=['"3"'],
    ),
    CONSISTENCY: _asked(
        CONSISTENCY,
        "Tokens of earlier answers, with commas: the read waits until their facts are applied here.",
        maxLength=TOKENS_CHARACTERS_MAX,
        examples=[HEADERS[CONSISTENCY]["schema"]["examples"][0]],
    ),
    "validate_only": {
        "name": "validate_only",
        "in": "query",
        "required": False,
        "description": "`true`: say what the answer would be, and write nothing.",
        "schema": {"type": "boolean", "default": False, "examples": [True]},
    },
    "Prefer": _asked(
        "Prefer",
        "`respond-stale`: rather an answer that does not know what the token names, than none.",
        maxLength=PREFER_CHARACTERS_MAX,
        examples=["respond-stale"],
    ),
    "Prefer-Lines": _asked(
        "Prefer",
        "`respond-async`: keep the lines, and answer with the operation that takes them; not what is only validated.",
        maxLength=PREFER_CHARACTERS_MAX,
        examples=["respond-async"],
    ),
}
"""Of requests. **Source**: RFC 9110 for If-Match, RFC 7240 for Prefer."""


def answered(entry: Access, status: str) -> tuple[str, ...]:
    """Return the headers that a route's answers of a status may have."""
    begun = ("Location",) if status == _BEGUN else ()
    if entry.bulk:
        more = (*begun, "Preference-Applied") if begun else (VALIDATE_ONLY,)
        return ("Cache-Control", "X-Correlation-Id", *more, *RATES)
    versioned = ("ETag",) if entry.does or entry.version_of else ()
    token = (CONSISTENCY,) if entry.does else (CONSISTENCY, "Consistency")
    then = ("As-Of",) if entry.as_of else ()
    ends = ("Deprecation", "Sunset", "Link") if entry.deprecated_on else ()
    left_out = ("As-Of-Left-Out",) if entry.left_out else ()
    validated = (VALIDATE_ONLY,) if entry.validates else ()
    of_kind = (*begun, *versioned, *token, *validated, *then, *left_out, *ends)
    return ("Cache-Control", "X-Correlation-Id", *of_kind, *RATES)


def asked(entry: Access) -> tuple[str, ...]:
    """Return the headers and parameters that the shell looks at for a route, besides the one of who calls."""
    if not entry.does:
        return (CONSISTENCY, "Prefer")
    key = ("Prefer-Lines",) if entry.bulk else ("Idempotency-Key-Needed",) if entry.keyed else ("Idempotency-Key",)
    seen = ("If-Match",) if entry.changes else ()
    validate_only = ("validate_only",) if entry.validates else ()
    return (*key, *seen, *validate_only)


def referred(kind: str, names: Iterable[str]) -> Json:
    """Return references to components of a kind by name."""
    return {name: {"$ref": f"#/components/{kind}/{name}"} for name in names}
