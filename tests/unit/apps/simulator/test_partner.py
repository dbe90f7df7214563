"""The other side's words: what our writers send, the simulator reads, and what it answers, our readers read."""

from datetime import UTC, date, datetime
from decimal import Decimal

import httpx
import pytest

from apps.simulator.main import simulator
from apps.simulator.settings import Settings
from shared.clients.clearinghouse import Clearinghouse
from shared.x12.checks import check
from shared.x12.sets.t277ca_x214 import read_277ca
from shared.x12.sets.t835_x221a1 import Remittance, balance, read_835
from shared.x12.sets.t837p_x222a1 import (
    Address,
    BillingProvider,
    ClaimBatch,
    Patient,
    Payer,
    PersonName,
    ProfessionalClaim,
    Provider,
    Receiver,
    ServiceLine,
    Submitter,
    Subscriber,
    write_837p,
)
from shared.x12.sets.t999_x231a1 import read_999
from shared.x12.sets.ta1 import read_ta1
from shared.x12.writer import Envelope

HOME = Address(line="1 Elm St", city="Tampa", state="FL", postal_code="336020001")
DAY = date(2026, 10, 1)


def _claim(number: str, member_id: str, *, child: bool = False) -> ProfessionalClaim:
    lines = tuple(
        ServiceLine(
            procedure=procedure,
            charge_cents=charge_cents,
            units=Decimal(units),
            pointers=(1, 2),
            service_from=DAY,
            service_to=DAY,
            line_control_number=f"L{line_no}",
            modifiers=("25", "59") if line_no == 1 else (),
        )
        for line_no, (procedure, charge_cents, units) in enumerate((("99213", 152_50, 1), ("J3301", 42_45, 3)), start=1)
    )
    name = PersonName(last_name="Muñoz-Sample", first_name="Ada")
    return ProfessionalClaim(
        patient_control_number=number,
        charge_cents=194_95,
        place_of_service="11",
        billing_provider=BillingProvider(
            name="Example Clinic", npi="1234567893", tax_id="001234567", address=HOME, taxonomy="261QP2300X"
        ),
        subscriber=Subscriber(
            member_id=member_id,
            name=name,
            address=HOME,
            birth_on=date(1970, 5, 15),
            sex="F",
            claim_filing="CI",
        ),
        payer=Payer(name="Example Plan", payer_id="EXHP1"),
        diagnoses=("E119", "I10"),
        lines=lines,
        patient=Patient(name=name, address=HOME, birth_on=date(2015, 5, 15), sex="M", relationship="19")
        if child
        else None,
        rendering_provider=Provider(last_name="Doe", first_name="Ann", npi="1999999208", taxonomy="207Q00000X"),
    )


def _file(*claims: ProfessionalClaim) -> bytes:
    batch = ClaimBatch(
        submitter=Submitter(name="Practice", submitter_id="PRACTICE", contact_name="Billing", phone="8135550100"),
        receiver=Receiver(name="Clearinghouse", receiver_id="SIMCLEAR"),
        reference="BATCH1",
        claims=claims,
    )
    envelope = Envelope(
        sender_id="PRACTICE",
        receiver_id="SIMCLEAR",
        written_at=datetime(2026, 11, 2, 9, tzinfo=UTC),
        interchange_control_number=17,
        group_control_number=18,
    )
    return write_837p(batch, envelope=envelope, transaction_control_number=19)


async def _mail(*contents: bytes) -> dict[str, list[bytes]]:
    """Send files as claims sends them, and fetch everything that is in the mailbox then."""
    transport = httpx.ASGITransport(simulator(Settings()))
    async with httpx.AsyncClient(transport=transport, base_url="http://clearinghouse") as http:
        clearinghouse = Clearinghouse(http)
        for number, content in enumerate(contents):
            receipt = await clearinghouse.send(f"key-{number}", content)
            assert await clearinghouse.probe(f"key-{number}") == receipt
        assert await clearinghouse.probe("another") is None
        page = await clearinghouse.list(None)
        mail: dict[str, list[bytes]] = {}
        for entry in page.files:
            mail.setdefault(entry.name.rpartition(".")[2], []).append(await clearinghouse.fetch(entry.id))
        assert (await clearinghouse.list(page.next)).files == ()
    return mail


