"""`services/validation/domain/rules/cms/telehealth_place.py` as examples."""

from datetime import date

import pytest

from services.validation.domain.rule import Outcome
from services.validation.domain.rules.cms.telehealth_place import TELEHEALTH_PLACE as RULE
from services.validation.domain.subject import LookedUp, ScrubSubject
from tests.unit.validation.samples import CLEAN, SERVICE_ON, VALID, lined


def seen(place: str | None, *modifiers: str, on: date = SERVICE_ON) -> ScrubSubject:
    line = {"modifiers": tuple(LookedUp(code, VALID) for code in modifiers)}
    where = None if place is None else LookedUp(place, VALID)
    return lined(line, place_of_service=where, service_on=on)


@pytest.mark.parametrize("place", ["02", "10", "19", "22", None])
def test_passes_at_the_places_of_telehealth(place: str | None) -> None:
    assert RULE.outcome(seen(place, "95")) is Outcome.PASS


@pytest.mark.parametrize("modifier", ["93", "95", "GQ", "GT"])
def test_warns_at_other_places(modifier: str) -> None:
    (finding,) = RULE.findings(seen("11", "25", modifier))

    assert (finding.severity, finding.field, finding.inputs) == ("warning", "place_of_service", ("11", modifier))


@pytest.mark.parametrize(
    ("on", "outcome"), [(date(2023, 12, 31), Outcome.NOT_APPLICABLE), (date(2024, 1, 1), Outcome.FAIL)]
)
def test_asks_from_2024_on(on: date, outcome: Outcome) -> None:
    assert RULE.outcome(seen("11", "95", on=on)) is outcome


def test_does_not_apply_to_visits_in_person() -> None:
    assert RULE.outcome(CLEAN) is Outcome.NOT_APPLICABLE
    assert RULE.outcome(seen("11", "25")) is Outcome.NOT_APPLICABLE
