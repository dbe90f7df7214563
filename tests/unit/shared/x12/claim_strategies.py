"""Generated claims with everything that an 837 carries: other payers that add up, notes, attachments, drugs, dates."""

from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import date
from decimal import Decimal
from typing import Any, Final, TypeVar

from hypothesis import strategies as st

from shared.x12.adjustment import grouped
from shared.x12.figures import InpatientAdjudication, OutpatientAdjudication
from shared.x12.party import Address, PersonName
from shared.x12.segments import Contact, Reference
from shared.x12.sets import t837i_x223a2 as t837i
from shared.x12.sets import t837p_x222a1 as t837p
from shared.x12.sets.t837i_x223a2 import InstitutionalClaim, RevenueLine
from tests.unit.shared.x12 import strategies
from tests.unit.shared.x12.examples import CLINIC, PAYER, STAY

Item = TypeVar("Item")
Claim = TypeVar("Claim", t837p.ProfessionalClaim, InstitutionalClaim)

_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_NAMES: Final = st.text(_LETTERS, min_size=1, max_size=12)
_MAYBE_NAMES: Final = st.just("") | _NAMES
_NUMBERS: Final = st.text(_LETTERS + "0123456789", min_size=2, max_size=12)
_SOCIAL: Final = st.from_regex(r"[0-9]{9}", fullmatch=True)
_MAYBE_NUMBERS: Final = st.just("") | _NUMBERS
_CODES_ABROAD: Final = st.just("") | st.text("ABC0123456789", min_size=3, max_size=8)
_DAYS: Final = st.dates(date(2024, 1, 1), date(2026, 1, 31))
_MAYBE_DAYS: Final = st.none() | _DAYS
_MAYBE_CENTS: Final = st.none() | st.integers(0, 99_999)
_QUANTITIES: Final = st.decimals(Decimal("0.1"), 99, places=1)
_CITIES: Final = st.text(_LETTERS, min_size=2, max_size=12)
_PLACES: Final = st.builds(
    Address,
    line=_NAMES,
    line_2=_MAYBE_NAMES,
    city=_CITIES,
    state=st.sampled_from(["FL", "CT", "NY"]),
    postal_code=st.from_regex(r"[1-9][0-9]{8}", fullmatch=True),
) | st.builds(Address, line=_NAMES, city=_CITIES, state=st.just(""), postal_code=_CODES_ABROAD, country=st.just("FR"))
_PEOPLE: Final = st.builds(
    PersonName, last_name=_NAMES, first_name=_NAMES, middle_name=_MAYBE_NAMES, suffix=st.sampled_from(["", "JR"])
)


def references(*qualifiers: str) -> st.SearchStrategy[tuple[Reference, ...]]:
    """Return numbers of some of these kinds, one of each, in their order."""
    each = st.lists(st.sampled_from(qualifiers), max_size=2, unique=True)
    return each.flatmap(
        lambda found: st.tuples(
            *(
                st.builds(Reference, qualifier=st.just(one), number=_SOCIAL if one == "SY" else _NUMBERS)
                for one in found
            )
        )
    )


