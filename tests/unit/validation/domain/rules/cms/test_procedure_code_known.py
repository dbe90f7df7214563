"""`services/validation/domain/rules/cms/procedure_code_known.py` as examples."""

from datetime import date

import pytest

from services.validation.domain.rule import Outcome
from services.validation.domain.rules.cms.procedure_code_known import PROCEDURE_CODE_KNOWN as RULE
from services.validation.domain.subject import LookedUp
from shared.codesets.edition import Answer, Interval, NotValidOnDate
from tests.unit.validation.samples import ABSENT, CLEAN, CPT, EDITION, UNKNOWN, lined, subject

IN_FORCE = Interval(date(2011, 1, 1), date(2025, 12, 31))


def test_passes_a_code_in_force() -> None:
    assert RULE.outcome(CLEAN) is Outcome.PASS


@pytest.mark.parametrize(
    ("answer", "usable"),
    [
        (UNKNOWN, ()),
        (
            NotValidOnDate(EDITION, (Interval(date(2011, 1, 1), date(2025, 12, 31)),)),
            ("usable 2011-01-01..2025-12-31",),
        ),
    ],
)
def test_fails_a_code_that_is_not_in_force_and_says_when_it_was(answer: Answer, usable: tuple[str, ...]) -> None:
    (finding,) = RULE.findings(lined({}, {"procedure": LookedUp("G0439", answer)}))

    assert (finding.severity, finding.line_no, finding.inputs) == ("error", 2, ("G0439", "2026-03-03", *usable))


@pytest.mark.parametrize("code", ["9921", "99213X", "OFFICE", "99-13"])
def test_fails_what_no_code_looks_like_even_without_a_table(code: str) -> None:
    assert RULE.outcome(lined({"procedure": LookedUp(code, ABSENT)})) is Outcome.FAIL


def test_has_no_data_for_licensed_codes_and_says_so_once() -> None:
    (finding,) = RULE.findings(lined(*({"procedure": LookedUp(code, CPT)} for code in ("99213", "93000", "99213"))))

    assert (finding.outcome, finding.severity) == ("no-data", "warning")
    assert finding.inputs == ("99213", "93000", "cpt: licensed")


def test_does_not_apply_without_lines() -> None:
    assert RULE.outcome(subject(lines=())) is Outcome.NOT_APPLICABLE
