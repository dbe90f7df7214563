"""One entry of the route table: who may call a route, what it leads to, what it reads."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What a route asks of its caller and does.

    **Shape**: `does` is `Command → Event`, `reads` names read models. `as_of`: it also tells what was known at an
    earlier instant; `left_out` then names what of its answer is not told, because other services said it.
    """

    scope: str
    does: str = ""
    reads: str = ""
    as_of: bool = False
    left_out: str = ""