_BY_TELEPHONE: Final = st.lists(
    st.builds(
        Contact,
        name=_NAMES,
        numbers=st.sampled_from([(("TE", "3055550100"),), (("TE", "3055550100"), ("EX", "12"))]),
    ),
    max_size=1,
).map(tuple)
CONTACTS: Final = st.lists(
    st.builds(
        Contact,
        name=_NAMES,
        numbers=st.sampled_from([(("TE", "3055550100"),), (("EM", "A@EXAMPLE.ORG"), ("TE", "3055550100"))]),
    ),
    max_size=1,
).map(tuple)
PERSONS: Final = st.builds(
    t837p.Provider,
    last_name=_NAMES,
    first_name=_NAMES,
    middle_name=_MAYBE_NAMES,
    suffix=st.sampled_from(["", "MD"]),
    npi=st.sampled_from(["1234567893", "1987654328"]),
    references=references("0B", "1G", "G2"),
)
_RENDERING: Final = PERSONS | st.builds(
    t837p.Provider, last_name=_NAMES, kind=st.sampled_from(["", "1"]), taxonomy=st.just("207Q00000X")
)
ATTACHMENTS: Final = st.lists(
    st.builds(
        t837p.Attachment,
        report=st.sampled_from(["OZ", "03", "B4"]),
        transmission=st.sampled_from(["EL", "BM", "FX"]),
        control_number=_NUMBERS,
    )
    | st.just(t837p.Attachment(report="OZ", transmission="AA")),
    max_size=3,
).map(tuple)
DRUGS: Final = st.none() | st.builds(
    t837p.Drug,
    ndc=st.from_regex(r"[0-9]{11}", fullmatch=True),
    quantity=_QUANTITIES,
    unit=st.sampled_from(["UN", "ML", "GR"]),
    prescription_number=_MAYBE_NUMBERS,
)
_MODIFIERS: Final = st.lists(st.sampled_from(["25", "59"]), max_size=2, unique=True)
_FILINGS: Final = st.sampled_from(["CI", "MB", "BL"])
_PAYERS: Final = ("11111", "22222", "33333")


def notes(*codes: str) -> st.SearchStrategy[tuple[t837p.Note, ...]]:
    """Return no note, or one of one of these kinds."""
    found = st.builds(t837p.Note, code=st.sampled_from(codes), text=_NAMES)
    return st.lists(found, max_size=1).map(tuple)


@st.composite
def _adjustments(draw: st.DrawFn, cents: int) -> tuple[t837p.Adjustment, ...]:
    """Return adjustments that make an amount, group by group: a CAS holds one group, and five CAS are the most."""
    parts: list[int] = []
    while cents:
        part = cents if len(parts) > 7 else draw(st.integers(1, cents) | st.just(cents))
        parts.append(part)
        cents -= part
    groups = [draw(st.sampled_from(["CO", "PR", "OA", "PI"])) for _ in parts]
    return grouped(
        t837p.Adjustment(
            group=group,
            reason=draw(st.sampled_from(["1", "2", "3", "45", "97"])),
            amount_cents=part,
            quantity=draw(st.none() | _QUANTITIES),
        )
        for group, part in zip(groups, parts, strict=True)
    )


@st.composite
def _other_payer(draw: st.DrawFn, payer_id: str, responsibility: str, *, is_institutional: bool) -> t837p.OtherPayer:
    number = draw(_MAYBE_NUMBERS)
    return t837p.OtherPayer(
        payer=t837p.Payer(
            name=draw(_NAMES),
            payer_id=payer_id,
            payer_id_qualifier=draw(st.sampled_from(["PI", "XV"])),
            address=draw(st.none() | _PLACES),
            references=draw(references("2U", "EI", "FY")),
        ),
        responsibility=responsibility,
        member_id=draw(_NUMBERS),
        subscriber_name=draw(_PEOPLE),
        subscriber_address=draw(st.none() | _PLACES),
        relationship=draw(st.sampled_from(["18", "01", "19", "G8"])),
        group_number=number,
        group_name="" if number else draw(_MAYBE_NAMES),
        insurance_type="" if is_institutional else draw(st.sampled_from(["", "12", "47"])),
        signature_source="" if is_institutional else draw(st.sampled_from(["", "P"])),
        claim_filing=draw(_FILINGS),
        payer_control_number=draw(_MAYBE_NUMBERS),
        authorization_number=draw(_MAYBE_NUMBERS),
        referral_number=draw(_MAYBE_NUMBERS),
        benefits_assigned=draw(st.sampled_from("YN")),
        release_of_information=draw(st.sampled_from("YI")),
        member_id_qualifier=draw(st.sampled_from(["MI", "II"])),
        subscriber_kind=draw(st.sampled_from("12")),
        subscriber_references=draw(references("SY")),
        providers=tuple(
            t837p.OtherPayerProvider(role=role, kind=kind, references=found)
            for role, kind, numbers in (("82", "1", ("G2", "0B")), ("85", "2", ("G2", "LU")))
            if (found := draw(references(*numbers)))
        ),
    )


