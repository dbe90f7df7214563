"""Generated values for property tests: what a writer accepts, in every shape it accepts."""

from collections.abc import Callable
from dataclasses import fields, replace
from datetime import date
from decimal import Decimal
from typing import Any, Final, TypeVar

from hypothesis import strategies as st

from shared.x12.party import Address, PersonName
from shared.x12.separators import STANDARD, Separators
from shared.x12.sets import t835_x221a1 as t835
from shared.x12.sets import t837p_x222a1 as t837p
from tests.unit.shared.x12.examples import CLAIM, CLINIC, PAYER, REMITTANCE

Value = TypeVar("Value")
SEPARATORS: Final = st.sampled_from(
    [STANDARD, Separators(element="|", repetition="{", component="<", terminator="\n"), Separators(terminator="\x1d")]
)
_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_DAYS: Final = st.dates(date(1930, 1, 1), date(2026, 1, 31))
_CENTS: Final = st.integers(0, 9_999_999)
_NAMES: Final = st.text(_LETTERS, min_size=1, max_size=20)
_OPTIONAL_NAMES: Final = st.text(_LETTERS, max_size=10)
_NUMBERS: Final = st.text(_LETTERS + "0123456789-", min_size=1, max_size=15)
_CODES: Final = st.sampled_from(["E119", "I10", "J069", "M5450", "Z0000", "R05", "K219", "N390"])
_STATES: Final = st.sampled_from(["FL", "CT", "NY"])
_PEOPLE: Final = st.builds(PersonName, last_name=_NAMES, first_name=_NAMES, middle_name=_OPTIONAL_NAMES)
_CITIES: Final = st.text(_LETTERS, min_size=2, max_size=20)
_AT_HOME: Final = st.builds(
    Address,
    line=_NAMES,
    line_2=_OPTIONAL_NAMES,
    city=_CITIES,
    state=_STATES,
    postal_code=st.from_regex(r"[1-9][0-9]{8}", fullmatch=True),
)
_ADDRESSES: Final = (
    _AT_HOME
    | _AT_HOME
    | st.builds(
        lambda place, where: replace(place, **where),
        _AT_HOME,
        st.sampled_from(
            [
                {"state": "ON", "postal_code": "M5V2T6", "country": "CA"},
                {"state": "", "postal_code": "75001", "country": "FR", "subdivision": "IDF"},
            ]
        ),
    )
)
SUBSCRIBERS: Final = st.builds(
    t837p.Subscriber,
    member_id=_NUMBERS.filter(lambda number: len(number) > 1),
    name=_PEOPLE,
    address=_ADDRESSES,
    birth_on=_DAYS,
    sex=st.sampled_from("FMU"),
    group_number=_NUMBERS,
    claim_filing=st.sampled_from(["CI", "MB", "MC", "BL"]),
)
PATIENTS: Final = st.builds(
    t837p.Patient,
    name=_PEOPLE,
    relationship=st.sampled_from(["01", "19", "G8"]),
    address=_ADDRESSES,
    birth_on=_DAYS,
    sex=st.sampled_from("FMU"),
)
_PROVIDERS: Final = st.builds(
    t837p.Provider, last_name=_NAMES, first_name=_NAMES, npi=st.just("1234567893"), taxonomy=st.just("207Q00000X")
)


@st.composite
def _lines(draw: st.DrawFn, number: int, diagnoses: int) -> t837p.ServiceLine:
    first, last = sorted((draw(_DAYS), draw(_DAYS)))
    return t837p.ServiceLine(
        procedure=draw(st.sampled_from(["99213", "97110", "A0428", "J3490"])),
        modifiers=tuple(draw(st.lists(st.sampled_from(["25", "59", "GP", "RT"]), max_size=4, unique=True))),
        description=draw(_OPTIONAL_NAMES),
        charge_cents=draw(_CENTS),
        units=draw(st.decimals(Decimal("0.1"), 999, places=1)),
        unit_basis=draw(st.sampled_from(["UN", "MJ"])),
        pointers=tuple(draw(st.lists(st.integers(1, diagnoses), min_size=1, max_size=4))),
        service_from=first,
        service_to=draw(st.sampled_from([first, last])),
        line_control_number=f"L{number}",
    )


