"""What a request says besides its body: which version of an object its caller saw, and which request it is.

Owns: the headers, and an answer that remembers its version. A person's program sends the version that it showed; one
that does not care whether somebody changed the object meanwhile sends `WHATEVER_STANDS`. Who wants to repeat a request
whose answer was lost makes a key before the first try (`new_key`) and gives it with each. **Source**: RFC 9110; IETF
draft-ietf-httpapi-idempotency-key-header.
"""

from collections.abc import Mapping
from secrets import token_urlsafe
from typing import Any, Final

import httpx

from shared.clients.problem import body_of

WHATEVER_STANDS: Final = "*"


class Shown(dict[str, Any]):
    """What a service answered about one object. **Shape**: `etag` is what a change names that rests on this answer."""

    etag: str = WHATEVER_STANDS


def shown(answer: httpx.Response) -> Shown:
    """Return an answer with its version. **Errors**: `ProblemAnswered`."""
    found = Shown(body_of(answer))
    found.etag = answer.headers.get("ETag", WHATEVER_STANDS)
    return found


def if_match(etag: str) -> Mapping[str, str]:
    """Return the header that refuses a change (412) where another version stands than the one that was seen."""
    return {"If-Match": etag}


def new_key() -> str:
    """Return a key that no other request has."""
    return token_urlsafe(24)


def keyed(key: str | None) -> Mapping[str, str]:
    """Return the header that makes a repeat get the first answer. **Shape**: None: a request that nobody repeats."""
    return {"Idempotency-Key": f'"{key or new_key()}"'}