_REMARKS: Final = st.lists(st.sampled_from(["MA01", "MA18"]), max_size=2, unique=True).map(tuple)
_OUTPATIENT: Final = st.none() | st.builds(
    OutpatientAdjudication,
    reimbursement_rate=st.none() | st.just(Decimal("0.5")),
    hcpcs_payable_cents=st.integers(0, 99_999),
    esrd_cents=_MAYBE_CENTS,
    professional_component_cents=_MAYBE_CENTS,
    remark_codes=_REMARKS,
)
_INPATIENT: Final = st.none() | st.builds(
    InpatientAdjudication,
    covered_days=_QUANTITIES,
    lifetime_psychiatric_days=st.none() | _QUANTITIES,
    drg_cents=_MAYBE_CENTS,
    pps_capital_exception_cents=_MAYBE_CENTS,
    remark_codes=_REMARKS,
)


@st.composite
def decided_on_claim(
    draw: st.DrawFn, other: t837p.OtherPayer, charge_cents: int, *, is_institutional: bool = False
) -> t837p.OtherPayer:
    """Return a payer that decided about the claim as a whole."""
    paid = draw(st.integers(0, charge_cents))
    return replace(
        other,
        paid_cents=paid,
        adjustments=draw(_adjustments(charge_cents - paid)),
        adjudicated_on=draw(_DAYS),
        remaining_liability_cents=draw(st.integers(0, 99_999)),
        noncovered_cents=draw(_MAYBE_CENTS),
        inpatient=draw(_INPATIENT) if is_institutional else None,
        outpatient=draw(_OUTPATIENT),
    )


@st.composite
def decisions(
    draw: st.DrawFn, payer_id: str, line: t837p.ServiceLine | RevenueLine
) -> tuple[t837p.LineAdjudication, ...]:
    """Return what a payer decided about a line: as it was billed, or unbundled into two."""
    charge_cents, procedure = line.charge_cents, line.procedure
    first = draw(st.integers(0, charge_cents))
    parts = draw(st.sampled_from([(charge_cents,), (first, charge_cents - first)]))
    found = []
    for part in parts:
        paid = draw(st.integers(0, part))
        found.append(
            t837p.LineAdjudication(
                payer_id=payer_id,
                paid_cents=paid,
                units=draw(_QUANTITIES),
                procedure=procedure,
                revenue_code=line.revenue_code if isinstance(line, RevenueLine) else "",
                modifiers=tuple(draw(_MODIFIERS)) if procedure else (),
                description=draw(_MAYBE_NAMES) if procedure else "",
                bundled_into=draw(st.none() | st.just(1)),
                adjustments=draw(_adjustments(part - paid)),
                adjudicated_on=draw(_DAYS),
                remaining_liability_cents=draw(st.integers(0, 99_999)),
            )
        )
    return tuple(found)


@st.composite
def coordinated(draw: st.DrawFn, claim: Claim) -> Claim:
    """Return a claim to one of up to three payers: those before it have decided, those behind it have not."""
    payers = draw(st.integers(1, 3))
    mine = draw(st.integers(0, payers - 1))
    others: list[t837p.OtherPayer] = []
    decided: list[tuple[t837p.LineAdjudication, ...]] = [()] * len(claim.lines)
    for at in [place for place in range(payers) if place != mine]:
        is_institutional = isinstance(claim, InstitutionalClaim)
        other = draw(_other_payer(_PAYERS[at], "PST"[at], is_institutional=is_institutional))
        if at > mine:
            other = replace(other, noncovered_cents=draw(st.sampled_from([None, claim.charge_cents])))
        elif draw(st.booleans()):
            other = draw(decided_on_claim(other, claim.charge_cents, is_institutional=is_institutional))
        else:
            found = [draw(decisions(_PAYERS[at], line)) for line in claim.lines]
            decided = [before + of_line for before, of_line in zip(decided, found, strict=True)]
            other = draw(_summed(other, sum(one.paid_cents for of_line in found for one in of_line)))
        others.append(other)
    return replace(
        claim,
        subscriber=replace(claim.subscriber, responsibility="PST"[mine]),
        other_payers=tuple(others),
        lines=tuple(replace(line, adjudications=found) for line, found in zip(claim.lines, decided, strict=True)),
    )


