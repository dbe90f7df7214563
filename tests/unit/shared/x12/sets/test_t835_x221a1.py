"""835: what a payer says is read to the cent, and what does not add up is found."""

import re
from collections.abc import Sized
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import SupportsIndex

import pytest
from hypothesis import given

from shared.x12.interchange import CountMismatch, transaction_sets
from shared.x12.loops import Loop, TooLongToHold
from shared.x12.malformed import MalformedX12, MisplacedSegment, UnexpectedTransaction, UnreadableSegment
from shared.x12.party import Address
from shared.x12.separators import STANDARD, Separators
from shared.x12.sets.t835_x221a1 import (
    Adjustment,
    BankTransfer,
    ClaimGroup,
    Contact,
    InpatientSummary,
    Payee,
    ProviderSummary,
    Reference,
    Remittance,
    RemittanceClaim,
    RemittanceDelivery,
    RemittanceParty,
    SupplementalQuantity,
    balance,
    claims,
    natural_key,
    read_835,
    reading,
    stream_835,
    write_835,
)
from shared.x12.sets.t835_x221a1.claim_reading import ClaimReader, _More
from shared.x12.tokens import Block
from shared.x12.writer import CannotBeWritten
from tests.support.x12_oracles import oxedi_findings, pyx12_check
from tests.unit.shared.x12 import strategies
from tests.unit.shared.x12.coming_back import BOUNDED, comes_back
from tests.unit.shared.x12.examples import (
    ENVELOPE,
    PAID_CLAIM,
    PAID_LINE,
    REMITTANCE,
    SAMPLES,
    needs_samples,
)


def _written(*found: Remittance) -> bytes:
    return write_835(found, envelope=ENVELOPE, first_control_number=1)


def _refuses_nothing(data: bytes) -> None:
    assert pyx12_check(data.decode()).errors == ()
    assert oxedi_findings(data) == ()


def test_a_remittance_is_written_as_the_guide_says() -> None:
    data = _written(REMITTANCE)

    assert b"~CLP*CLM0000001*1*150*80*20*12*ICN0000000001*11*1~NM1*QC*1*DOE*JOHN*Q***MI*MBR00000001~" in data
    assert b"~CAS*CO*45*50~CAS*PR*2*20*1~REF*6R*L00000001~AMT*B6*100~LQ*HE*N130~PLB*" in data
    _refuses_nothing(data)


def test_a_transfer_names_its_accounts() -> None:
    transfer = BankTransfer(
        payer_routing_number="999999992",
        payer_account="123456",
        payee_routing_number="999988880",
        payee_account="98765",
    )
    remittance = replace(REMITTANCE, method="ACH", transfer=transfer)

    data = _written(remittance)

    _refuses_nothing(data)
    assert read_835(data) == (remittance,)
    assert "98765" not in repr(transfer)


def test_who_pays_and_who_is_paid_are_read_whole() -> None:
    payer = replace(
        REMITTANCE.payer,
        references=(Reference(qualifier="NF", number="12345"),),
        contacts=(*REMITTANCE.payer.contacts, Contact(function="IC", numbers=(("UR", "WWW.EXAMPLE.TEST"),))),
    )
    payee = Payee(
        name="PLAN",
        plan_id="7777777777",
        tax_id="587654321",
        address=Address(line="1 RUE", city="PARIS", state="", postal_code="75001", country="FR", subdivision="IDF"),
        references=(Reference(qualifier="PQ", number="P1"),),
        delivery=RemittanceDelivery(method="EM", name="DESK", number="REMITS@EXAMPLE.TEST"),
    )
    remittance = replace(REMITTANCE, payer=payer, payee=payee)

    data = _written(remittance)

    assert b"~REF*2U*99999~REF*NF*12345~PER*BL*EDI*TE*8005551213~PER*IC**UR*WWW.EXAMPLE.TEST~" in data
    assert b"~N1*PE*PLAN*XV*7777777777~N3*1 RUE~N4*PARIS**75001*FR***IDF~REF*TJ*587654321~REF*PQ*P1~" in data
    assert b"~RDM*EM*DESK*REMITS@EXAMPLE.TEST~LX*1~" in data
    assert read_835(data) == (remittance,)
    assert "REMITS@" not in repr(payee)
    _refuses_nothing(data)