@st.composite
def claims(draw: st.DrawFn) -> t837p.ProfessionalClaim:
    """Return a claim in any shape that the writer takes."""
    diagnoses = draw(st.lists(_CODES, min_size=1, max_size=8, unique=True))
    lines = tuple(draw(_lines(number, len(diagnoses))) for number in range(draw(st.integers(1, 5))))
    frequency = draw(st.sampled_from("178"))
    return t837p.ProfessionalClaim(
        patient_control_number=draw(_NUMBERS),
        charge_cents=sum(line.charge_cents for line in lines),
        place_of_service=draw(st.sampled_from(["11", "02", "22"])),
        billing_provider=draw(st.sampled_from([CLINIC, CLAIM.billing_provider])),
        subscriber=draw(SUBSCRIBERS),
        payer=PAYER,
        patient=draw(st.none() | PATIENTS),
        diagnoses=tuple(diagnoses),
        lines=lines,
        frequency=frequency,
        original_payer_control_number="" if frequency == "1" else draw(_NUMBERS),
        authorization_number=draw(st.just("") | _NUMBERS),
        rendering_provider=draw(st.none() | _PROVIDERS),
        service_facility=draw(st.none() | st.builds(t837p.ServiceFacility, name=_NAMES, address=_ADDRESSES)),
    )


_ADJUSTMENTS: Final = st.lists(
    st.builds(
        t835.Adjustment,
        group=st.sampled_from(["CO", "PR", "OA", "PI"]),
        reason=st.sampled_from(["1", "2", "3", "45", "97", "253"]),
        amount_cents=st.integers(-99_999, 99_999).filter(bool),
        quantity=st.none() | st.integers(1, 9).map(Decimal),
    ),
    max_size=9,
).map(tuple)


def _references(*qualifiers: str) -> st.SearchStrategy[tuple[t835.Reference, ...]]:
    """Return references in the order of their guide, each kind at most once, as many as its segment may repeat."""
    each = st.tuples(st.sampled_from(range(len(qualifiers))), _NUMBERS)
    chosen = st.lists(each, max_size=5, unique_by=lambda found: found[0])
    return chosen.map(
        lambda found: tuple(t835.Reference(qualifier=qualifiers[at], number=number) for at, number in sorted(found))
    )


def _none_or(cls: Callable[..., Value], **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Value | None]:
    return st.none() | st.none() | st.builds(cls, **fields)


def _there(found: tuple[Value | None, ...]) -> tuple[Value, ...]:
    return tuple(each for each in found if each is not None)


def _amounts(*qualifiers: str) -> st.SearchStrategy[tuple[t835.SupplementalAmount, ...]]:
    each = st.builds(t835.SupplementalAmount, qualifier=st.sampled_from(qualifiers), amount_cents=_CENTS)
    return st.lists(each, max_size=2).map(tuple)


def _quantities(*qualifiers: str) -> st.SearchStrategy[tuple[t835.SupplementalQuantity, ...]]:
    each = st.builds(t835.SupplementalQuantity, qualifier=st.sampled_from(qualifiers), quantity=_COUNTS)
    return st.lists(each, max_size=2).map(tuple)