@st.composite
def _summed(draw: st.DrawFn, other: t837p.OtherPayer, paid_cents: int) -> t837p.OtherPayer:
    """Return a payer that decided on the lines, and took back some of it on the claim."""
    adjusted = draw(st.integers(0, paid_cents))
    return replace(other, paid_cents=paid_cents - adjusted, adjustments=draw(_adjustments(adjusted)))


_REPRICED: Final = st.none() | st.builds(
    t837p.Repricing,
    method=st.sampled_from(["00", "03"]),
    allowed_cents=st.integers(0, 99_999),
    savings_cents=_MAYBE_CENTS,
    organization_id=_MAYBE_NUMBERS,
    rate=st.none() | _QUANTITIES,
    reject_reason=st.sampled_from(["", "T1"]),
    exception=st.sampled_from(["", "1"]),
)
_STOPS: Final = st.builds(t837p.Stop, address=_PLACES)
_RIDES: Final = st.none() | st.builds(
    t837p.Ride,
    reason=st.sampled_from("ABCDE"),
    miles=_QUANTITIES,
    weight_pounds=st.none() | _QUANTITIES,
    stretcher_purpose=_MAYBE_NAMES,
    pick_up=_STOPS,
    drop_off=_STOPS,
)
_FORMS: Final = st.builds(
    t837p.Form,
    qualifier=st.sampled_from(["AS", "UT"]),
    number=_NUMBERS,
    answers=st.lists(
        st.builds(t837p.Answer, question=_NUMBERS, choice=st.sampled_from("NWY"))
        | st.builds(t837p.Answer, question=_NUMBERS, on=_DAYS)
        | st.builds(t837p.Answer, question=_NUMBERS, percent=_QUANTITIES),
        min_size=1,
        max_size=3,
    ).map(tuple),
)


_NEEDS: Final = st.builds(
    t837p.Need,
    kind=st.just("I"),
    months=_QUANTITIES,
    therapy_began_on=_MAYBE_DAYS,
    certified_on=_MAYBE_DAYS,
) | st.builds(t837p.Need, kind=st.sampled_from("RS"), months=_QUANTITIES, renewed_on=_DAYS)
_OF_EQUIPMENT: Final[st.SearchStrategy[dict[str, Any]]] = st.just({}) | st.fixed_dictionaries(
    {
        "procedure": st.just("E0431"),
        "rental": st.none()
        | st.builds(
            t837p.Rental,
            days=_QUANTITIES,
            rental_cents=st.integers(1, 99_999),
            purchase_cents=st.integers(1, 99_999),
            frequency=st.sampled_from("146"),
        ),
        "need": st.none() | _NEEDS,
        "measurements": st.lists(
            st.builds(
                t837p.Measurement,
                reference=st.sampled_from(["OG", "TR"]),
                kind=st.sampled_from(["HT", "R1", "R2", "R3", "R4"]),
                found=_QUANTITIES,
            ),
            max_size=5,
        ).map(tuple),
        "dates": st.builds(t837p.LineDates, **{each.name: _MAYBE_DAYS for each in fields(t837p.LineDates)}),
        "references": references("9B", "9D", "BT", "EW", "F4"),
        "sales_tax_cents": _MAYBE_CENTS,
        "postage_cents": _MAYBE_CENTS,
        "service_facility": st.none()
        | st.builds(t837p.ServiceFacility, name=_NAMES, address=_PLACES, references=references("G2", "LU")),
        "supervising_provider": st.none() | PERSONS,
        "ordering_provider": st.none()
        | st.builds(t837p.OrderingProvider, provider=PERSONS, address=st.none() | _PLACES, contacts=CONTACTS),
        "referring_provider": st.none() | PERSONS,
    }
)