def test_a_second_tax_number_is_kept() -> None:
    text = _written(replace(REMITTANCE, payee=Payee(name="ACME CLINIC", tax_id="587654321"))).decode()
    text = text.replace("*FI*587654321~", "*FI*587654321~REF*TJ*999999999~")

    (read,) = read_835(text.replace("SE*25*", "SE*26*").encode())

    assert read.payee.tax_id == "587654321"
    assert read.payee.references == (Reference(qualifier="TJ", number="999999999"),)


@pytest.mark.parametrize(
    "payee",
    [
        replace(REMITTANCE.payee, plan_id="7777777777"),
        replace(REMITTANCE.payee, references=(Reference(qualifier="PQ", number="P1", description="X"),)),
    ],
    ids=["two numbers", "described reference"],
)
def test_a_payee_that_would_come_back_as_another_is_not_written(payee: Payee) -> None:
    with pytest.raises(CannotBeWritten):
        _written(replace(REMITTANCE, payee=payee))


def test_several_payments_are_sets_of_one_file() -> None:
    other = replace(REMITTANCE, trace_number="TRACE000004")

    read = read_835(_written(REMITTANCE, other))

    assert read == (REMITTANCE, other)
    assert [found.control_number for found in read] == ["0001", "0002"]


@given(strategies.remittances(), strategies.SEPARATORS)
@BOUNDED
def test_what_is_written_is_read_as_it_was(remittance: Remittance, separators: Separators) -> None:
    comes_back(remittance, separators, write_835, read_835)


def test_more_than_six_adjustments_of_a_group_take_a_further_segment() -> None:
    adjustments = tuple(Adjustment(group="CO", reason=str(number), amount_cents=100) for number in range(1, 8))
    line = replace(PAID_LINE, adjustments=adjustments, paid_cents=143_00)
    claim = replace(PAID_CLAIM, lines=(line,), paid_cents=143_00)
    remittance = replace(REMITTANCE, claims=(claim,), payment_cents=133_00)

    data = _written(remittance)

    assert data.count(b"~CAS*CO*") == 2
    assert read_835(data)[0].claims[0].lines[0].adjustments == adjustments
    _refuses_nothing(data)


def test_no_patient_is_shown() -> None:
    (read,) = read_835(_written(REMITTANCE))

    assert read.claims[0].parties[0].last_name == "DOE"
    assert not re.search("DOE|MBR0", repr(read))


def test_claims_and_lines_keep_their_segments() -> None:
    (read,) = read_835(_written(REMITTANCE))

    assert read.claims[0].raw[0].startswith("CLP*CLM0000001")
    assert read.claims[0].raw[-1] == "LQ*HE*N130"
    assert read.claims[0].lines[0].raw[0].startswith("SVC*HC:99213")
    assert read.provider_adjustments[0].raw == ("PLB*1234567893*20261231*WO:ICN0000000009*10",)
    assert read.raw[1].startswith("BPR*")


def test_claims_can_be_read_one_by_one() -> None:
    (transaction,) = transaction_sets(_written(REMITTANCE))

    assert [claim.patient_control_number for claim in claims(transaction)] == ["CLM0000001"]


def test_a_remittance_that_comes_is_the_one_that_is_there() -> None:
    data = _written(REMITTANCE, replace(REMITTANCE, trace_number="TRACE000004"))

    coming = [(tuple(one.claims()), one.remittance()) for one in stream_835(data)]

    for whole, (found, rest) in zip(read_835(data), coming, strict=True):
        assert rest == replace(whole, claims=())
        assert (rest.body_hash, rest.raw) == (whole.body_hash, whole.raw)
        assert found == whole.claims
        assert [claim.raw for claim in found] == [claim.raw for claim in whole.claims]