_COUNTS: Final = st.integers(0, 999).map(Decimal)
_REMARKS: Final = st.lists(st.sampled_from(["MA01", "MA07", "N130", "M15"]), max_size=5, unique=True).map(tuple)
_PERSON: Final[dict[str, st.SearchStrategy[str]]] = {
    "last_name": _NAMES,
    "first_name": _NAMES,
    "middle_name": _OPTIONAL_NAMES,
    "suffix": st.sampled_from(["", "III"]),
}
_CLAIM_PARTIES: Final = st.tuples(
    _none_or(
        t835.RemittanceParty,
        role=st.just("QC"),
        **_PERSON,
        number_qualifier=st.just("MI"),
        number=_NUMBERS.filter(lambda number: len(number) > 1),
    ),
    _none_or(
        t835.RemittanceParty,
        role=st.just("IL"),
        **_PERSON,
        number_qualifier=st.just("MI"),
        number=st.just("M100"),
    ),
    _none_or(
        t835.RemittanceParty, role=st.just("74"), **_PERSON, number_qualifier=st.just("C"), number=st.just("M200")
    ),
    _none_or(
        t835.RemittanceParty,
        role=st.just("82"),
        **_PERSON,
        number_qualifier=st.just("XX"),
        number=st.just("1234567893"),
    ),
    _none_or(
        t835.RemittanceParty,
        role=st.just("TT"),
        kind=st.just("2"),
        last_name=_NAMES,
        number_qualifier=st.just("PI"),
        number=_NUMBERS.filter(lambda number: len(number) > 1),
    ),
    _none_or(
        t835.RemittanceParty,
        role=st.just("PR"),
        kind=st.just("2"),
        last_name=_NAMES,
        number_qualifier=st.just("PI"),
        number=_NUMBERS.filter(lambda number: len(number) > 1),
    ),
    _none_or(t835.RemittanceParty, role=st.just("GB"), **_PERSON, number_qualifier=st.just("MI"), number=st.just("M2")),
).map(_there)


def _figures(summary: type[Any], **known: st.SearchStrategy[Any]) -> dict[str, st.SearchStrategy[Any]]:
    """Return every figure of a summary, each of which may be there or not, and those that must be."""
    kinds: dict[Any, st.SearchStrategy[Any]] = {int | None: st.none() | _CENTS, Decimal | None: st.none() | _COUNTS}
    return {each.name: kinds[each.type] for each in fields(summary) if each.type in kinds} | known


_INPATIENT: Final = _none_or(
    t835.InpatientAdjudication,
    **_figures(t835.InpatientAdjudication, covered_days=_COUNTS, remark_codes=_REMARKS),
)
_OUTPATIENT: Final = _none_or(
    t835.OutpatientAdjudication,
    **_figures(
        t835.OutpatientAdjudication,
        reimbursement_rate=st.none() | st.just(Decimal("0.5")),
        hcpcs_payable_cents=_CENTS,
        remark_codes=_REMARKS,
    ),
)
_CONTACTS: Final = st.tuples(
    _none_or(t835.Contact, function=st.just("CX"), name=_NAMES, numbers=st.just((("TE", "8005550100"), ("EX", "12"))))
).map(_there)
_GROUPS: Final = st.tuples(
    _none_or(
        t835.ClaimGroup,
        number=st.just("1"),
        provider=st.builds(
            t835.ProviderSummary,
            provider_id=st.just("1234567893"),
            facility_code=st.just("11"),
            fiscal_period_end=_DAYS,
            **_figures(t835.ProviderSummary, claim_count=_COUNTS, charge_cents=_CENTS),
        ),
        inpatient=_none_or(t835.InpatientSummary, **_figures(t835.InpatientSummary, drg_cents=_CENTS)),
    )
).map(_there)
_PAYERS: Final = st.builds(
    t835.Payer,
    name=_NAMES,
    payer_id=st.just("99999"),
    plan_id=st.sampled_from(["", "7777777777"]),
    address=_ADDRESSES,
    references=_references("EO", "HI", "NF"),
    contacts=st.tuples(
        _none_or(t835.Contact, function=st.just("CX"), name=_NAMES, numbers=st.just((("TE", "8005550100"),))),
        st.just(REMITTANCE.payer.contacts[0]),
        _none_or(t835.Contact, function=st.just("IC"), numbers=st.just((("UR", "WWW.EXAMPLE.TEST"),))),
    ).map(_there),
)
_NAMED_BY: Final[st.SearchStrategy[dict[str, Any]]] = st.sampled_from(
    [
        {"npi": "1234567893", "tax_id": "587654321"},
        {"npi": "1234567893"},
        {"plan_id": "7777777777", "tax_id": "587654321"},
        {"tax_id": "587654321"},
    ]
)
_PAYEES: Final = st.builds(
    lambda payee, named: replace(payee, **named),
    st.builds(
        t835.Payee,
        name=_NAMES,
        address=st.none() | _ADDRESSES,
        references=_references("0B", "D3", "PQ"),
        delivery=st.none()
        | st.builds(
            t835.RemittanceDelivery,
            method=st.sampled_from(["EM", "FT", "OL"]),
            name=_OPTIONAL_NAMES,
            number=st.just("REMITS@EXAMPLE.TEST"),
        ),
    ),
    _NAMED_BY,
)
_TRANSFERS: Final = st.builds(
    t835.BankTransfer,
    payment_format=st.sampled_from(["CCP", "CTX"]),
    payer_bank_kind=st.sampled_from(["01", "04"]),
    payer_routing_number=st.just("999999992"),
    payer_account=st.just("123456"),
    payee_bank_kind=st.sampled_from(["01", "04"]),
    payee_routing_number=st.just("999988880"),
    payee_account_kind=st.sampled_from(["DA", "SG"]),
    payee_account=st.just("98765"),
)


