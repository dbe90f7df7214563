"""What the tests of many sets ask alike: what went comes back, others find it valid, what is broken is refused."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final, TypeVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.x12.malformed import MalformedX12
from shared.x12.separators import Separators
from tests.support.x12_oracles import lfh_complaints
from tests.unit.shared.x12.examples import ENVELOPE

Value = TypeVar("Value")
BOUNDED: Final = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
_FEW: Final = 20


def comes_back(
    value: Value, separators: Separators, write: Callable[..., bytes], read: Callable[[bytes], tuple[Value, ...]]
) -> None:
    """Fail where a value is read as another, or is another file when it is written again."""
    envelope = replace(ENVELOPE, separators=separators)

    data = write([value], envelope=envelope, first_control_number=1)

    assert read(data) == (value,)
    assert write(read(data), envelope=envelope, first_control_number=1) == data


def others_find_nothing(
    values: st.SearchStrategy[Value], written: Callable[[Value], bytes], *more: bytes, siblings: bool = False
) -> None:
    """Fail where linuxforhealth-x12 has something against files of generated values, or against `more`."""
    files = list(more)

    @given(values)
    @BOUNDED
    def collect(value: Value) -> None:
        files.append(written(value))

    collect()

    assert len(files) > _FEW
    assert set(lfh_complaints(files, siblings=siblings)) == {""}


def others_find_each(text: str, broken: Sequence[tuple[str, str]]) -> None:
    """Fail where linuxforhealth-x12 finds nothing in a file of which one text was replaced by another."""
    complaints = lfh_complaints([text.replace(*each, 1).encode() for each in broken])

    assert all(old in text for old, _ in broken)
    assert all(complaints)


def refusal_of(text: str, broken: tuple[str, str], read: Callable[[bytes], Any]) -> MalformedX12:
    """Return how a file is refused of which one text was replaced by another; fail where it is read."""
    assert broken[0] in text
    with pytest.raises(MalformedX12) as refusal:
        read(text.replace(*broken, 1).encode())
    return refusal.value