def test_claims_that_nobody_asks_for_are_passed_over() -> None:
    (whole,) = read_835(_written(REMITTANCE))

    assert [one.remittance().body_hash for one in stream_835(_written(REMITTANCE))] == [whole.body_hash]


def test_reading_goes_on_where_it_was_left() -> None:
    claims_of_two = tuple(replace(PAID_CLAIM, group_number="3", patient_control_number=one) for one in ("A", "B"))
    data = _written(replace(REMITTANCE, claims=claims_of_two, payment_cents=150_00))
    seen = [(next(coming.claims()), *coming.claims(), coming.remittance()) for coming in stream_835(data)]

    ((first, second, rest),) = seen
    assert (first, second) == claims_of_two
    assert isinstance(rest, Remittance)
    assert rest.body_hash == read_835(data)[0].body_hash


def test_a_trailer_is_compared_after_the_claims() -> None:
    data = _written(REMITTANCE).replace(b"SE*26*", b"SE*25*")
    taken: list[RemittanceClaim] = []
    with pytest.raises(CountMismatch):
        taken.extend(claim for one in stream_835(data) for claim in one.claims())

    assert taken == [PAID_CLAIM]


def test_every_segment_of_a_claim_is_read() -> None:
    text = _written(REMITTANCE).decode()
    begin, end = text.index("LX*1~"), text.index("PLB*")
    text = text[:begin] + INPATIENT + text[end:]
    (read,) = read_835(text.replace("SE*26*", f"SE*{text.count('~') - 4}*").encode())

    (claim,) = read.claims
    (line,) = claim.lines
    assert read.groups == (
        ClaimGroup(
            number="3",
            provider=ProviderSummary(
                provider_id="1234567893",
                facility_code="11",
                fiscal_period_end=date(2026, 12, 31),
                claim_count=Decimal(1),
                charge_cents=1000_00,
                pip_adjustment_cents=24_00,
            ),
            inpatient=InpatientSummary(drg_cents=1_00, pps_capital_disproportionate_drg_cents=19_00),
        ),
    )
    assert (claim.group_number, claim.drg_code, claim.drg_weight) == ("3", "470", Decimal("1.85"))
    assert [party.role for party in claim.parties] == ["QC", "74", "TT", "PR"]
    assert claim.parties[1].first_name == "JON"
    assert claim.inpatient is not None
    assert (claim.inpatient.covered_days, claim.inpatient.drg_cents) == (Decimal(3), 4_00)
    assert (claim.inpatient.indirect_teaching_cents, claim.inpatient.pps_capital_exception_cents) == (18_00, 24_00)
    assert claim.outpatient is not None
    assert (claim.outpatient.reimbursement_rate, claim.outpatient.esrd_cents) == (Decimal("0.5"), 8_00)
    assert claim.remark_codes == ("MA01", "MA02", "N2", "MA03")
    assert claim.references == (Reference(qualifier="EA", number="REC9"), Reference(qualifier="1D", number="PROV1"))
    assert claim.coverage_expired_on == date(2026, 6, 30)
    assert claim.contacts == (Contact(function="CX", name="CLAIMS", numbers=(("TE", "8005550100"), ("EX", "12"))),)
    assert claim.quantities == (SupplementalQuantity(qualifier="CA", quantity=Decimal(3)),)
    assert (line.submitted_qualifier, line.submitted_procedure, line.submitted_modifiers) == ("HC", "99214", ("25",))
    assert (line.submitted_units, line.revenue_code) == (Decimal(2), "0450")
    assert line.references == (Reference(qualifier="0K", number="POLICY1"),)
    assert (line.remark_codes, line.other_remarks) == (("N130",), (("RX", "70"),))
    assert (line.quantities[0].qualifier, line.line_control_number) == ("ZK", "L1")
    assert [one.quantity for one in line.adjustments] == [None, Decimal(2)]
    for hidden in ("JON", "REC9", "POLICY1", "MBR1"):
        assert hidden not in repr(read)


