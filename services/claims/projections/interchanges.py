"""Which batch a control number means: how a TA1 (ISA13) and a 999 (GS06) find their file."""

from typing import Final

from msgspec import Struct

from services.claims.domain.batch_facts import BatchQueued
from shared.kernel.projection import Projection


class Interchange(Struct, frozen=True, kw_only=True):
    """One row, keyed by kind and number without leading zeros."""

    batch_id: str


def interchange_key(control_number: str) -> str:
    """Return the key of an ISA13."""
    return f"interchange/{control_number.lstrip('0')}"


def group_key(control_number: str) -> str:
    """Return the key of a GS06."""
    return f"group/{control_number.lstrip('0')}"


def keys(event: BatchQueued) -> tuple[str, ...]:
    """Return both numbers of a file."""
    return interchange_key(event.interchange_control_number), group_key(event.group_control_number)


def apply(_: Interchange | None, event: BatchQueued) -> Interchange:
    """Return what a number means."""
    return Interchange(batch_id=event.batch_id)


INTERCHANGES: Final[Projection[Interchange, BatchQueued]] = Projection(
    name="interchanges", version=1, source="own", row=Interchange, events=(BatchQueued,), keys=keys, apply=apply
)
