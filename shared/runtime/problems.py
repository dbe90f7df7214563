"""Why a request is refused: the one catalogue of reasons, and the one form in which a caller gets them.

Owns: the status of each kind of error, what a caller does about it, the document. A reason has a slug that is for ever;
`/problems/<slug>` is its type, and answers what stands here. Refuses: the words of one refusal: whoever raises it says
them. No value of a request goes into a document: of its path stand there ids of our own making, and names of parameters
where it could hold something else. **Source**: RFC 9457. Next: `http.py` turns errors into answers.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from inspect import cleandoc
from typing import Any, Final

from fastapi.responses import JSONResponse
from starlette.routing import Route
from starlette.types import Scope

from shared.kernel.errors import Conflict, KnownError, Malformed, NotFound, Rejected, Unavailable
from shared.kernel.identifiers import UUID_PATTERN
from shared.runtime.call import IdempotencyKeyMissing, PreconditionRequired
from shared.runtime.clock import new_id
from shared.runtime.request_rate import TooManyRequests
from shared.runtime.tokens import Forbidden, Unauthenticated
from shared.runtime.unit import IdempotencyKeyReused, NameTaken, SeveralMatch, VersionDiffers

RETRY_AFTER_SECONDS: Final = 2
TYPE: Final = "/problems/"
_KINDS: Final[Mapping[type[KnownError], tuple[int, str]]] = {
    # what is special comes first: the first one that an error is an example of counts
    IdempotencyKeyMissing: (400, "Make a key, keep it, and send it with this request and each repeat."),
    Unauthenticated: (401, "Send a bearer token that is valid now."),
    Forbidden: (403, "Ask whoever gives out tokens for the scope that `detail` names."),
    TooManyRequests: (429, "Wait for `Retry-After` seconds; `RateLimit` tells what is left."),
    SeveralMatch: (412, "Look for the objects one by one, and send the names of the one that is meant."),
    VersionDiffers: (412, "Read the object again, decide again, and send its new ETag."),
    PreconditionRequired: (428, "Read the object and send its ETag as If-Match; `*` for whatever stands there."),
    IdempotencyKeyReused: (422, "Make a new key: this one names another request."),
    NameTaken: (409, "Go on with the object that `existing` names, or take another name."),
    Malformed: (422, "Say it differently: `detail` and `errors` tell what cannot be read."),
    Rejected: (409, "Change the facts that the rule is about; the request as it is will be refused again."),
    NotFound: (404, "Check the id or name; lists tell which there are."),
    Conflict: (409, "Read again, and decide again on what stands there now."),
    Unavailable: (503, "Try again after `Retry-After` seconds, a command under the same key."),
}
_LATER: Final = {_KINDS[Unavailable][0], _KINDS[TooManyRequests][0]}
_TOLD: Final = {"segment_number", "byte_offset", "errors", "retry_after"}
"""What an error may say about itself besides its message: places, and never a value."""
_A_FIELD: Final = re.compile(r"[a-z][a-z_]{0,39}")
_OF_NO_KIND: Final = (422, "Say it differently.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One reason. **Shape**: `means` says what is so, `mend` what a caller does about it."""

    slug: str
    status: int
    means: str
    mend: str

    @property
    def title(self) -> str:
        """Return the slug in words."""
        return self.slug.replace("-", " ").capitalize()


OF_THE_SHELL: Final[Mapping[str, Entry]] = {
    each.slug: each
    for each in (
        Entry(
            slug="malformed-request",
            status=422,
            means="A field or parameter cannot be read; `errors` points to it.",
            mend="Mend the fields that `errors` points to.",
        ),
        Entry(
            slug="not-found", status=404, means="No route has this path.", mend="Check the path; docs/api.md has all."
        ),
        Entry(
            slug="not-allowed",
            status=405,
            means="The path has no such method.",
            mend="Check the method in docs/api.md.",
        ),
        Entry(
            slug="body-too-large",
            status=413,
            means="The body is larger than one may be.",
            mend="Send less at a time.",
        ),
        Entry(slug="refused", status=400, means="The request cannot be read.", mend="Check that it is HTTP and JSON."),
        Entry(
            slug="defect",
            status=500,
            means="A fault of ours.",
            mend="Tell whoever runs the service the trace id: it names the fault in the logs.",
        ),
    )
}
"""Reasons that are no `KnownError`: the framework and the shell say them."""


def declared() -> Iterator[type[KnownError]]:
    """Yield the expected failures that the modules of this process declare."""
    yield from _below(KnownError)