@st.composite
def _professional_lines(draw: st.DrawFn, line: t837p.ServiceLine) -> t837p.ServiceLine:
    return replace(
        line,
        authorization_number=draw(_MAYBE_NUMBERS),
        referral_number=draw(_MAYBE_NUMBERS),
        clia_number=draw(_MAYBE_NUMBERS),
        notes=draw(notes("ADD", "DCP")) + draw(notes("TPO")),
        attachments=draw(ATTACHMENTS),
        drug=draw(DRUGS),
        rendering_provider=draw(st.none() | _RENDERING),
        repricing=draw(_REPRICED),
        is_emergency=draw(st.booleans()),
        is_family_planning=draw(st.booleans()),
        ride=draw(_RIDES),
        obstetric_units=draw(st.none() | _QUANTITIES),
        forms=draw(st.lists(_FORMS, max_size=1).map(tuple)),
        **draw(_OF_EQUIPMENT),
    )


_PLANS: Final = st.builds(
    t837p.PayToPlan,
    name=_NAMES,
    plan_id=_NUMBERS,
    plan_id_qualifier=st.sampled_from(["PI", "XV"]),
    tax_id=st.just("123456789"),
    address=_PLACES,
    references=references("2U", "FY").map(lambda found: found[:1]),
)


_CONDITIONS: Final = st.none() | st.builds(
    t837p.PatientCondition, died_on=_DAYS, weight_pounds=st.none() | _QUANTITIES, is_pregnant=st.booleans()
)


@st.composite
def _above(draw: st.DrawFn, claim: Claim) -> Claim:
    """Return a claim with more about those who stand above it."""
    patient, is_institutional = claim.patient, isinstance(claim, InstitutionalClaim)
    contacts = st.just(()) if is_institutional else _BY_TELEPHONE
    condition = None if is_institutional else draw(_CONDITIONS)
    return replace(
        claim,
        billing_provider=replace(
            claim.billing_provider,
            address=draw(_PLACES),
            pay_to_address=draw(st.none() | _PLACES),
            pay_to_plan=draw(st.none() | _PLANS),
            references=() if is_institutional else draw(references("0B", "1G")),
            contacts=draw(CONTACTS),
        ),
        subscriber=replace(
            claim.subscriber,
            member_id_qualifier=draw(st.sampled_from(["MI", "II"])),
            kind="1" if patient is None else draw(st.sampled_from("12")),
            references=draw(references("SY", "Y4")),
            contacts=draw(contacts),
            condition=condition if patient is None else None,
        ),
        patient=patient
        and replace(patient, references=draw(references("Y4")), contacts=draw(contacts), condition=condition),
        payer=replace(
            claim.payer,
            payer_id_qualifier=draw(st.sampled_from(["PI", "XV"])),
            address=draw(st.none() | _PLACES),
            references=draw(references("2U", "FY", "G2")),
        ),
    )


def _as_a_person(draw: st.DrawFn, provider: t837p.BillingProvider) -> t837p.BillingProvider:
    """Return a biller that may be a person, with or without a given name."""
    kind, first_name, suffix = draw(st.sampled_from([("", "", ""), ("1", "", "MD"), ("", "EVE", "MD")]))
    return replace(provider, kind=kind, first_name=first_name, suffix=suffix)


