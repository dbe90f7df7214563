"""`services/validation/domain/rules/payer/authorization_on_service.py` as examples."""

from dataclasses import replace
from datetime import date
from typing import get_args

import pytest

from services.validation.domain.authorized import Authorized, Standing
from services.validation.domain.rule import Outcome
from services.validation.domain.rules.payer.authorization_on_service import AUTHORIZATION_ON_SERVICE as RULE
from services.validation.domain.subject import ScrubSubject
from tests.unit.validation.samples import CLEAN, INSURED, subject


def stands(standing: Standing, place: int = 1) -> ScrubSubject:
    known = Authorized(place=place, line_no=1, authorization_id="AU-1", standing=standing)
    return subject(coverages=(INSURED, replace(INSURED, coverage_id="CV-2")), authorized=(known,))


def test_passes_a_line_that_the_payer_consented_to() -> None:
    assert RULE.outcome(stands("covered")) is Outcome.PASS


def test_does_not_apply_where_nobody_said_that_a_consent_is_needed() -> None:
    assert RULE.outcome(CLEAN) is Outcome.NOT_APPLICABLE


@pytest.mark.parametrize("standing", sorted(set(get_args(Standing)) - {"covered", "ended"}))
def test_stops_what_the_first_payer_did_not_consent_to_and_warns_of_the_others(standing: Standing) -> None:
    (first,), (second,) = RULE.findings(stands(standing)), RULE.findings(stands(standing, place=2))

    assert (first.severity, first.owner, first.field, first.line_no) == (
        "error",
        "front-desk",
        "coverages/1/authorization",
        1,
    )
    assert first.inputs == ("G0438", "service 2026-03-03 to 2026-03-03", "units 1", f"{standing} AU-1", "CV-1")
    assert (second.severity, second.field, second.inputs[-1]) == ("warning", "coverages/2/authorization", "CV-2")


def test_only_warns_that_a_consent_has_ended() -> None:
    (finding,) = RULE.findings(stands("ended"))

    assert finding.severity == "warning"


def test_says_what_to_do_about_each_standing() -> None:
    mends = {finding.mend for each in get_args(Standing) for finding in RULE.findings(stands(each))}

    assert len(mends) == len(get_args(Standing)) - 1


def test_may_be_let_pass_and_has_no_dates_of_its_own() -> None:
    old = replace(stands("required"), service_on=date(1999, 1, 1))

    assert RULE.overridable
    assert RULE.outcome(old) is Outcome.FAIL
