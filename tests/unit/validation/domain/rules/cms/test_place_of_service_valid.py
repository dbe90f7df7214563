"""`services/validation/domain/rules/cms/place_of_service_valid.py` as examples; it always applies, on every day."""

import pytest

from services.validation.domain.rule import Outcome
from services.validation.domain.rules.cms.place_of_service_valid import PLACE_OF_SERVICE_VALID as RULE
from services.validation.domain.subject import LookedUp
from tests.unit.validation.samples import ABSENT, CLEAN, UNKNOWN, subject


def test_passes_an_assigned_place() -> None:
    assert RULE.outcome(CLEAN) is Outcome.PASS


@pytest.mark.parametrize("place", [None, LookedUp("30", UNKNOWN)], ids=["not documented", "not assigned"])
def test_fails_no_place(place: LookedUp | None) -> None:
    (finding,) = RULE.findings(subject(place_of_service=place))

    assert (finding.outcome, finding.severity, finding.field) == ("fail", "error", "place_of_service")


def test_has_no_data_without_the_table() -> None:
    assert RULE.outcome(subject(place_of_service=LookedUp("11", ABSENT))) is Outcome.NO_DATA
