"""What rules of payers may ask about, read from a scrub and from a case."""

from datetime import date
from typing import Final

from msgspec import structs

from services.validation.domain.authorized import Authorized
from services.validation.domain.payer_rule.claim import Claim, ClaimLine, claim_of
from services.validation.domain.payer_rule.field import FIELDS, OF_LINE
from tests.unit.validation.samples import BILLS, CLEAN, INSURED, INSURER, LINE, SERVICE, SERVICE_ON, TREATS, subject

LATER: Final = date(2026, 3, 7)
SEEN: Final = subject(
    lines=(
        structs.replace(LINE, pointers=(2, 1)),
        structs.replace(LINE, line_no=2, units=4, service_from_on=SERVICE_ON, service_to_on=LATER),
    ),
    services=(SERVICE, structs.replace(SERVICE, encounter_id="EN-2", code="90471")),
    visit=(SERVICE_ON, LATER),
    in_facility=False,
    authorized=(
        Authorized(place=2, line_no=1, authorization_id="AU-2", standing="denied"),
        Authorized(place=1, line_no=1, authorization_id="AU-1", standing="covered"),
    ),
)


def read(claim: Claim, line: ClaimLine) -> dict[str, object]:
    return {name: field.read(claim, line) for name, field in FIELDS.items()}


def test_reads_every_field_of_a_scrub() -> None:
    claim = claim_of(SEEN)

    assert read(claim, claim.lines[0]) == {
        "diagnoses": ("E119", "I10"),
        "first_diagnosis": ("E119",),
        "other_diagnoses": ("I10",),
        "diagnosis_count": 2,
        "procedures": ("G0438", "G0438"),
        "modifiers": (),
        "line_count": 2,
        "units_total": 5,
        "other_encounters_procedures": ("90471",),
        "place_of_service": ("11",),
        "in_facility": False,
        "age_years": 40,
        "sex": ("female",),
        "has_address": True,
        "payer_id": ("PY-1",),
        "payer_ids": ("PY-1",),
        "filing_indicator": ("CI",),
        "filing_indicators": ("CI",),
        "filing_order": ("primary",),
        "coverage_count": 1,
        "of_group": False,
        "medicare_number": False,
        "rendering_npi": (TREATS.npi,),
        "rendering_taxonomy": ("207Q00000X",),
        "rendering_kind": ("person",),
        "billing_npi": (BILLS.npi,),
        "billing_taxonomy": ("207Q00000X",),
        "billing_kind": ("organization",),
        "billing_has_tax_id": True,
        "rendering_is_billing": False,
        "service_on": SERVICE_ON,
        "weekday": ("tuesday",),
        "visit_from_on": SERVICE_ON,
        "visit_to_on": LATER,
        "visit_days": 5,
        "filing_deadline_on": date(2026, 8, 30),
        "days_left_to_file": 173,
        "days_since_service": 7,
        "line.procedure": ("G0438",),
        "line.modifiers": (),
        "line.modifier_count": 0,
        "line.units": 1,
        "line.diagnoses": ("I10", "E119"),
        "line.first_diagnosis": ("I10",),
        "line.pointer_count": 2,
        "line.number": 1,
        "line.repeats": 2,
        "line.same_day_procedures": ("G0438", "90471"),
        "line.authorization": ("covered",),
        "line.service_from_on": SERVICE_ON,
        "line.service_to_on": SERVICE_ON,
        "line.days": 1,
        "line.weekday": ("tuesday",),
    }
    assert FIELDS["line.days"].read(claim, claim.lines[1]) == 5


def test_what_nobody_knows_is_not_an_absence() -> None:
    empty = Claim(service_on=SERVICE_ON)
    found = read(empty, ClaimLine(procedure="99213", pointers=(1,)))

    assert {name for name, value in found.items() if value is None} == {
        "age_years",
        "sex",
        "has_address",
        "in_facility",
        "filing_deadline_on",
        "days_left_to_file",
        "days_since_service",
    }
    assert (found["place_of_service"], found["rendering_npi"], found["line.diagnoses"]) == ((), (), ())
    assert (found["visit_to_on"], found["visit_days"], found["line.service_to_on"]) == (SERVICE_ON, 1, SERVICE_ON)


def test_a_second_coverage_is_read_where_all_are_asked_for() -> None:
    other = subject(coverages=(INSURED, INSURED), payers=(INSURER, INSURER))

    assert FIELDS["filing_indicators"].read(claim_of(other), ClaimLine(procedure="-")) == ("CI", "CI")
    assert FIELDS["filing_order"].read(claim_of(other), ClaimLine(procedure="-")) == ("primary",)


def test_every_field_says_what_it_is_and_codes_have_a_form() -> None:
    assert all(field.about.endswith(".") for field in FIELDS.values())
    assert {name for name, field in FIELDS.items() if (field.form is not None) != (field.kind == "codes")} == set()
    assert claim_of(CLEAN).lines
    assert any(name.startswith(OF_LINE) for name in FIELDS)
