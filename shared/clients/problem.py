"""A service's refusal as an exception, so that a caller branches on its slug, and how an instant is asked for.

**Source**: RFC 9457.
"""

from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final

import httpx

_PREFIX: Final = "/problems/"


class ProblemAnswered(Exception):
    """A service said no; the message has no values.

    **Shape**: `existing` is the stream that holds a taken name; `trace_id` finds the request in the service's log.
    """

    def __init__(self, status: int, slug: str, detail: str, *, existing: str | None = None, trace_id: str = "") -> None:
        super().__init__(f"{status} {slug}: {detail}")
        self.status = status
        self.slug = slug
        self.detail = detail
        self.existing = existing
        self.trace_id = trace_id


def body_of(answer: httpx.Response) -> Any:  # noqa: ANN401 (JSON; the caller names what it reads)
    """Return what a service answered. **Errors**: `ProblemAnswered` for every status that is not a success."""
    if answer.is_success:
        return answer.json()
    raise _problem(answer)


def asked_as_of(instant: datetime | None) -> Mapping[str, str]:
    """Return how a route about one object is asked for what was known at an instant; None: now."""
    return {} if instant is None else {"as_of": instant.isoformat()}


def created(answer: httpx.Response) -> bool:
    """Return whether a request made something new; a repeat is answered with what was there."""
    return answer.status_code == HTTPStatus.CREATED


def _problem(answer: httpx.Response) -> ProblemAnswered:
    try:
        body = answer.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        return ProblemAnswered(answer.status_code, "not-a-problem-document", "something in between answered")
    slug = str(body.get("type", "")).removeprefix(_PREFIX) or "unnamed"
    pointers = ", ".join(str(each.get("pointer")) for each in body.get("errors", ()) if isinstance(each, dict))
    detail = str(body.get("detail", ""))
    existing = body.get("existing")
    return ProblemAnswered(
        answer.status_code,
        slug,
        f"{detail} ({pointers})" if pointers else detail,
        existing=existing if isinstance(existing, str) else None,
        trace_id=str(body.get("trace_id", "")),
    )