@st.composite
def professional_claims(draw: st.DrawFn) -> t837p.ProfessionalClaim:
    """Return a professional claim with anything that it may have."""
    claim = draw(strategies.claims())
    causes = tuple(draw(st.lists(st.sampled_from(["AA", "EM", "OA"]), max_size=2, unique=True)))
    claim = replace(
        claim,
        lines=tuple(draw(_professional_lines(line)) for line in claim.lines),
        billing_provider=_as_a_person(draw, claim.billing_provider),
        rendering_provider=draw(st.none() | _RENDERING),
        referral_number=draw(_MAYBE_NUMBERS),
        clia_number=draw(_MAYBE_NUMBERS),
        medical_record_number=draw(_MAYBE_NUMBERS),
        dates=t837p.ClaimDates(
            onset_on=draw(_MAYBE_DAYS),
            last_seen_on=draw(_MAYBE_DAYS),
            accident_on=draw(_DAYS),
            admitted_on=draw(_MAYBE_DAYS),
            discharged_on=draw(_MAYBE_DAYS),
            last_worked_on=draw(_MAYBE_DAYS),
        ),
        related_causes=causes,
        accident_state="FL" if "AA" in causes else "",
        patient_paid_cents=draw(_MAYBE_CENTS),
        anesthesia_procedures=tuple(draw(st.lists(st.sampled_from(["27447", "33510"]), max_size=2, unique=True))),
        condition_codes=tuple(f"{number:02d}" for number in range(1, draw(st.integers(1, 25)))),
        notes=draw(notes("ADD", "CER", "DGN")),
        attachments=draw(ATTACHMENTS),
        referring_provider=draw(st.none() | PERSONS),
        supervising_provider=draw(st.none() | PERSONS),
        signature_source=draw(st.sampled_from(["", "P"])),
        icd=draw(st.sampled_from([9, 10])),
        references=draw(references("9A", "D9")),
        repricing=draw(_REPRICED),
        ride=draw(_RIDES),
    )
    return draw(_above(draw(coordinated(claim))))


_PRESENT: Final = st.sampled_from(["", "Y", "N", "U", "W"])
_DIAGNOSES: Final = st.builds(
    t837i.Diagnosis, code=st.sampled_from(["E119", "I10", "J069", "M5450"]), present_on_admission=_PRESENT
)
_PROCEDURES: Final = st.builds(t837i.Procedure, code=st.sampled_from(["0DTJ4ZZ", "02703ZZ"]), done_on=_DAYS)
_TWO_DIGITS: Final = st.from_regex(r"[0-9]{2}", fullmatch=True)


def _up_to(most: int, found: st.SearchStrategy[Item]) -> st.SearchStrategy[tuple[Item, ...]]:
    """Return none, a few, or all that a claim takes."""
    return (st.lists(found, max_size=3) | st.lists(found, min_size=most, max_size=most)).map(tuple)


def _distinct(most: int, codes: Sequence[str]) -> st.SearchStrategy[tuple[str, ...]]:
    """Return none, a few, or all that a claim takes, none of them twice."""
    found = st.sampled_from(codes)
    few, many = st.lists(found, max_size=3, unique=True), st.lists(found, min_size=most, max_size=most, unique=True)
    return (few | many).map(tuple)


@st.composite
def _diagnoses(draw: st.DrawFn, most: int, chapter: str) -> tuple[t837i.Diagnosis, ...]:
    codes = draw(_distinct(most, [f"{chapter}{number}" for number in range(10, 10 + most)]))
    return tuple(t837i.Diagnosis(code=code, present_on_admission=draw(_PRESENT)) for code in codes)


@st.composite
def _spans(draw: st.DrawFn) -> t837i.OccurrenceSpan:
    first, last = sorted((draw(_DAYS), draw(_DAYS)))
    return t837i.OccurrenceSpan(code=draw(_TWO_DIGITS), first_on=first, last_on=last)


@st.composite
def _revenue_lines(draw: st.DrawFn, number: int) -> RevenueLine:
    procedure = draw(st.sampled_from(["", "99213", "J3490"]))
    first, last = sorted((draw(_DAYS), draw(_DAYS)))
    dated = draw(st.booleans())
    return RevenueLine(
        revenue_code=draw(st.sampled_from(["0120", "0250", "0450"])),
        charge_cents=draw(st.integers(0, 99_999_999)),
        units=draw(_QUANTITIES),
        unit_basis=draw(st.sampled_from(["UN", "DA"])),
        procedure=procedure,
        modifiers=tuple(draw(_MODIFIERS)) if procedure else (),
        description=draw(_MAYBE_NAMES) if procedure else "",
        noncovered_cents=draw(_MAYBE_CENTS),
        service_from=first if dated else None,
        service_to=draw(st.sampled_from([first, last])) if dated else None,
        line_control_number=f"L{number}",
        notes=draw(notes("TPO")),
        attachments=draw(ATTACHMENTS),
        drug=draw(DRUGS),
        operating_provider=draw(st.none() | PERSONS),
        rendering_provider=draw(st.none() | PERSONS),
    )


