"""What holds for every rule: provenance, names, order, and how fast all of them are."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from services.validation.domain import rules
from services.validation.domain.rule import Outcome, Rule
from services.validation.domain.rules import RULES
from services.validation.domain.scrub import findings_of
from tests.unit.validation.samples import CLEAN, subject

FOLDER = Path(rules.__file__).parent


def test_every_rule_file_is_in_the_list_under_its_own_name() -> None:
    files = {file.stem for file in FOLDER.glob("*/*.py") if file.stem != "__init__"}

    assert files == {rule.id for rule in RULES}
    assert len(RULES) == len(files)


def test_every_rule_has_a_test_file() -> None:
    tests = {file.stem.removeprefix("test_") for file in Path(__file__).parent.glob("rules/*/test_*.py")}

    assert tests == {rule.id for rule in RULES}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_rule_says_where_it_comes_from_and_what_to_do(rule: Rule) -> None:
    texts = (rule.about, rule.citation, rule.source, rule.mend)

    assert all(texts)
    assert rule.about.endswith(".")
    assert rule.mend.endswith(".")
    assert rule.version >= 1
    assert rule.effective_from < rule.effective_to


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_no_rule_judges_a_day_outside_of_its_own(rule: Rule) -> None:
    outside = [
        *([rule.effective_from - timedelta(days=1)] if rule.effective_from > date.min else []),
        *([rule.effective_to + timedelta(days=1)] if rule.effective_to < date.max else []),
    ]

    for day in outside:
        assert rule.outcome(replace(CLEAN, service_on=day)) is Outcome.NOT_APPLICABLE
        assert rule.findings(replace(CLEAN, service_on=day)) == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_rule_takes_an_encounter_with_nothing_in_it(rule: Rule) -> None:
    empty = subject(
        diagnoses=(),
        lines=(),
        place_of_service=None,
        age_years=None,
        sex=None,
        has_address=None,
        rendering=None,
        billing=None,
        payers=(),
        known_coverages=(),
        rendering_npi=None,
        billing_npi=None,
        coverages=(),
        filing_deadline_on=None,
    )

    assert rule.outcome(empty) in Outcome


def test_the_sample_passes_all_of_them() -> None:
    assert findings_of(CLEAN) == ()
