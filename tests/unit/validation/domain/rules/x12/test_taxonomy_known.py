"""`services/validation/domain/rules/x12/taxonomy_known.py` as examples."""

import pytest

from services.validation.domain.rule import Outcome
from services.validation.domain.rules.x12.taxonomy_known import TAXONOMY_KNOWN as RULE
from services.validation.domain.subject import LookedUp, ScrubSubject
from shared.codesets.edition import Answer, Interval, NotValidOnDate
from tests.unit.validation.samples import ABSENT, CLEAN, EDITION, SERVICE_ON, UNKNOWN, VALID, subject

ENDED = NotValidOnDate(EDITION, (Interval(SERVICE_ON.replace(year=2010), SERVICE_ON.replace(year=2020)),))


def classed(answer: Answer) -> ScrubSubject:
    rendering, billing = LookedUp("207Q00000X", VALID), LookedUp("261Q00000X", answer)
    return subject(taxonomies=(("rendering", rendering), ("billing", billing)))


def test_passes_codes_of_the_list() -> None:
    assert RULE.outcome(classed(VALID)) is Outcome.PASS


@pytest.mark.parametrize("answer", [UNKNOWN, ENDED], ids=["not on the list", "no longer on the list"])
def test_fails_a_code_that_the_list_lacks_on_the_day(answer: Answer) -> None:
    (finding,) = RULE.findings(classed(answer))

    assert (finding.severity, finding.owner, finding.field) == ("error", "front-desk", "providers/billing/taxonomy")
    assert (finding.inputs, finding.edition) == (("261Q00000X", "2026-03-03"), "TEST 2026")


def test_has_no_data_without_the_list() -> None:
    assert RULE.outcome(classed(ABSENT)) is Outcome.NO_DATA


def test_tells_one_gap_for_both_providers() -> None:
    both = tuple((role, LookedUp(code, ABSENT)) for role, code in (("rendering", "207Q00000X"), ("billing", "1")))
    (finding,) = RULE.findings(subject(taxonomies=both))

    assert (finding.field, finding.inputs[:2]) == ("providers", ("207Q00000X", "1"))


def test_does_not_apply_without_taxonomy_codes_or_where_the_patient_pays() -> None:
    assert RULE.outcome(subject(taxonomies=())) is Outcome.NOT_APPLICABLE
    assert (
        RULE.outcome(subject(taxonomies=(("billing", LookedUp("X", UNKNOWN)),), coverages=())) is Outcome.NOT_APPLICABLE
    )
    assert RULE.outcome(CLEAN) in {Outcome.PASS, Outcome.NOT_APPLICABLE}
