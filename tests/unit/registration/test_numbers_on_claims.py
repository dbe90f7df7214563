"""A number that claims name as it is has the characters that the writer of claims takes, and no others."""

from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from services.registration.api.authorization import Approval
from services.registration.api.coverage import NewCoverage
from services.registration.api.patient import NewPatient
from services.registration.api.payer import NewPayer
from shared.x12.writer import CannotBeWritten, identifier

CONSENT = {"number": "AUTH0001", "valid_from_on": "2026-03-01", "valid_to_on": "2026-03-31"}
CARD = {"payer_id": "p-1", "member_id": "M1", "effective_from_on": "2026-01-01"}
BEN = {"mrn": "MRN-2002", "name": {"family": "Sample", "given": "Ben"}, "birth_on": "2001-02-03"}
PAYER = {"payer_name": "Example Health Plan", "clearinghouse_payer_id": "EXHP1"}


def is_taken(model: type[BaseModel], body: dict[str, Any]) -> bool:
    try:
        model.model_validate(body)
    except ValidationError:
        return False
    return True


def is_writable(number: str, characters_max: int) -> bool:
    try:
        return identifier(number, length_max=characters_max) == number
    except CannotBeWritten:
        return False


@pytest.mark.parametrize(
    ("model", "body", "field", "characters_max"),
    [
        (Approval, CONSENT, "number", 50),
        (NewCoverage, CARD, "member_id", 80),
        (NewCoverage, CARD, "group_number", 50),
        (NewPatient, BEN, "member_id", 80),
        (NewPayer, PAYER, "clearinghouse_payer_id", 80),
    ],
)
def test_a_number_is_taken_exactly_where_a_claim_can_carry_it(
    model: type[BaseModel], body: dict[str, Any], field: str, characters_max: int
) -> None:
    numbers = [f"A{chr(code)}1" for code in range(0x20, 0x100)]
    numbers += ["A" * characters_max, "A" * (characters_max + 1)]

    assert {each: is_taken(model, {**body, field: each}) for each in numbers} == {
        each: is_writable(each, characters_max) for each in numbers
    }