@pytest.fixture
async def mail() -> dict[str, list[bytes]]:
    outcomes = ("PAID1", "DEDU1", "DENY27A1", "REJP1", "REJC1")
    claims = (_claim(f"C{number}", member_id, child=number == 1) for number, member_id in enumerate(outcomes))
    return await _mail(_file(*claims))


async def test_takes_our_file_by_its_numbers(mail: dict[str, list[bytes]]) -> None:
    (group,) = read_999(mail["999"][0])

    assert (group.group_control_number, group.code) == ("18", "A")
    assert [(each.control_number, each.code) for each in group.sets] == [("0019", "A")]


async def test_answers_each_claim_at_two_levels(mail: dict[str, list[bytes]]) -> None:
    answers = [each for content in mail["277ca"] for each in read_277ca(content)]
    said = {
        (each.level, claim.patient_control_number): claim.information[0].statuses[0].category
        for each in answers
        for claim in each.claims
    }

    assert {each.batch_reference for each in answers} == {"BATCH1"}
    assert said == {
        ("clearinghouse", "C0"): "A0",
        ("clearinghouse", "C1"): "A0",
        ("clearinghouse", "C2"): "A0",
        ("clearinghouse", "C3"): "A0",
        ("clearinghouse", "C4"): "A7",
        ("payer", "C0"): "A2",
        ("payer", "C1"): "A2",
        ("payer", "C2"): "A2",
        ("payer", "C3"): "A3",
    }


async def test_counts_what_it_took_and_what_it_returned(mail: dict[str, list[bytes]]) -> None:
    clearinghouse, payer = (read_277ca(content)[0] for content in mail["277ca"])

    assert (clearinghouse.totals.accepted_count, clearinghouse.totals.rejected_count) == (4, 1)
    assert (payer.totals.accepted_count, payer.totals.rejected_count) == (3, 1)
    assert clearinghouse.totals.accepted_cents == 4 * 194_95


async def test_gives_accepted_claims_the_number_that_the_money_comes_under(mail: dict[str, list[bytes]]) -> None:
    (remittance,) = read_835(mail["835"][0])
    given = {
        claim.patient_control_number: claim.payer_control_number for claim in read_277ca(mail["277ca"][1])[0].claims
    }

    assert {each.patient_control_number: each.payer_control_number for each in remittance.claims} == {
        number: icn for number, icn in given.items() if icn
    }


async def test_pays_our_lines_as_we_billed_them(mail: dict[str, list[bytes]]) -> None:
    remittance: Remittance = read_835(mail["835"][0])[0]
    first, second = remittance.claims[0].lines

    assert balance(remittance) == ()
    assert [found.place for found in check(mail["835"][0]) if found.rule.id == "3-patient-share"] == []
    assert remittance.payer.payer_id == "EXHP1"
    assert (remittance.payee.npi, remittance.payee.tax_id) == ("1234567893", "001234567")
    assert (first.procedure, first.modifiers, first.line_control_number) == ("99213", ("25", "59"), "L1")
    assert (second.procedure, second.units, second.service_from) == ("J3301", Decimal(3), DAY)
    assert (first.charge_cents, first.paid_cents) == (152_50, 122_00)


async def test_tells_a_repeated_number_from_a_new_file() -> None:
    mail = await _mail(_file(_claim("C1", "PAID1")), _file(_claim("C2", "PAID2")))
    (refused,) = read_ta1(mail["ta1"][0])

    assert (refused.control_number, refused.code, refused.note) == ("000000017", "R", "025")
    assert len(mail["835"]) == 1
