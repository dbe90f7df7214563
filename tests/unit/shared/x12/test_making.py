"""Makers: what they make is what the class makes, and as frozen."""

from dataclasses import FrozenInstanceError, dataclass, field, replace

import pytest

from shared.x12.making import in_order, maker


@dataclass(frozen=True, slots=True, kw_only=True)
class _Visit:
    place: str
    minutes: int = 15
    note: str = field(default="", compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Listed:
    places: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Checked:
    minutes: int

    def __post_init__(self) -> None:
        """Look at it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mixed:
    minutes: int = 15
    place: str


def test_a_made_value_is_the_value_of_its_class() -> None:
    made = maker(_Visit)(place="11", minutes=30, note="long")

    assert type(made) is _Visit
    assert made == _Visit(place="11", minutes=30)
    assert (made.note, hash(made), repr(made)) == ("long", hash(_Visit(place="11", minutes=30)), repr(made))
    assert replace(made, minutes=15) == maker(_Visit)(place="11") == in_order(_Visit)("11", 15, "")


def test_a_made_value_is_frozen() -> None:
    made = maker(_Visit)(place="11")

    with pytest.raises(FrozenInstanceError):
        made.minutes = 1  # type: ignore[misc]  # which is the point


@pytest.mark.parametrize("value_class", [_Listed, _Checked, _Mixed])
def test_a_class_that_computes_or_mixes_is_refused(value_class: type[object]) -> None:
    with pytest.raises(TypeError):
        maker(value_class)


def test_a_required_field_is_required() -> None:
    with pytest.raises(TypeError):
        maker(_Visit)()  # type: ignore[call-arg]  # which is the point
