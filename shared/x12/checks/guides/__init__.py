"""The tables of the guides: one module each, read when a file of that guide is first met.

To add one: a table in the notation of `notation.py`, and a line in `_MODULES`. docs/x12.md walks through it.
"""

from functools import cache
from importlib import import_module
from types import MappingProxyType
from typing import Final

from shared.x12.checks.notation import Guide

_MODULES: Final = ("t837p", "t837i", "t835", "t999", "t270", "t271", "t276", "t277", "t277ca")


@cache
def guides() -> MappingProxyType[tuple[str, str], Guide]:
    """Return every guide by ST01 and each of its names."""
    found: dict[tuple[str, str], Guide] = {}
    for module in _MODULES:
        guide: Guide = import_module(f"{__name__}.{module}").GUIDE
        found |= {(guide.code, name): guide for name in (guide.name, *guide.also)}
    return MappingProxyType(found)


def guide_of(code: str, name: str) -> tuple[Guide | None, bool]:
    """Return the guide of a set, None where there is no table, and whether it goes by an older name."""
    guide = guides().get((code, name))
    return guide, guide is not None and guide.name != name
