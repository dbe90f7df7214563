"""`services/validation/domain/rules/cms/medical_necessity.py` as examples."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest

from services.validation.domain.rule import Outcome
from services.validation.domain.rules.cms.medical_necessity import MEDICAL_NECESSITY as RULE
from services.validation.domain.rules.cms.procedure_payable import KNOWN_TO_BE
from services.validation.domain.subject import Diagnosis, LookedUp, ScrubSubject
from services.validation.domain.tables import Tables
from shared.codesets.coverage_articles import SYSTEM
from shared.codesets.library import Library
from tests.support.coverage_articles import article, diagnosis, issued, procedure
from tests.unit.validation.samples import INSURER, NO_EDITS, SERVICE_ON, VALID, lined
from tests.unit.validation.tables import with_articles

ARTICLES = with_articles(
    {
        "article": (
            article(57759),
            article(58000, first="2026-03-04 00:00:00"),
            article(123, "Foot care"),
            article(456, "Only named"),
        ),
        "article_x_hcpc_code": (
            procedure(57759, "64490"),
            procedure(57759, "64493", "2"),
            procedure(58000, "64495"),
            procedure(123, "64490", "3"),
            procedure(123, "11720"),
            procedure(456, "64490"),
        ),
        "article_x_icd10_covered": (
            diagnosis(57759, "M54.16"),
            diagnosis(57759, "M47.812", "2"),
            diagnosis(58000, "M54.16"),
        ),
        "article_x_icd10_noncovered": (diagnosis(123, "Z00.00"),),
        "article_x_contractor": (issued(57759, "370"), issued(123, "140")),
        "contractor": ('370,9,4,"First, Inc.",09102', "140,9,4,Second,5102"),
    }
)


def billed(  # noqa: PLR0913 (each has its usual value)
    code: str,
    *diagnoses: str,
    pointers: Sequence[int] = (1,),
    modifiers: Sequence[str] = (),
    payer: str = "MB",
    tables: Tables = ARTICLES,
    on: date = SERVICE_ON,
) -> ScrubSubject:
    pointed = [diagnoses[pointer - 1] for pointer in pointers]
    return lined(
        {
            "procedure": LookedUp(code, VALID),
            "modifiers": tuple(LookedUp(modifier, VALID) for modifier in modifiers),
            "pointers": tuple(pointers),
            "necessities": tables.necessities(code, pointed, on),
        },
        diagnoses=tuple(Diagnosis(each, VALID, NO_EDITS) for each in diagnoses),
        payers=(replace(INSURER, claim_filing_indicator=payer),),
    )


@pytest.mark.parametrize("diagnosis", ["M5416", "M47812"], ids=["of its group", "of another group"])
def test_passes_a_procedure_with_a_diagnosis_that_supports_it(diagnosis: str) -> None:
    assert RULE.outcome(billed("64490", diagnosis)) is Outcome.PASS


@pytest.mark.parametrize(
    ("code", "diagnosis"), [("99213", "I10"), ("11720", "I10")], ids=["no article", "an article that lists none"]
)
def test_passes_what_no_article_restricts(code: str, diagnosis: str) -> None:
    assert RULE.outcome(billed(code, diagnosis)) is Outcome.PASS


def test_warns_where_no_diagnosis_of_the_line_supports_the_procedure() -> None:
    (finding,) = RULE.findings(billed("64493", "I10", "E119", "M5416", pointers=(1, 2)))

    assert (finding.severity, finding.owner, finding.line_no) == ("warning", "coder", 1)
    assert finding.field == "lines/1/pointers"
    assert finding.inputs == ("64493", "2026-03-03", "I10", "E119", "article A57759 version 7 group 2")
    assert finding.edition == "coverage_articles example"
    assert "GA" in finding.mend


def test_only_the_diagnoses_count_that_the_line_points_to() -> None:
    assert RULE.outcome(billed("64490", "I10", "M5416", pointers=(1,))) is Outcome.FAIL
    assert RULE.outcome(billed("64490", "I10", "M5416", pointers=(1, 2))) is Outcome.PASS


def test_names_a_diagnosis_that_an_article_excludes() -> None:
    (finding,) = RULE.findings(billed("11720", "Z0000"))

    assert finding.inputs[-1] == "article A123 version 7 group 1 excludes Z0000"


def test_one_article_that_supports_is_enough_since_nobody_knows_whose_counts() -> None:
    assert RULE.outcome(billed("64490", "Z0000", "M5416", pointers=(1, 2))) is Outcome.PASS

    (finding,) = RULE.findings(billed("64490", "Z0000"))

    assert finding.inputs[-2:] == (
        "article A123 version 7 group 3 excludes Z0000",
        "article A57759 version 7 group 1",
    )


@pytest.mark.parametrize("modifier", sorted(KNOWN_TO_BE))
def test_passes_where_the_denial_is_expected(modifier: str) -> None:
    assert RULE.outcome(billed("64490", "I10", modifiers=("RT", modifier))) is Outcome.PASS


@pytest.mark.parametrize("payer", ["MA", "MB", "16"])
def test_asks_where_medicare_or_a_plan_in_its_place_pays(payer: str) -> None:
    assert RULE.outcome(billed("64490", "I10", payer=payer)) is Outcome.FAIL


@pytest.mark.parametrize("payer", ["CI", "MC", "BL"])
def test_does_not_apply_to_other_payers(payer: str) -> None:
    assert RULE.outcome(billed("64490", "I10", payer=payer)) is Outcome.NOT_APPLICABLE


def test_does_not_apply_to_a_line_without_pointers() -> None:
    assert RULE.outcome(billed("64490", "I10", pointers=())) is Outcome.NOT_APPLICABLE


def test_an_article_holds_from_its_first_day() -> None:
    assert RULE.outcome(billed("64495", "I10", on=date(2026, 3, 3))) is Outcome.PASS
    assert RULE.outcome(billed("64495", "I10", on=date(2026, 3, 4))) is Outcome.FAIL


def test_does_not_apply_before_the_diagnoses_of_the_lists() -> None:
    early = replace(billed("64490", "I10"), service_on=date(2015, 9, 30))

    assert RULE.outcome(early) is Outcome.NOT_APPLICABLE


@pytest.mark.parametrize("tables", [Tables(library=Library()), ARTICLES], ids=["absent", "of another quarter"])
def test_has_no_data_without_the_articles_of_the_day(tables: Tables) -> None:
    (finding,) = RULE.findings(billed("64490", "I10", tables=tables, on=date(2026, 4, 1)))

    assert (finding.outcome, finding.missing_table) == ("no-data", SYSTEM.name)
    assert finding.inputs[0] == "64490"
