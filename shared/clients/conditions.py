"""What a request says besides its body: which version of an object its caller saw.

Owns: the header, and an answer that remembers its version. A person's program sends the version that it showed; one
that does not care whether somebody changed the object meanwhile sends `WHATEVER_STANDS`. **Source**: RFC 9110.
"""

from collections.abc import Mapping
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
