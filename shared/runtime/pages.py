"""Pages of a list: the parameters that a route takes, and the cursor that leads from one page to the next.

Owns: what a cursor says, and that it is of the list that it is used for: the route, its path and its filters, whatever
their order. To its caller it is a word without a meaning. Refuses: which rows a page has (`engine.py`).
"""

import re
from base64 import b64decode, urlsafe_b64encode
from datetime import date
from hashlib import blake2b
from types import NoneType
from typing import Annotated, Final, TypeAlias

from fastapi import Query, Request
from msgspec import DecodeError, Meta, Struct, json

from shared.kernel.errors import Malformed
from shared.runtime.store import Spot

_VERSION: Final = 1
_CURSOR_CHARACTERS_MAX: Final = 2_000
_OF_THE_PAGE: Final = {"cursor", "page_size"}


CURSOR_EXAMPLE: Final = "eyJ2IjoxLCJsIjoiMTJhYjM0Y2Q1NmVmIiwiYSI6IjAxOTBmM2MyIn0"


class BadCursor(Malformed):
    """A cursor is not one that this list gave, with these filters."""

    slug = "bad-cursor"


Cursor: TypeAlias = Annotated[
    str | None,
    Query(
        description="`next` of the page before; other filters have other cursors.",
        examples=[CURSOR_EXAMPLE],
    ),
]
PageSize: TypeAlias = Annotated[
    int,
    Query(
        ge=1,
        le=2**31 - 1,
        description="Rows in one answer; more than one may have counts as that many.",
        examples=[100],
    ),
]


class _Place(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Where a page begins. **Shape**: `v`ersion, hash of the `l`ist, key of the row `a`fter which it begins.

    Where the list is sorted by a number or date, `s` is the one of that row.
    """

    v: int
    l: str  # noqa: E741 (each letter is sent with every page)
    a: str
    s: Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)] | date | None = None


def cursor_after(key: str, request: Request, sorted_by: int | date | None = None) -> str:
    """Return the cursor of the page after a row, in the list that a request asks for."""
    place = json.encode(_Place(_VERSION, _list_of(request), key, sorted_by))
    return urlsafe_b64encode(place).rstrip(b"=").decode()


def key_before(cursor: str, request: Request, *, pattern: str) -> str:
    """Return the key of the row after which a page begins.

    **Shape**: keys look as `pattern` says; anybody could make a cursor with another one. **Errors**: `BadCursor`.
    """
    return spot_before(cursor, request, pattern=pattern, kind=NoneType).key


def spot_before(cursor: str, request: Request, *, pattern: str, kind: type) -> Spot:
    """Return where in its order the row stands after which a page begins.

    **Shape**: a value of a `kind`, or none. **Errors**: `BadCursor`.
    """
    refused = BadCursor("send the cursor that the page before had as `next`, with the filters of that page, or none")
    if len(cursor) > _CURSOR_CHARACTERS_MAX:
        raise refused
    try:
        place = json.decode(b64decode(cursor + "=" * (-len(cursor) % 4), altchars="-_", validate=True), type=_Place)
    except (DecodeError, ValueError):  # no base64, or no JSON of ours
        raise refused from None
    if (place.v, place.l) != (_VERSION, _list_of(request)) or not re.fullmatch(pattern, place.a):
        raise refused
    if not isinstance(place.s, kind | None):
        raise refused
    return Spot(place.s, place.a)


def _list_of(request: Request) -> str:
    filters = sorted(pair for pair in request.query_params.multi_items() if pair[0] not in _OF_THE_PAGE)
    path = request.scope["route"].path, sorted(request.path_params.items())
    return blake2b(repr((path, filters)).encode(), digest_size=6).hexdigest()
