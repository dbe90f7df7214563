"""One entry of the route table: who may call a route, what it leads to, what it reads."""

from dataclasses import dataclass
from datetime import date
from typing import Final

NDJSON: Final = "application/x-ndjson"
"""What a bulk route takes and answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What a route asks of its caller and does.

    **Shape**: `does` is `Command → Event`, `reads` names read models. `as_of`: it also tells what was known at an
    earlier instant; `left_out` then names what of its answer is not told, because other services said it.

    `version_of` is the stream whose version the ETag of an answer is, `claim-{claim_id}`: the one that commands about
    the object are decided on. `changes`: the object is there before, so that the caller says in If-Match which version
    it saw. `keyed`: a repeat would make another object, or move money again, so that the caller names the request in
    Idempotency-Key. `bulk`: it takes many objects, one to a line, each with a key of its own.
    `validates`: it can be asked what it would answer, `?validate_only=true`, and adds nothing then.

    `deprecated_on`, `sunset_on`, `instead`: the route ends, on that day, and callers ask that route of the same table
    (`retiring.py`).
    """

    scope: str
    does: str = ""
    reads: str = ""
    as_of: bool = False
    left_out: str = ""
    version_of: str = ""
    changes: bool = False
    keyed: bool = False
    bulk: bool = False
    validates: bool = False
    deprecated_on: date | None = None
    sunset_on: date | None = None
    instead: str = ""
