"""What no payer takes is refused before it is sent, in words that say what is taken."""

from dataclasses import replace
from decimal import Decimal
from typing import Any, Final, TypeVar

import pytest

from shared.x12.sets.t837i_x223a2 import (
    Diagnosis,
    InstitutionalClaim,
    Occurrence,
    OccurrenceSpan,
    ValueCode,
    write_837i,
)
from shared.x12.sets.t837p_x222a1 import Attachment, ClaimDates, OtherPayer, Payer, ProfessionalClaim, write_837p
from shared.x12.writer import CannotBeWritten
from tests.unit.shared.x12.examples import (
    CHILD,
    CLAIM,
    CLINIC,
    DOE,
    ENVELOPE,
    OFFICE_VISIT,
    PAYER,
    SERVICE_DAY,
    STAY,
    THERAPY,
    batch,
    stays,
)

Claim = TypeVar("Claim", ProfessionalClaim, InstitutionalClaim)

LATER: Final = OtherPayer(
    payer=Payer(name="LATER PAYER", payer_id="11111"),
    responsibility="S",
    member_id="M1",
    subscriber_name=DOE.name,
    claim_filing="CI",
)
ROOM: Final = STAY.lines[0]


def _visit(**changes: Any) -> ProfessionalClaim:  # noqa: ANN401 (any field)
    return replace(CLAIM, lines=(replace(OFFICE_VISIT, **changes), THERAPY))


