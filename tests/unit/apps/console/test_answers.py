"""What codes of answers are called: payers' reasons, front-end statuses, verdicts on files, decisions."""

import pytest

from apps.console.answers import meaning
from shared.codesets.carc_rarc import CARC


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("A7:164:IL", "invalid: member id"),
        ("A3:9999:IL", "returned"),
        ("IK5:R", "file rejected"),
        ("IK3:8:2300/CLM", "at segment CLM"),
        ("CLP02:4", "denied"),
    ],
)
def test_a_code_of_an_answer_is_called_by_a_few_words(code: str, said: str) -> None:
    assert meaning(code) == said


def test_a_reason_of_a_payer_has_our_label_of_it() -> None:
    row = CARC.row("45")

    assert row
    assert meaning("CO-45") == row.label
    assert meaning("N130")


@pytest.mark.parametrize("code", ["", "practice 1", "CO-ZZZ", "coding-version:1", "Z9", "CLP02:99", "IK5:", "IK3:8"])
def test_a_code_that_nobody_knows_stands_alone(code: str) -> None:
    assert meaning(code) == ""