INPATIENT = (
    "LX*3~TS3*1234567893*11*20261231*1*1000" + "*" * 19 + "24~TS2*1" + "*" * 18 + "19~"
    "CLP*A1*1*1000*900*50*MA*ICN1*11*1**470*1.85*0.5~CAS*CO*45*20**2*30*2~"
    "NM1*QC*1*DOE*JOHN****MI*MBR1~NM1*74*1*DOE*JON~NM1*TT*2*NEXT PAYER*****PI*77777~NM1*PR*2*FIRST PAYER*****PI*66666~"
    "MIA*3***4*MA01" + "*" * 13 + "18**MA02****24~MOA*.5**N2*MA03****8~"
    "REF*EA*REC9~REF*1D*PROV1~DTM*036*20260630~PER*CX*CLAIMS*TE*8005550100*EX*12~AMT*I*5~QTY*CA*3~"
    "SVC*HC:99213*1000*900*0450*1*HC:99214:25*2~CAS*CO*45*40**2*60*2~REF*6R*L1~REF*0K*POLICY1~AMT*B6*900~QTY*ZK*1~"
    "LQ*HE*N130~LQ*RX*70~"
)


@pytest.mark.parametrize("role", ["QC", "82"])
def test_a_party_without_name_and_number_is_not_written(role: str) -> None:
    claim = replace(PAID_CLAIM, parties=(RemittanceParty(role=role),))

    with pytest.raises(CannotBeWritten):
        _written(replace(REMITTANCE, claims=(claim,)))


def test_a_payer_without_a_technical_contact_is_not_written() -> None:
    with pytest.raises(CannotBeWritten):
        _written(replace(REMITTANCE, payer=replace(REMITTANCE.payer, contacts=())))


def test_a_sum_of_claims_that_are_not_there_is_not_written() -> None:
    with pytest.raises(CannotBeWritten):
        _written(replace(REMITTANCE, groups=(ClaimGroup(number="2"),)))


def test_unknown_codes_are_kept() -> None:
    text = _written(REMITTANCE).decode().replace("CLP*CLM0000001*1*", "CLP*CLM0000001*77*")
    text = text.replace("CAS*CO*45*", "CAS*CR*Z99*").replace("WO:ICN", "Q9:ICN")

    (read,) = read_835(text.encode())

    assert read.claims[0].status == "77"
    assert (read.claims[0].lines[0].adjustments[0].group, read.claims[0].lines[0].adjustments[0].reason) == (
        "CR",
        "Z99",
    )
    assert read.provider_adjustments[0].reason == "Q9"


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        (("*150*80**1~", "*150*80.01**1~"), [("line", 1, "claim 1, line 1")]),
        (("CAS*CO*45*50", "CAS*CO*45*49"), [("line", -100, "claim 1, line 1"), ("claim", -100, "claim 1")]),
        (("*1*150*80*20", "*1*150*81*20"), [("claim", 100, "claim 1"), ("transaction", -100, "BPR02")]),
        (("BPR*I*70", "BPR*I*69.5"), [("transaction", -50, "BPR02")]),
        (("ICN0000000009*10", "ICN0000000009*-10"), [("transaction", -2000, "BPR02")]),
    ],
)
def test_what_does_not_add_up_is_found_where_it_is(changed: tuple[str, str], found: list[tuple[str, int, str]]) -> None:
    data = _written(REMITTANCE).decode().replace(*changed).encode()

    (read,) = read_835(data)

    assert [(one.level, one.difference_cents, one.place) for one in balance(read)] == found
    assert oxedi_findings(data) != ()


def test_what_does_not_balance_is_not_written() -> None:
    with pytest.raises(CannotBeWritten):
        _written(replace(REMITTANCE, payment_cents=1))


def test_the_same_payment_has_the_same_key_and_body_under_new_numbers() -> None:
    first = _written(REMITTANCE)
    envelope = replace(ENVELOPE, interchange_control_number=900, group_control_number=901)
    resent = write_835([REMITTANCE], envelope=envelope, first_control_number=5)

    (one,), (other,) = read_835(first), read_835(resent)

    assert natural_key(one) == natural_key(other)
    assert one.body_hash == other.body_hash
    assert natural_key(one) == ("99999", "TRACE000003", "1512345678", 70_00, date(2026, 2, 15))


