"""What a read model says that it only hands on, its fold never looks into: a rebuild gives it the bytes alone."""

from collections.abc import Sequence
from itertools import product
from typing import Any, Final, NoReturn

import pytest
from msgspec import structs

from shared.events.envelope import Event
from shared.kernel.projection import AnyProjection
from tools.service_values import services

PROJECTIONS: Final = [each for service in services() for each in service.projections if each.handed_on]
FACTS: Final = 3  # one after the other, of every kind


class _Sealed:
    """Something that nobody may look into."""

    def _refuse(self, *_: object) -> NoReturn:
        raise AssertionError("the fold looks into what it says that it only hands on")

    __bool__ = __eq__ = __hash__ = __iter__ = __len__ = __getitem__ = __contains__ = __lt__ = _refuse

    def __getattr__(self, _: str) -> NoReturn:
        self._refuse()


def facts(projection: AnyProjection) -> Sequence[Event]:
    """Return a fact of each kind; what is in its fields makes no difference here."""
    return [
        kind(**{each.name: _Sealed() if each.name in projection.handed_on else "x" for each in structs.fields(kind)})
        for kind in projection.events
    ]


@pytest.mark.parametrize("projection", PROJECTIONS, ids=lambda each: each.name)
def test_the_fold_does_not_look_into_what_it_hands_on(projection: AnyProjection) -> None:
    for order in product(facts(projection), repeat=FACTS):
        row: Any = None
        for fact in order:
            assert projection.keys(fact)
            row = projection.apply(row, fact)


@pytest.mark.parametrize("projection", PROJECTIONS, ids=lambda each: each.name)
def test_what_is_handed_on_is_a_field_of_the_row_or_of_its_facts(projection: AnyProjection) -> None:
    fields = {each.name for kind in (projection.row, *projection.events) for each in structs.fields(kind)}

    assert fields.issuperset(projection.handed_on)