@st.composite
def _remittance_lines(draw: st.DrawFn, number: int) -> t835.RemittanceLine:
    adjustments = draw(_ADJUSTMENTS)
    charge = draw(_CENTS)
    first, last = sorted((draw(_DAYS), draw(_DAYS)))
    return t835.RemittanceLine(
        procedure=draw(st.sampled_from(["99213", "97110"])),
        modifiers=tuple(draw(st.lists(st.sampled_from(["25", "59", "GP"]), max_size=3, unique=True))),
        charge_cents=charge,
        paid_cents=charge - sum(adjustment.amount_cents for adjustment in adjustments),
        units=draw(st.none() | st.integers(1, 99).map(Decimal)),
        revenue_code=draw(st.sampled_from(["", "0450"])),
        **draw(_SUBMITTED),
        service_from=first,
        service_to=last,
        line_control_number=f"L{number}",
        adjustments=adjustments,
        references=draw(_references("1S", "APC", "BB", "E9", "G1", "G3", "LU", "RB"))
        + draw(_references("0B", "1A", "1B", "1C", "1D", "1G", "1H", "1J", "D3", "G2", "HPI", "SY", "TJ"))
        + draw(_references("0K")),
        amounts=draw(_amounts("B6", "KH", "T")),
        quantities=draw(_quantities("ZK", "ZL")),
        remark_codes=tuple(draw(st.lists(st.sampled_from(["N130", "M15", "MA130"]), max_size=3, unique=True))),
        other_remarks=draw(st.just(()) | st.just((("RX", "70"),))),
    )


_SUBMITTED: Final[st.SearchStrategy[dict[str, Any]]] = st.sampled_from(
    [
        {},
        {"submitted_qualifier": "HC", "submitted_procedure": "99214", "submitted_units": Decimal(2)},
        {"submitted_qualifier": "HC", "submitted_procedure": "99214", "submitted_modifiers": ("25",)},
        {"submitted_qualifier": "NU", "submitted_procedure": "0450", "submitted_description": "VISIT"},
    ]
)


