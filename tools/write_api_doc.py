"""Write docs/api.md: every route and worklist of the five services.

    .venv/bin/python -m tools.write_api_doc

Everything on the page follows from the route tables (`ACCESS`) and the services' values;
`tests/contract/test_docs.py` compares.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from shared.kernel.errors import Conflict, Malformed, NotFound, Rejected, Unavailable
from shared.runtime.access import Access
from shared.runtime.common_routes import COMMON_ACCESS, OPEN_ROUTES
from shared.runtime.retiring import words_of
from shared.runtime.scopes import PERSONAL
from tools.service_values import ROOT, services

PAGE: Final = ROOT / "docs" / "api.md"
KINDS: Final = (Malformed, Rejected, NotFound, Conflict, Unavailable)
HEAD: Final = """\
# HTTP API

Written by `make contracts` from the route tables of the five services; do not edit. The embedded process mounts each
service at `/<service>`; a service that runs alone has its routes at the root.

Every route asks for a bearer token (JWT) with the scope of its row; the tenant comes from the token. A command answers
the new state. A list answers one page and, in `next`, the cursor of the following one, to be sent with the same
filters; a `page_size` that is too large is lowered. A refusal is a problem document (`application/problem+json`) whose
type is `/problems/<slug>`: [problems](problems.md) says what each means. The same as OpenAPI 3.1, with every field, is
in [openapi](openapi), and at `/openapi.json` of each service.

Every answer about one object has an `ETag`, its version. A route with "If-Match" in its row changes an object that is
there: send the `ETag` of the last answer about it as `If-Match` (428 without). Where somebody changed it since, nothing
happens (412): read it again, decide again. A rule that says no is 409. `If-Match: *` changes whatever stands there.

A route with "key" in its row would do it again if it were asked again: send an `Idempotency-Key` of your own making
(1 to 255 printable characters; 400 without), and the same one with each repeat. Then a repeat gets status, ids and
`ETag` of the first answer, for 30 days; the same key with other content is refused (422). A refusal is not kept. Other
POSTs take a key too; without one, those that add something answer 201, and 200 with what is there where it is known by
its natural key, 412 where several objects hold the names.

A route that ends is kept for a year beside the one that takes its place; until then each answer says since when it is
deprecated (`Deprecation`) and when it ends (`Sunset`), and its row names the other one.

Where the service limits requests, each answer tells what is left (`RateLimit`, `RateLimit-Policy`), and more than that
is refused (429). Where more commands wait than one process should promise, or something is away, the answer is 503.
Both say in `Retry-After` when to come back.

A route with "lines" in its row takes many objects, one to a line (`application/x-ndjson`), each with a `key` of the
sender's, and answers 207 with one result to a line: `{"line": 1, "key": "a", "status": 201, "id": "…"}`, or the
`problem` that a request of its own would be answered. Read results while you send. Where the connection breaks, send
the same again: what is there is found by its key or natural key, and answers 200.

Encounters, patients, coverages, fee schedules, code assignments, scrubs, resubmissions, remittances and lines can be
asked about with `?validate_only=true`: everything is decided and answered as it would be (a success with the header
`Validate-Only: true`), and nothing is written. What only writing finds (a fact that is too large, a destroyed key, what
others add meanwhile) is found then; of several lines or checks none sees the others.

A route with a word under "As of" also answers as of an earlier instant: `?as_of=2026-03-03T15:00:00Z` is what the facts
that the service had recorded up to then make of the object, with the version of then as `ETag`. Before its first fact
there is none (404, and the detail says so). What other services told is not part of such an answer, because when this
service heard of it is no time of theirs: what is left out is null or missing, and named in the table and in the header
`As-Of-Left-Out`. An answer as of an instant before the service's newest fact is the same for ever; nearer to now, a
command that is being written may still add to it. A route without a word refuses `as_of` (422). What a person had
erased stays erased, also as of earlier.

What a command wrote another service shows a moment later. Keep the `Consistency-Token` of each answer and send all that
you have, in one header with commas or in several, with any `GET` and with `POST` searches: the answer waits until that
service has applied those facts, at most 2 s. Then it is 503 `not-yet-consistent` with `Retry-After`, or, where you sent
`Prefer: respond-stale`, an answer with the header `Consistency: stale`; at once where a record of them is parked. On
`token-of-another-store` read again what you wrote and drop the token. A read with several tokens is answered with one
that stands for all of them: keep that instead; where they have more than 8,000 characters, also the refusal has it.
`shared/clients/consistency.py` does all this.
"""
COMMON: Final = f"""
## Every service

`GET /v1/events` shows personal fields only to a caller with the scope `{PERSONAL}`.

"""
WORKLISTS: Final = """
## Worklists

Of `GET /v1/worklists/{name}`, which takes `reason=VALUE` and `order=due`, `-due`, `amount` or `-amount` where a column
below names a field, and of `GET /v1/worklists/{name}/summary`.

| Service | Name | Owner | What waits there | Reason | Due | Amount |
|---|---|---|---|---|---|---|
"""
_ROUTES: Final = "| Route | Scope | Asks for | Command → event | Read model | As of |\n|---|---|---|---|---|---|\n"


def page() -> str:
    """Return the page."""
    parts = [HEAD]
    for service in services():
        parts.append(f"\n## {service.title}\n\n" + _ROUTES)
        parts += _rows(service.api().access)
    parts += [COMMON + _ROUTES, *_rows(COMMON_ACCESS)]
    parts.append("\nWithout a token: " + ", ".join(f"`{route}`" for route in sorted(OPEN_ROUTES)) + ".\n")
    parts.append(WORKLISTS)
    parts += (
        f"| {service.name} | `{name}` | {worklist.owner} | {worklist.about}"
        f" | {_cell(worklist.reason)} | {_cell(worklist.due)} | {_cell(worklist.amount)} |\n"
        for service in services()
        for name, worklist in service.worklists.items()
    )
    return "".join(parts)


def _rows(access: Mapping[str, Access]) -> Iterator[str]:
    for route, entry in access.items():
        then = f"without {entry.left_out}" if entry.left_out else "whole" if entry.as_of else ""
        asks = ", ".join(["If-Match"] * entry.changes + ["key"] * entry.keyed + ["lines"] * entry.bulk)
        ends = f"<br>{words_of(entry)}" if entry.deprecated_on else ""
        yield f"| `{route}`{ends} | `{entry.scope}` | {asks} | {_cell(entry.does)} | {_cell(entry.reads)} | {then} |\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    Path(PAGE).write_text(page(), encoding="utf-8")
    print(PAGE.name)
