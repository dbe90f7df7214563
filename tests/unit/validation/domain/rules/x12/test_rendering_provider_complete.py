"""`services/validation/domain/rules/x12/rendering_provider_complete.py` as examples."""

from dataclasses import replace

from services.validation.domain.rule import Outcome
from services.validation.domain.rules.x12.rendering_provider_complete import RENDERING_PROVIDER_COMPLETE as RULE
from tests.unit.validation.samples import BILLS, CLEAN, TREATS, subject


def test_passes_a_person_with_a_given_name() -> None:
    assert RULE.outcome(CLEAN) is Outcome.PASS


def test_passes_an_organization_that_treats() -> None:
    assert RULE.outcome(subject(rendering=replace(BILLS, provider_id="PR-3"))) is Outcome.PASS


def test_passes_a_person_who_treats_and_bills() -> None:
    alone = replace(TREATS, has_tax_id=True, zip_digits=9)

    assert RULE.outcome(subject(rendering=None, billing=alone)) is Outcome.PASS


def test_fails_a_person_without_a_given_name() -> None:
    (finding,) = RULE.findings(subject(rendering=replace(TREATS, has_given_name=False)))

    assert (finding.severity, finding.owner) == ("error", "front-desk")
    assert (finding.field, finding.inputs) == ("providers/rendering/given_name", ("1234567893",))


def test_warns_where_an_organization_bills_and_nobody_treated() -> None:
    (finding,) = RULE.findings(subject(rendering=None))

    assert (finding.severity, finding.field) == ("warning", "providers/rendering")


def test_does_not_apply_where_the_patient_pays() -> None:
    assert RULE.outcome(subject(rendering=None, coverages=())) is Outcome.NOT_APPLICABLE
