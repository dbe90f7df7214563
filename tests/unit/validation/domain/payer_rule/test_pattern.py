"""How codes are named: one by one, by how they begin, from one to another."""

import pytest

from services.validation.domain.payer_rule import pattern
from services.validation.domain.payer_rule.pattern import DIAGNOSIS, INDICATOR, MODIFIER, NPI, PAYER, PROCEDURE, Form


@pytest.mark.parametrize(
    ("patterns", "form", "meant", "others"),
    [
        (["99213"], PROCEDURE, ["99213"], ["99214", "9921"]),
        (["9921*"], PROCEDURE, ["99210", "99215"], ["99221"]),
        (["99202-99205", "G0438"], PROCEDURE, ["99202", "99204", "99205", "G0438"], ["99201", "99206", "G0439"]),
        (["E10-E14"], DIAGNOSIS, ["E10", "E149", "E1165"], ["E09", "E15", "I10"]),
        (["E11*"], DIAGNOSIS, ["E11", "E119"], ["E109"]),
        (["25", "X*"], MODIFIER, ["25", "XE"], ["26"]),
        (["a-b", "PY-*"], PAYER, ["a-b", "PY-*"], ["a", "b", "PY-1"]),
    ],
)
def test_means_these_codes_and_no_others(patterns: list[str], form: Form, meant: list[str], others: list[str]) -> None:
    means = pattern.matcher(patterns, form)

    assert [code for code in meant if not means((code,))] == []
    assert [code for code in others if means((code,))] == []
    assert means((*others, *meant))
    assert not means(())


@pytest.mark.parametrize(
    ("text", "form", "fault"),
    [
        ("99213", PROCEDURE, None),
        ("J1100", PROCEDURE, None),
        ("9921", PROCEDURE, "code-form"),
        ("992*3", PROCEDURE, "code-form"),
        ("*", PROCEDURE, "code-form"),
        ("99205-99202", PROCEDURE, "range-reversed"),
        ("99202-9920", PROCEDURE, "range-form"),
        ("99202-", PROCEDURE, "range-form"),
        ("E119", DIAGNOSIS, None),
        ("11", DIAGNOSIS, "code-form"),
        ("MB", INDICATOR, None),
        ("M*", INDICATOR, "code-form"),
        ("1234567893", NPI, None),
        ("1234567890", NPI, "code-form"),
    ],
)
def test_says_what_is_wrong_with_a_pattern(text: str, form: Form, fault: str | None) -> None:
    assert pattern.fault(text, form) == fault


def test_writes_codes_as_claims_have_them() -> None:
    assert (DIAGNOSIS.stored("e11.9"), PROCEDURE.stored("g0438"), PAYER.stored("py-1")) == ("E119", "G0438", "py-1")