@pytest.mark.parametrize(
    ("without", "expected"),
    [
        ((), "99999"),
        (("REF*2U*99999~",), "1512345678"),
        (("REF*2U*99999~", "*1512345678******2026"), "1512345678"),
    ],
)
def test_a_payer_is_known_by_the_first_id_that_is_there(without: tuple[str, ...], expected: str) -> None:
    text = _written(REMITTANCE).decode().replace("SE*26*", f"SE*{26 - bool(without)}*")
    for part in without:
        text = text.replace(part, "*" * 7 + "2026" if part.startswith("*") else "")

    (read,) = read_835(text.encode())

    assert read.payer.payer_id == expected


@pytest.mark.parametrize(
    ("broken", "error", "segment_id"),
    [
        (("CLP*CLM0000001*1*150*", "CLP*CLM0000001*1**"), UnreadableSegment, "CLP"),
        (("*150*80**1~", "*150*80.001**1~"), UnreadableSegment, "SVC"),
        (("CAS*CO*45*50", "CAS*CO*45"), UnreadableSegment, "CAS"),
        (("DTM*472*20251215", "DTM*472*20251235"), UnreadableSegment, "DTM"),
        (("BPR*I*70", "BPR*I*"), UnreadableSegment, "BPR"),
        (("CLP*CLM0000001*", "XXX*CLM0000001*"), MisplacedSegment, "SVC"),
        (("TRN*1*TRACE000003", "XXX*1*TRACE000003"), UnreadableSegment, "ST"),
    ],
)
def test_a_broken_segment_is_refused_where_it_stands(
    broken: tuple[str, str], error: type[MalformedX12], segment_id: str
) -> None:
    text = _written(REMITTANCE).decode().replace(*broken, 1)

    with pytest.raises(error) as refusal:
        read_835(text.encode())

    assert refusal.value.segment_id == segment_id
    assert text[refusal.value.offset :].startswith(segment_id + "*")


def test_another_transaction_is_refused() -> None:
    with pytest.raises(UnexpectedTransaction):
        read_835(_written(REMITTANCE).replace(b"~ST*835*", b"~ST*837*"))


@needs_samples
def test_a_reversal_with_its_correction_a_denial_and_a_secondary_payment_are_read() -> None:
    path = SAMPLES / "selfmade" / "835_reversal_correction_denial_secondary_PLB.edi"
    (read,) = read_835(path.read_bytes())

    reversal, correction, denial, secondary = read.claims
    assert balance(read) == ()
    assert (read.payment_cents, read.method, read.payee.npi) == (4000, "ACH", "1234567893")
    assert (reversal.status, reversal.charge_cents, reversal.paid_cents) == ("22", -15000, -10000)
    assert reversal.lines[0].units == Decimal(-1)
    assert [(one.group, one.amount_cents) for one in reversal.lines[0].adjustments] == [("CO", -3000), ("PR", -2000)]
    assert (correction.payer_control_number, correction.paid_cents) == ("ICN0000000001A", 11000)
    assert (denial.status, denial.lines[0].remark_codes) == ("4", ("MA130",))
    assert [(one.group, one.reason) for one in secondary.lines[0].adjustments] == [
        ("CO", "45"),
        ("OA", "23"),
        ("PR", "2"),
    ]
    assert [(one.reason, one.reference, one.amount_cents) for one in read.provider_adjustments] == [
        ("WO", "ICN0000000009", 1500),
        ("L6", "INTEREST", -500),
    ]


@needs_samples
def test_a_balance_carried_forward_is_read() -> None:
    (read,) = read_835((SAMPLES / "selfmade" / "835_negative_balance_forward_FB.edi").read_bytes())

    assert (read.payment_cents, read.method, balance(read)) == (0, "NON", ())
    assert [(one.reason, one.amount_cents) for one in read.provider_adjustments] == [("FB", -10000)]


