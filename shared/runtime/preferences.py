"""What a caller would rather have: the header `Prefer`, of reads and of bulk requests.

Owns: reading it. Refuses: doing what it says; a preference that nobody knows is ignored. **Source**: RFC 7240.
"""

from typing import Final

from starlette.datastructures import Headers

from shared.kernel.errors import Malformed

PREFER: Final = "Prefer"
PREFER_CHARACTERS_MAX: Final = 200


class BadPreference(Malformed):
    """`Prefer` is longer than it may be."""

    slug = "bad-preference"


def preferences_of(headers: Headers) -> frozenset[str]:
    """Return the names of what is preferred, in lower case, without values. **Errors**: `BadPreference`."""
    said = ",".join(headers.getlist(PREFER))
    if len(said) > PREFER_CHARACTERS_MAX:
        raise BadPreference(f"Prefer has {PREFER_CHARACTERS_MAX} characters at most")
    return frozenset(each.partition(";")[0].partition("=")[0].strip().lower() for each in said.split(","))