def _other(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 (any field)
    return {"other_payers": (replace(LATER, **changes),)}


SHARED: Final = [
    ({"billing_provider": replace(CLINIC, tax_id="12345678")}, "tax number of a biller has 9 digits"),
    ({"billing_provider": replace(CLINIC, tax_id="12-345678")}, "tax number of a biller has 9 digits"),
    ({"subscriber": replace(DOE, sex="")}, "sex of a person is one of F, M, U"),
    ({"subscriber": replace(DOE, sex="X")}, "sex of a person is one of F, M, U"),
    ({"subscriber": replace(DOE, birth_on=None), "patient": CHILD}, "beside a birth date"),
    ({"subscriber": replace(DOE, responsibility="")}, "place of a payer"),
    ({"subscriber": replace(DOE, responsibility="X")}, "place of a payer"),
    ({"subscriber": replace(DOE, claim_filing="")}, "claim filing indicator"),
    ({"subscriber": replace(DOE, claim_filing="C*")}, "claim filing indicator"),
    ({"patient": replace(CHILD, relationship="18")}, "relationship of a patient who is not"),
    ({"patient": replace(CHILD, relationship="")}, "relationship of a patient who is not"),
    ({"patient": replace(CHILD, sex="")}, "sex of a person"),
    ({"payer": replace(PAYER, payer_id_qualifier="")}, "kind of a payer's number"),
    ({"payer": replace(PAYER, payer_id_qualifier="24")}, "kind of a payer's number"),
    ({"assignment": ""}, "assignment of a claim"),
    ({"assignment": "P"}, "assignment of a claim"),
    ({"benefits_assigned": ""}, "benefits are assigned"),
    ({"release_of_information": "N"}, "release of information"),
    ({"attachments": (Attachment(report="", transmission="AA"),)}, "attached report"),
    (_other(responsibility=""), "place of a payer"),
    (_other(relationship=""), "relationship of a patient to an insured"),
    (_other(relationship="77"), "relationship of a patient to an insured"),
    (_other(claim_filing=""), "claim filing indicator"),
    (_other(payer=Payer(name="OTHER", payer_id="1", payer_id_qualifier="")), "kind of a payer's number"),
    (_other(benefits_assigned=""), "benefits are assigned"),
    (_other(release_of_information=""), "release of information"),
]


@pytest.mark.parametrize(("changes", "why"), SHARED)
def test_a_code_that_no_guide_has_is_refused(changes: dict[str, Any], why: str) -> None:
    professional, institutional = replace(CLAIM, **changes), replace(STAY, **changes)

    with pytest.raises(CannotBeWritten, match=why):
        write_837p(batch(professional), envelope=ENVELOPE, transaction_control_number=1)
    with pytest.raises(CannotBeWritten, match=why):
        write_837i(stays(institutional), envelope=ENVELOPE, transaction_control_number=1)


@pytest.mark.parametrize(
    ("refused", "why"),
    [
        (replace(CLAIM, billing_provider=replace(CLINIC, tax_id_qualifier="")), "kind of a biller's tax number"),
        (replace(CLAIM, place_of_service=""), "place of service has 2 digits"),
        (replace(CLAIM, place_of_service="  "), "place of service has 2 digits"),
        (replace(CLAIM, place_of_service="1"), "place of service has 2 digits"),
        (replace(CLAIM, signature_on_file=""), "signature is on file"),
        (replace(CLAIM, signature_source="B"), "source of a signature"),
        (replace(CLAIM, subscriber=replace(DOE, insurance_type="1 2")), "insurance type"),
        (replace(CLAIM, other_payers=(replace(LATER, insurance_type="1234"),)), "insurance type"),
        (replace(CLAIM, other_payers=(replace(LATER, signature_source="B"),)), "source of a signature"),
        (replace(CLAIM, diagnoses=("E11.9",)), "without its dot"),
        (replace(CLAIM, diagnoses=("E119", "E119")), "each diagnosis once"),
        (replace(CLAIM, patient_paid_cents=-1), "not negative"),
        (replace(CLAIM, condition_codes=("1",)), "condition"),
        (
            replace(CLAIM, related_causes=("AA",), accident_state="FLA", dates=ClaimDates(accident_on=SERVICE_DAY)),
            "state of an accident",
        ),
        (_visit(place_of_service="A1"), "place of service"),
        (_visit(procedure_qualifier=""), "code set of a procedure"),
        (_visit(procedure_qualifier="HP"), "code set of a procedure"),
        (_visit(modifiers=("", "25")), "modifier has 2"),
        (_visit(modifiers=("255",)), "modifier has 2"),
        (_visit(description="***"), "no character"),
        (_visit(units=Decimal("NaN")), "units"),
        (_visit(units=Decimal("Infinity")), "units"),
        (_visit(units=Decimal("1.0001")), "units"),
        (_visit(units=Decimal(100_000_000)), "units"),
        (_visit(units=Decimal(-1)), "units"),
    ],
)
def test_a_professional_claim_with_a_code_that_no_payer_takes_is_refused(refused: ProfessionalClaim, why: str) -> None:
    with pytest.raises(CannotBeWritten, match=why):
        write_837p(batch(refused), envelope=ENVELOPE, transaction_control_number=1)


@pytest.mark.parametrize(
    ("refused", "why"),
    [
        (replace(STAY, facility_type="  "), "type of bill"),
        (replace(STAY, facility_type="1*"), "type of bill"),
        (replace(STAY, frequency=" "), "type of bill"),
        (replace(STAY, admission_type=""), "CL101"),
        (replace(STAY, admission_type="11"), "CL101"),
        (replace(STAY, admission_source="11"), "CL102"),
        (replace(STAY, patient_status="1"), "CL103"),
        (replace(STAY, principal_diagnosis=Diagnosis(code="K35.80")), "without its dot"),
        (replace(STAY, other_diagnoses=(Diagnosis(code="K3580"),)), "each diagnosis once"),
        (replace(STAY, admitting_diagnosis="R10.31"), "without its dot"),
        (replace(STAY, reasons_for_visit=("R05", "R05")), "each diagnosis once"),
        (replace(STAY, external_causes=(Diagnosis(code="W18.39XA"),)), "without its dot"),
        (replace(STAY, patient_due_cents=-1), "not negative"),
        (replace(STAY, lines=(replace(ROOM, noncovered_cents=-1), STAY.lines[1])), "not negative"),
        (replace(STAY, lines=(replace(ROOM, units=Decimal("sNaN")), STAY.lines[1])), "units"),
        (replace(STAY, value_codes=(ValueCode(code="80", amount=Decimal("1.234")),)), "two decimals"),
        (replace(STAY, value_codes=(ValueCode(code="80", amount=Decimal(-1)),)), "not negative"),
        (replace(STAY, value_codes=(ValueCode(code="80", amount=Decimal("NaN")),)), "a quantity is a number"),
        (replace(STAY, value_codes=(ValueCode(code="8", amount=Decimal(1)),)), "value code has 2"),
        (replace(STAY, occurrences=(Occurrence(code="", on=SERVICE_DAY),)), "value code has 2"),
        (
            replace(STAY, occurrence_spans=(OccurrenceSpan(code="7", first_on=SERVICE_DAY, last_on=SERVICE_DAY),)),
            "value code has 2",
        ),
    ],
)
def test_an_institutional_claim_with_a_code_that_no_payer_takes_is_refused(
    refused: InstitutionalClaim, why: str
) -> None:
    with pytest.raises(CannotBeWritten, match=why):
        write_837i(stays(refused), envelope=ENVELOPE, transaction_control_number=1)


@pytest.mark.parametrize("filing", ["CI", "ZZ", "Q9", "7"])
def test_a_code_of_an_open_list_goes_out_known_or_not(filing: str) -> None:
    claim = replace(CLAIM, subscriber=replace(DOE, claim_filing=filing))

    assert f"*{filing}~NM1*IL*".encode() in write_837p(batch(claim), envelope=ENVELOPE, transaction_control_number=1)