@st.composite
def institutional_claims(draw: st.DrawFn) -> InstitutionalClaim:
    """Return an institutional claim with anything that it may have."""
    lines = tuple(draw(_revenue_lines(number)) for number in range(draw(st.integers(1, 4))))
    first, last = sorted((draw(_DAYS), draw(_DAYS)))
    frequency = draw(st.sampled_from("12378"))
    procedure, admitted_on = draw(st.none() | _PROCEDURES), draw(_MAYBE_DAYS)
    claim = replace(
        STAY,
        patient_control_number=draw(_NUMBERS),
        charge_cents=sum(line.charge_cents for line in lines),
        lines=lines,
        facility_type=draw(st.sampled_from(["11", "13", "21"])),
        frequency=frequency,
        original_payer_control_number=draw(_NUMBERS) if frequency in "78" else "",
        statement_from=first,
        statement_to=last,
        patient_status=draw(st.sampled_from(["01", "30"])),
        billing_provider=CLINIC,
        subscriber=draw(strategies.SUBSCRIBERS),
        patient=draw(st.none() | strategies.PATIENTS),
        payer=PAYER,
        admission_type=draw(st.sampled_from(["1", "3"])),
        admission_source=draw(st.sampled_from(["", "7"])),
        admitted_on=admitted_on,
        admission_hour=draw(st.sampled_from(["", "0830"])) if admitted_on else "",
        discharge_hour=draw(st.sampled_from(["", "1730"])),
        principal_diagnosis=draw(_DIAGNOSES),
        admitting_diagnosis=draw(st.sampled_from(["", "R05"])),
        reasons_for_visit=draw(_distinct(3, ["R05", "R509", "R1031"])),
        external_causes=draw(_diagnoses(12, "W")),
        icd=draw(st.sampled_from([9, 10])),
        references=draw(references("9A", "D9")),
        repricing=draw(_REPRICED),
        drg=draw(st.sampled_from(["", "470"])),
        other_diagnoses=draw(_diagnoses(24, "Z")),
        principal_procedure=procedure,
        other_procedures=draw(_up_to(24, _PROCEDURES)) if procedure else (),
        occurrence_spans=draw(_up_to(24, _spans())),
        occurrences=draw(_up_to(24, st.builds(t837i.Occurrence, code=_TWO_DIGITS, on=_DAYS))),
        value_codes=draw(_up_to(24, st.builds(t837i.ValueCode, code=_TWO_DIGITS, amount=_QUANTITIES))),
        condition_codes=draw(_up_to(24, _TWO_DIGITS)),
        treatment_codes=draw(_up_to(24, _NUMBERS)),
        authorization_number=draw(_MAYBE_NUMBERS),
        referral_number=draw(_MAYBE_NUMBERS),
        medical_record_number=draw(_MAYBE_NUMBERS),
        patient_due_cents=draw(_MAYBE_CENTS),
        notes=draw(notes("DGN", "MED")) + draw(notes("ADD")),
        attachments=draw(ATTACHMENTS),
        attending_provider=draw(st.none() | PERSONS.map(lambda found: replace(found, taxonomy="207Q00000X"))),
        operating_provider=draw(st.none() | PERSONS),
        other_operating_provider=draw(st.none() | PERSONS),
        rendering_provider=draw(st.none() | PERSONS),
        referring_provider=draw(st.none() | PERSONS),
        service_facility=draw(
            st.none()
            | st.builds(t837i.ServiceFacility, name=_NAMES, address=_PLACES, references=references("0B", "LU"))
        ),
    )
    return draw(_above(draw(coordinated(claim))))


@st.composite
def institutional_claims_at_home(draw: st.DrawFn) -> InstitutionalClaim:
    """Return one that pyx12 can judge, which wants nine digits in the postal code of any biller, wherever it is."""
    claim = draw(institutional_claims())
    biller = claim.billing_provider
    return replace(claim, billing_provider=replace(biller, address=CLINIC.address)) if biller.address.country else claim