def _below(error: type[KnownError]) -> Iterator[type[KnownError]]:
    for each in error.__subclasses__():
        if "slug" in vars(each):
            yield each
        yield from _below(each)


def status_of(error: type[KnownError]) -> int:
    """Return the status code of an expected failure."""
    return _kind_of(error)[0]


def _kind_of(error: type[KnownError]) -> tuple[int, str]:
    return next((found for kind, found in _KINDS.items() if issubclass(error, kind)), _OF_NO_KIND)


def entry_of(error: type[KnownError]) -> Entry:
    """Return what the catalogue says of an expected failure: the first words of its docstring, and of its kind."""
    status, mend = _kind_of(error)
    means = " ".join(cleandoc(error.__doc__ or "").split()).split(" **", 1)[0]
    return Entry(slug=error.slug, status=status, means=means, mend=mend)


def catalogue() -> Mapping[str, Entry]:
    """Return all reasons that this process may give, by slug."""
    return {**OF_THE_SHELL, **{each.slug: entry_of(each) for each in declared()}}


def told(slug: str, status: int, detail: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 (JSON)
    """Return what is said of a refusal, whoever asked. **Source**: RFC 9457."""
    title = slug.replace("-", " ").capitalize()
    return {"type": f"{TYPE}{slug}", "title": title, "status": status, "detail": detail, **more}


def told_of(error: KnownError) -> dict[str, Any]:
    """Return what is said of an expected failure."""
    extra = {"existing": error.stream, "name_kind": error.kind} if isinstance(error, NameTaken) else {}
    more = {name: value for name, value in vars(error).items() if name in _TOLD}
    return told(error.slug, status_of(type(error)), str(error), **extra, **more)


def told_of_fields(wrong: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return what is said of fields that cannot be read: where and which rule, never the value.

    **Shape**: `wrong` as pydantic has it.
    """
    errors = [{"pointer": _pointer(each["loc"], each["type"]), "code": each["type"]} for each in wrong]
    known = OF_THE_SHELL["malformed-request"]
    return told(known.slug, known.status, "mend the fields that `errors` points to", errors=errors)


def told_of_defect(trace_id: str) -> dict[str, Any]:
    """Return what is said of a fault of ours."""
    known = OF_THE_SHELL["defect"]
    return told(known.slug, known.status, "this is our fault; the trace id names it in our logs", trace_id=trace_id)


def problem(refusal: Mapping[str, Any], scope: Scope) -> JSONResponse:
    """Return a refusal of a request. **Shape**: `retry_after` goes into its header."""
    trace_id = refusal.get("trace_id") or scope.get("state", {}).get("correlation_id") or new_id()
    status = refusal["status"]
    headers = {"Cache-Control": "no-store", "X-Correlation-Id": trace_id}
    if status in _LATER:
        headers["Retry-After"] = str(refusal.get("retry_after", RETRY_AFTER_SECONDS))
    if status == _KINDS[Unauthenticated][0]:
        headers["WWW-Authenticate"] = "Bearer"
    shown = {name: value for name, value in refusal.items() if name != "retry_after"}
    body = {**shown, "instance": _instance(scope), "trace_id": trace_id}
    return JSONResponse(body, status, headers, media_type="application/problem+json")


def _pointer(place: Sequence[str | int], code: str) -> str:
    """Return where something stands; of what is no JSON no place within.

    **Shape**: a field that nobody asked for by `*`, where its name says too much. Empty: the whole.
    """
    if code == "json_invalid":
        place = [each for each in place if isinstance(each, str)]
    if not place:
        return ""
    *within, last = map(str, place)
    if code == "extra_forbidden" and not _A_FIELD.fullmatch(last):
        last = "*"
    return "".join("/" + each.replace("~", "~0").replace("/", "~1") for each in (*within, last))


_OURS: Final = re.compile(f"{UUID_PATTERN}|[0-9a-f]{{64}}")


def _instance(scope: Scope) -> str:
    """Return the path of a request, with the name of a parameter for each value that is no id or hash."""
    route = scope.get("route")
    if not isinstance(route, Route):
        return "/"
    values = scope.get("path_params", {})
    shown = {name: value if _OURS.fullmatch(str(value)) else f"{{{name}}}" for name, value in values.items()}
    return str(scope.get("root_path", "")) + re.sub(
        r"\{(\w+)[^}]*\}", lambda found: shown.get(found[1], found[0]), route.path
    )