@needs_samples
def test_the_verdict_on_public_samples_is_that_of_an_independent_reader() -> None:
    for path in sorted((SAMPLES / "835").glob("kputnam*.edi")):
        assert [balance(found) for found in read_835(path.read_bytes())] == [()]


class CountedSegment(str):
    """A segment that counts how often one of its kind is split."""

    __slots__ = ()
    splits = 0

    def split(self, sep: str | None = None, maxsplit: SupportsIndex = -1) -> list[str]:
        """Split, and count."""
        CountedSegment.splits += 1
        return super().split(sep, maxsplit)


@pytest.mark.parametrize("times", [1, 10, 1_000])
def test_a_segment_of_a_claim_is_looked_at_once_whatever_its_number(
    times: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(CountedSegment, "splits", 0)
    of_claim = ("REF*EA*R{}", "QTY*CA*{}", "NM1*82*2*CLINIC {}", "PER*CX*{}*TE*8005550100", "AMT*I*{}")
    of_line = ("REF*0K*P{}", "QTY*ZK*{}", "LQ*HE*N{}", "LQ*RX*{}", "CAS*CO*{}*1")
    claim, line = ([each.format(number) for number in range(times) for each in some] for some in (of_claim, of_line))
    raw = tuple(map(CountedSegment, ["CLP*A*1*10*10", *claim, *["SVC*HC:99213*1*1", *line] * 2]))
    block = Block(list(raw), STANDARD, first=0, offset=0, is_ascii=True)

    read = ClaimReader(STANDARD).read(Loop(raw, (block,), 0), "1")

    assert CountedSegment.splits == len(raw) + len(read.lines)  # an SVC also ends what stands before it
    assert [each.number for each in read.references] == [f"R{number}" for number in range(times)]
    assert [each.quantity for each in read.quantities] == list(range(times))
    assert [each.last_name for each in read.parties] == [f"CLINIC {number}" for number in range(times)]
    assert [each.name for each in read.contacts] == [f"{number}" for number in range(times)]
    assert [each.amount_cents for each in read.amounts] == [number * 100 for number in range(times)]
    for each in read.lines:
        assert each.references == tuple(Reference(qualifier="0K", number=f"P{number}") for number in range(times))
        assert each.remark_codes == tuple(f"N{number}" for number in range(times))
        assert each.other_remarks == tuple(("RX", f"{number}") for number in range(times))
        assert [one.reason for one in each.adjustments] == [f"{number}" for number in range(times)]
        assert [one.quantity for one in each.quantities] == list(range(times))


def test_what_a_claim_may_have_any_number_of_is_gathered_in_lists() -> None:
    """Each costs what the first one did: a tuple that grows by one is copied every time."""
    gathered = {name for name in _More.__slots__ if isinstance(getattr(_More(), name), Sized)}

    assert {name for name in gathered if type(getattr(_More(), name)) is list} == gathered
    assert len(gathered) == len(_More.__slots__) - 2


def test_too_much_outside_the_claims_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "LOOP_BYTES_MAX", 5_000)
    text = _written(REMITTANCE).decode()
    adjustment = text[text.index("PLB*") : text.index("SE*")]

    with pytest.raises(TooLongToHold) as refusal:
        read_835(text.replace(adjustment, adjustment * 5).encode())

    assert refusal.value.offset == text.index("PLB*") + 4 * len(adjustment)
    assert refusal.value.segment_id == "PLB"


def test_groups_of_which_nothing_is_said_are_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "LOOP_BYTES_MAX", 2_000)
    claims_of_many = tuple(replace(PAID_CLAIM, group_number=f"{number}") for number in range(1, 100))
    remittance = replace(REMITTANCE, claims=claims_of_many, payment_cents=80_00 * 99 - 10_00)

    assert read_835(_written(remittance)) == (remittance,)


def test_what_stands_where_a_name_should_be_is_not_repeated() -> None:
    text = _written(REMITTANCE).decode().replace("~GE*", "~SMITH JOHN 123-45-6789~GE*")

    with pytest.raises(MalformedX12) as refusal:
        read_835(text.encode())

    assert refusal.value.segment_id is None
    assert "SMITH" not in str(refusal.value)