@st.composite
def remittance_claims(draw: st.DrawFn) -> t835.RemittanceClaim:
    """Return a paid, denied or reversed claim that balances."""
    lines = tuple(draw(_remittance_lines(number)) for number in range(draw(st.integers(1, 4))))
    adjustments = draw(_ADJUSTMENTS.map(lambda found: found[:2]))
    return t835.RemittanceClaim(
        patient_control_number=draw(_NUMBERS),
        status=draw(st.sampled_from(["1", "2", "4", "19", "22"])),
        charge_cents=sum(line.charge_cents for line in lines),
        paid_cents=sum(line.paid_cents for line in lines) - sum(one.amount_cents for one in adjustments),
        patient_responsibility_cents=draw(_CENTS),
        claim_filing="12",
        payer_control_number=draw(_NUMBERS),
        facility_code="11",
        frequency="1",
        drg_code=draw(st.sampled_from(["", "470"])),
        drg_weight=draw(st.none() | st.just(Decimal("1.85"))),
        discharge_fraction=draw(st.none() | st.just(Decimal("0.5"))),
        group_number=draw(st.sampled_from(["1", "1", "2"])),
        adjustments=adjustments,
        parties=draw(_CLAIM_PARTIES),
        inpatient=draw(_INPATIENT),
        outpatient=draw(_OUTPATIENT),
        references=draw(_references("1L", "1W", "28", "6P", "9A", "9C", "BB", "CE", "EA", "F8", "G1", "G3", "IG", "SY"))
        + draw(_references("0B", "1A", "1B", "1C", "1D", "1G", "1H", "1J", "D3", "LU")),
        service_from=draw(st.none() | _DAYS),
        service_to=None,
        received_on=draw(st.none() | _DAYS),
        coverage_expired_on=draw(st.none() | _DAYS),
        contacts=draw(_CONTACTS),
        amounts=draw(_amounts("AU", "I", "T")),
        quantities=draw(_quantities("CA", "ZK")),
        lines=lines,
    )


@st.composite
def remittances(draw: st.DrawFn) -> t835.Remittance:
    """Return a remittance that balances; what would be negative is carried forward, as a payer does it."""
    listed = draw(st.lists(remittance_claims(), min_size=1, max_size=4))
    found = tuple(sorted((replace(each, service_to=each.service_from) for each in listed), key=_group))
    paid = sum(claim.paid_cents for claim in found)
    last = t835.ProviderAdjustment(
        provider_id="1234567893",
        fiscal_period_end=date(2026, 12, 31),
        reason="FB" if paid < 0 else "WO",
        reference="TRACE1",
        amount_cents=paid if paid < 0 else draw(st.integers(0, paid)),
    )
    some = draw(st.lists(st.integers(1, 99_999), max_size=7))
    back_and_forth = tuple(
        replace(last, reason="72", reference="", amount_cents=cents) for each in some for cents in (each, -each)
    )
    adjusted = back_and_forth + (last,) * bool(last.amount_cents)
    payment = paid - sum(one.amount_cents for one in adjusted)
    transfer = draw(st.none() | _TRANSFERS) if payment else None
    return t835.Remittance(
        handling_code="I" if payment else "H",
        payment_cents=payment,
        method="ACH" if transfer else "CHK" if payment else "NON",
        transfer=transfer,
        payment_on=REMITTANCE.payment_on,
        trace_number=draw(_NUMBERS),
        trace_originator="1512345678",
        originator_id="1512345678" if payment else "",
        produced_on=REMITTANCE.produced_on,
        payer=draw(_PAYERS),
        payee=draw(_PAYEES),
        currency=draw(st.sampled_from(["", "CAD"])),
        claims=found,
        groups=draw(_GROUPS) if found[0].group_number == "1" else (),
        references=draw(_references("EV", "F2")),
        originator_supplement=draw(st.sampled_from(["", "000000001"])) if payment else "",
        trace_supplement=draw(st.sampled_from(["", "SUPP1"])),
        provider_adjustments=adjusted,
    )


def _group(claim: t835.RemittanceClaim) -> str:
    return claim.group_number
