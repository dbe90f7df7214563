"""`services/validation/domain/rules/cms/npi_registered.py` as examples."""

from datetime import date
from typing import Any

import pytest

from services.validation.domain.rule import Outcome
from services.validation.domain.rules.cms.npi_registered import NPI_REGISTERED as RULE
from services.validation.domain.subject import Registered, ScrubSubject
from shared.codesets import nppes
from shared.codesets.edition import Interval
from tests.unit.validation.samples import ABSENT, CLEAN, EDITION, UNKNOWN, subject


def known(**changes: Any) -> nppes.Provider:  # noqa: ANN401 (any field of a provider)
    fields: dict[str, Any] = {
        "edition": EDITION,
        "npi": "1987654328",
        "entity_type": nppes.EntityType.ORGANIZATION,
        "taxonomies": (),
        "primary": None,
        "practice_state": "FL",
        "deactivated": None,
    }
    return nppes.Provider(**fields | changes)


def billed_by(found: nppes.Found) -> ScrubSubject:
    return subject(registered=(Registered(role="billing", kind="organization", npi="1987654328", found=found),))


@pytest.mark.parametrize(
    "found",
    [
        known(),
        known(entity_type=None),
        known(deactivated=Interval(date(2026, 3, 4))),
        known(deactivated=Interval(date(2020, 1, 1), date(2026, 3, 2))),
    ],
    ids=["in use", "without a kind", "deactivated a day later", "reactivated on the day"],
)
def test_passes_an_npi_in_use(found: nppes.Found) -> None:
    assert RULE.outcome(billed_by(found)) is Outcome.PASS


def test_fails_an_npi_that_is_deactivated_on_the_day() -> None:
    (finding,) = RULE.findings(billed_by(known(deactivated=Interval(date(2026, 3, 3)))))

    assert (finding.severity, finding.owner, finding.field) == ("error", "front-desk", "providers/billing")
    assert finding.inputs == ("1987654328", "2026-03-03", "deactivated 2026-03-03..")
    assert finding.edition == "TEST 2026"


@pytest.mark.parametrize(
    ("found", "field"),
    [(UNKNOWN, "providers/billing"), (known(entity_type=nppes.EntityType.INDIVIDUAL), "providers/billing/kind")],
    ids=["unknown", "a person"],
)
def test_warns_where_the_registry_of_one_day_says_otherwise(found: nppes.Found, field: str) -> None:
    (finding,) = RULE.findings(billed_by(found))

    assert (finding.severity, finding.field, finding.edition) == ("warning", field, "TEST 2026")


def test_has_no_data_without_the_registry() -> None:
    (finding,) = RULE.findings(billed_by(ABSENT))

    assert (finding.outcome, finding.missing_table, finding.inputs[0]) == ("no-data", "TEST", "1987654328")


def test_does_not_apply_where_nobody_is_documented() -> None:
    assert RULE.outcome(subject(registered=())) is Outcome.NOT_APPLICABLE
    assert RULE.outcome(CLEAN) in {Outcome.PASS, Outcome.NOT_APPLICABLE}
