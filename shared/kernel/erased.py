"""What code sees in place of a personal value whose key was destroyed.

A field of a person is typed `T | Erased`, so that mypy asks every reader for the branch. On the wire such a field never
stands in the clear: the sealed block holds it, and a block that cannot be opened any more yields `ERASED`.
"""

from enum import IntEnum
from typing import Final, TypeVar

from msgspec import Meta


class Erased(IntEnum):
    """The one value of an erased field; an integer on the wire, so that it cannot be taken for a text or a struct."""

    ERASED = 0


ERASED: Final = Erased.ERASED
PERSONAL: Final = Meta(extra={"personal": True})
"""Marks a field of an event as personal: it travels in the event's sealed block."""

Value = TypeVar("Value")


def known(value: Value | Erased, *, otherwise: Value) -> Value:
    """Return a personal value, or what to show in its place after it was erased."""
    return otherwise if isinstance(value, Erased) else value
