"""Synthetic claims and remittances of any number, three lines each, made by our own writers: what readers are given.

Owns: the files. Amounts, people and numbers differ from claim to claim, so that nothing is read twice alike; who is
named does not exist. Refuses: measuring. Next: `x12.py`.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Final

from shared.x12.party import Address, PersonName
from shared.x12.sets import t835_x221a1 as t835
from shared.x12.sets import t837p_x222a1 as t837p
from shared.x12.writer import Envelope

LINES: Final = 3
CLAIMS_PER_SET: Final = 5_000  # the usual ceiling of payers
ENVELOPE: Final = Envelope(
    sender_id="SUBMITTER01",
    receiver_id="RECEIVER01",
    written_at=datetime(2026, 2, 1, 12, 0, tzinfo=UTC),
    interchange_control_number=1,
    group_control_number=1,
    usage="T",
)
_SEED: Final = 7
_FIRST_DAY: Final = date(2025, 1, 1)
_DAYS: Final = 365
_CHARGE_CENTS: Final = (10_00, 900_00)
_PROCEDURES: Final = ("99213", "99214", "97110", "36415", "80053", "93000", "90471", "J1885", "20610", "71046")
_DIAGNOSES: Final = ("E119", "I10", "J069", "M5450", "Z0000", "R05", "K219", "N390")
_FAMILIES: Final = ("ABEL", "BAKER", "COHEN", "DIAZ", "EVANS", "FOSTER", "GARCIA", "HUGHES", "IRVING", "JONES")
_GIVEN: Final = ("ANN", "BOB", "CARLA", "DAN", "EVE", "FRANK", "GINA", "HANK", "IDA", "JOHN")
_CITIES: Final = (("MIAMI", "FL", "331110001"), ("TAMPA", "FL", "336020001"), ("HARTFORD", "CT", "061010001"))
_NPI: Final = "1234567893"


def claim_batches(claims: int) -> tuple[t837p.ClaimBatch, ...]:
    """Return professional claims, in sets of the usual size."""
    made = tuple(_claims(claims))
    return tuple(
        t837p.ClaimBatch(
            submitter=t837p.Submitter(
                name="ACME BILLING", submitter_id="SUBMITTER01", contact_name="BILLING OFFICE", phone="3055550100"
            ),
            receiver=t837p.Receiver(name="KEY INSURANCE", receiver_id="RECEIVER01"),
            reference=f"BATCH{start}",
            claims=made[start : start + CLAIMS_PER_SET],
        )
        for start in range(0, claims, CLAIMS_PER_SET)
    )


def _claims(number: int) -> Iterator[t837p.ProfessionalClaim]:
    random = Random(_SEED)  # noqa: S311 (whose amounts are made up, no secret)
    clinic = t837p.BillingProvider(
        name="ACME CLINIC", npi=_NPI, tax_id="587654321", address=_address(random), taxonomy="207Q00000X"
    )
    payer = t837p.Payer(name="KEY INSURANCE", payer_id="99999")
    for at in range(number):
        diagnoses = tuple(random.sample(_DIAGNOSES, k=random.randint(1, 4)))
        lines = tuple(_line(random, at, place, len(diagnoses)) for place in range(LINES))
        yield t837p.ProfessionalClaim(
            patient_control_number=f"CLM{at:010d}",
            charge_cents=sum(line.charge_cents for line in lines),
            place_of_service="11",
            billing_provider=clinic,
            subscriber=t837p.Subscriber(
                member_id=f"MBR{at:08d}",
                name=PersonName(last_name=random.choice(_FAMILIES), first_name=random.choice(_GIVEN)),
                address=_address(random),
                birth_on=date(1950, 1, 1) + timedelta(days=random.randrange(25_000)),
                sex=random.choice("FM"),
                group_number=f"GRP{random.randrange(100):04d}",
                claim_filing="CI",
            ),
            payer=payer,
            diagnoses=diagnoses,
            lines=lines,
            rendering_provider=t837p.Provider(last_name="SMITH", first_name="ANN", npi=_NPI, taxonomy="207Q00000X"),
        )


def _line(random: Random, claim: int, place: int, diagnoses: int) -> t837p.ServiceLine:
    on = _FIRST_DAY + timedelta(days=random.randrange(_DAYS))
    return t837p.ServiceLine(
        procedure=random.choice(_PROCEDURES),
        modifiers=("25",) if place == 0 else (),
        charge_cents=random.randint(*_CHARGE_CENTS),
        units=Decimal(random.randint(1, 4)),
        pointers=tuple(range(1, diagnoses + 1)),
        service_from=on,
        service_to=on,
        line_control_number=f"L{claim:09d}{place}",
    )


def _address(random: Random) -> Address:
    city, state, postal_code = random.choice(_CITIES)
    return Address(line=f"{random.randrange(1, 9_999)} MAIN ST", city=city, state=state, postal_code=postal_code)


def remittance(claims: int) -> t835.Remittance:
    """Return one payment of so many claims, each with a contractual part and a patient's share on every line."""
    random = Random(_SEED)  # noqa: S311 (as above)
    paid = tuple(_paid_claim(random, at) for at in range(claims))
    return t835.Remittance(
        handling_code="I",
        payment_cents=sum(claim.paid_cents for claim in paid),
        method="CHK",
        payment_on=date(2026, 2, 1),
        trace_number="TRACE000001",
        trace_originator="1512345678",
        originator_id="1512345678",
        produced_on=date(2026, 2, 1),
        payer=t835.Payer(
            name="KEY INSURANCE",
            payer_id="99999",
            address=_address(random),
            contacts=(t835.Contact(function="BL", name="EDI", numbers=(("TE", "8005550100"),)),),
        ),
        payee=t835.Payee(name="ACME CLINIC", npi=_NPI, tax_id="587654321"),
        claims=paid,
    )


def _paid_claim(random: Random, at: int) -> t835.RemittanceClaim:
    lines = tuple(_paid_line(random, at, place) for place in range(LINES))
    return t835.RemittanceClaim(
        patient_control_number=f"CLM{at:010d}",
        status="1",
        charge_cents=sum(line.charge_cents for line in lines),
        paid_cents=sum(line.paid_cents for line in lines),
        patient_responsibility_cents=sum(each.amount_cents for line in lines for each in line.adjustments[1:]),
        claim_filing="12",
        payer_control_number=f"ICN{at:010d}",
        facility_code="11",
        frequency="1",
        parties=(
            t835.RemittanceParty(
                role="QC",
                last_name=random.choice(_FAMILIES),
                first_name=random.choice(_GIVEN),
                number_qualifier="MI",
                number=f"MBR{at:08d}",
            ),
        ),
        lines=lines,
        received_on=_FIRST_DAY + timedelta(days=random.randrange(_DAYS)),
    )


def _paid_line(random: Random, claim: int, place: int) -> t835.RemittanceLine:
    charge = random.randint(*_CHARGE_CENTS)
    contractual, share = random.randint(1, charge // 2), random.randint(1, charge // 4)
    on = _FIRST_DAY + timedelta(days=random.randrange(_DAYS))
    return t835.RemittanceLine(
        procedure=random.choice(_PROCEDURES),
        charge_cents=charge,
        paid_cents=charge - contractual - share,
        units=Decimal(1),
        service_from=on,
        service_to=on,
        line_control_number=f"L{claim:09d}{place}",
        adjustments=(
            t835.Adjustment(group="CO", reason="45", amount_cents=contractual),
            t835.Adjustment(group="PR", reason="2", amount_cents=share),
        ),
        amounts=(t835.SupplementalAmount(qualifier="B6", amount_cents=charge - contractual),),
    )
