"""What a public reader promises is said where it is looked for: shapes, units, errors and source."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from inspect import getdoc, isclass, isfunction
from typing import Any, Final, get_args, get_type_hints

import pytest

from tests.unit.shared.x12.every_set import READERS, Reader

BY_NAME: Final[dict[str, Reader]] = {
    getattr(read, "__name__", ""): read for readers in READERS.values() for read in readers
}


def _reached(hint: Any, known: set[type]) -> Iterator[type]:  # noqa: ANN401 (an annotation is anything)
    """Yield the classes of ours that a value of a type holds, and what its methods return."""
    for inner in get_args(hint):
        yield from _reached(inner, known)
    if isclass(hint) and hint.__module__.startswith("shared.x12.") and hint not in known:
        known.add(hint)
        yield hint
        if is_dataclass(hint):
            names = {each.name for each in fields(hint)}
            hints = [found for name, found in get_type_hints(hint).items() if name in names]
        else:
            public = (each for name, each in vars(hint).items() if isfunction(each) and not name.startswith("_"))
            hints = [get_type_hints(each).get("return") for each in public]
        for found in hints:
            yield from _reached(found, known)


def _holds_money(read: Reader) -> bool:
    values = _reached(get_type_hints(read)["return"], set())
    return any("**Units**: cents" in (getdoc(value) or "") for value in values)


def test_money_is_found_where_it_is() -> None:
    assert [name for name, read in sorted(BY_NAME.items()) if not _holds_money(read)] == ["read_999", "read_ta1"]


@pytest.mark.parametrize("name", BY_NAME)
def test_a_reader_says_what_it_gives_and_refuses_and_by_which_guide(name: str) -> None:
    said = getdoc(BY_NAME[name]) or ""

    missing = [each for each in ("**Shape**:", "**Errors**:", "**Source**:") if each not in said]

    assert missing == []
    assert "**Units**:" in said or not _holds_money(BY_NAME[name])
