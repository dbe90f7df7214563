"""One entry of the route table: who may call a route, what it leads to, what it reads."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What a route asks of its caller and does. **Shape**: `does` is `Command → Event`, `reads` names read models."""

    scope: str
    does: str = ""
    reads: str = ""
