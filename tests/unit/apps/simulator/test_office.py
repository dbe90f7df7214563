"""An interchange in, the whole mail out: what is answered, in which order, and what the book says of it."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.simulator import desk, faults
from apps.simulator.directory import Directory
from apps.simulator.office import KeyTaken, Office
from shared.x12.checks import check
from shared.x12.checks.finding import Finding
from shared.x12.sets.t835_x221a1 import balance, read_835
from tests.support.x12_oracles import oxedi_findings, pyx12_check
from tests.unit.apps.simulator.interchanges import interchange, member, segments, transaction_set

AT = datetime(2026, 11, 2, 3, tzinfo=UTC)  # where the payers are, it is 1 November
EVERYONE = (
    member("PAID1", "A1", charges=("100", "33.33")),
    member("DEDU1", "A2", charges=("250.01",), child=True),
    member("DENY27A1", "A3"),
    member("REJP1", "A4"),
    member("REJC1", "A5"),
)


def _office(*contents: bytes, claims_per_check_max: int = 100) -> Office:
    office = Office(Directory(seed=7), claims_per_check_max=claims_per_check_max)
    for number, content in enumerate(contents):
        desk.receive(office, f"key-{number}", content, AT)
    return office


def _mail(office: Office, kind: str) -> list[bytes]:
    return [mail.content for mail in office.mailbox if mail.name.endswith(f".{kind}")]


def _elements(office: Office, kind: str, segment_id: str) -> list[list[str]]:
    return [each for content in _mail(office, kind) for each in segments(content) if each[0] == segment_id]


def _ta1(content: bytes) -> list[str]:
    office = _office(content)

    assert [mail.name for mail in office.mailbox] == ["000000001.ta1"]
    assert pyx12_check(office.mailbox[0].content.decode()).errors == ()
    return _elements(office, "ta1", "TA1")[0]


def test_answers_each_claim_in_the_order_of_the_trade() -> None:
    office = _office(interchange(transaction_set(*EVERYONE)))

    assert [mail.name for mail in office.mailbox] == [
        "000000001.999",
        "000000002.277ca",
        "000000003.277ca",
        "000000004.835",
    ]


def test_writes_what_independent_programs_call_valid() -> None:
    office = _office(interchange(transaction_set(*EVERYONE), transaction_set(member("R9991"), number="0002")))

    for content in _mail(office, "999") + _mail(office, "835"):
        assert pyx12_check(content.decode()).errors == ()
    for content in _mail(office, "277ca"):  # pyx12 demands a loop 2200C that no real 277CA has
        assert all("(2200C)" in text for _, text in pyx12_check(content.decode()).errors)
    for content in _mail(office, "835"):
        assert oxedi_findings(content) == ()


def test_sends_money_that_balances_at_three_levels() -> None:
    office = _office(interchange(transaction_set(*EVERYONE)))

    remittances = [each for content in _mail(office, "835") for each in read_835(content)]

    assert [balance(each) for each in remittances] == [()]
    assert sum(each.payment_cents for each in remittances) == office.book.pages().totals.paid_cents
    assert [(claim.patient_control_number, claim.status) for claim in remittances[0].claims] == [
        ("A1", "1"),
        ("A2", "1"),
        ("A3", "4"),
    ]
    assert [line.line_control_number for line in remittances[0].claims[0].lines] == ["L1", "L2"]


def test_names_claims_by_both_numbers() -> None:
    office = _office(interchange(transaction_set(*EVERYONE)))

    numbers = {each.patient_control_number: each.payer_claim_number for each in office.book.claims}

    assert {clp[1]: clp[7] for clp in _elements(office, "835", "CLP")} == numbers
    assert {ref[2] for ref in _elements(office, "277ca", "REF")} == set(numbers.values())


def test_says_who_rejected_a_claim() -> None:
    office = _office(interchange(transaction_set(*EVERYONE)))
    clearinghouse, payer = (segments(content) for content in _mail(office, "277ca"))

    assert ["NM1", "AY"] in [each[:2] for each in clearinghouse]
    assert ["NM1", "PR"] in [each[:2] for each in payer]
    assert [each[1] for each in clearinghouse if each[0] == "STC" and each[3] == "U"] == ["A7:164:IL"]
    assert [each[1] for each in payer if each[0] == "STC" and each[3] == "U"] == ["A3:33:IL"]
    assert ["TRN", "2", "A5"] not in payer
    assert [(each.patient_control_number, each.level) for each in office.book.rejections] == [
        ("A5", "clearinghouse"),
        ("A4", "payer"),
    ]


def test_counts_claims_and_charges_of_both_verdicts() -> None:
    office = _office(interchange(transaction_set(*EVERYONE)))

    assert _elements(office, "277ca", "QTY") == [
        ["QTY", "90", "4"],
        ["QTY", "AA", "1"],
        ["QTY", "90", "3"],
        ["QTY", "AA", "1"],
    ]
    assert [each[2] for each in _elements(office, "277ca", "AMT")][:2] == ["583.34", "100"]


def test_keeps_a_book_in_which_every_cent_has_a_place() -> None:
    totals = _office(interchange(transaction_set(*EVERYONE))).book.pages().totals
    parts = totals.paid_cents + totals.contractual_cents + totals.patient_cents + totals.denied_cents

    assert (totals.claims, totals.checks, totals.rejected) == (3, 1, 2)
    assert totals.charged_cents == parts == 483_34
    assert (totals.denied_cents, totals.patient_cents) == (100_00, 87_00)


def test_rejects_the_marked_set_and_takes_its_neighbour() -> None:
    marked = transaction_set(member("PAID1", "A1"), member("R9991", "A2"))
    office = _office(interchange(marked, transaction_set(member("PAID2", "A3"), number="0002")))

    assert _elements(office, "999", "IK5") == [["IK5", "R", "5"], ["IK5", "A"]]
    assert _elements(office, "999", "AK9") == [["AK9", "P", "2", "2", "1"]]
    assert [each.patient_control_number for each in office.book.claims] == ["A3"]
    assert [(each.patient_control_number, each.level) for each in office.book.rejections] == [
        ("A1", "set"),
        ("A2", "set"),
    ]


def test_answers_a_rejected_set_with_a_999_alone() -> None:
    office = _office(interchange(transaction_set(member("R9991"))))

    assert [mail.name for mail in office.mailbox] == ["000000001.999"]
    assert _elements(office, "999", "AK9") == [["AK9", "R", "1", "1", "0"]]


@pytest.mark.parametrize(
    ("start", "segment_id", "code"),
    [
        ("BHT", "BHT", "3"),
        ("NM1*85", "NM1", "3"),
        ("NM1*IL", "NM1", "3"),
        ("LX", "LX", "3"),
        ("SV1", "SV1", "3"),
        ("DTP*472", "DTP", "3"),
    ],
    ids=lambda found: found if isinstance(found, str) else "",
)
def test_names_the_segment_that_is_missing(start: str, segment_id: str, code: str) -> None:
    kept = [segment for segment in transaction_set(member("PAID1")) if not segment.startswith(start)]
    kept[-1] = f"SE*{len(kept)}*0001"
    office = _office(interchange(tuple(kept)))

    assert (segment_id, code) in [(each[1], each[4]) for each in _elements(office, "999", "IK3")]
    assert not office.book.claims


@pytest.mark.parametrize(
    ("good", "bad", "status"),
    [
        (b"NM1*85*2*EXAMPLE CLINIC*****XX*1234567893", b"NM1*85*2*EXAMPLE CLINIC*****XX*1234567894", "A7:562:85"),
        (b"CLM*C1*100*", b"CLM*C1*99*", "A7:178"),
        (b"HI*ABK:E119", b"HI*BG:XX", "A6:255"),
        (b"*UN*1***1", b"*UN*-1***1", "A7:476"),
        (b"*UN*1***1", b"*UN*1***2", "A7:477"),
        (b"D8*20261001", b"D8*20271001", "A7:187"),
        (b"11:B:1", b"11:B:7", "A6:464"),
        (b"11:B:1", b"11:B:9", "A7:535"),
    ],
    ids=["npi", "charge", "no diagnosis", "units", "pointer", "service to come", "correction of nothing", "frequency"],
)
def test_sends_back_by_itself_what_no_payer_would_take(good: bytes, bad: bytes, status: str) -> None:
    content = interchange(transaction_set(member("PAID1")))
    assert good in content
    office = _office(content.replace(good, bad))

    assert [each[1] for each in _elements(office, "277ca", "STC") if each[3] == "U"] == [status]
    assert [each.level for each in office.book.rejections] == ["clearinghouse"]
    assert not _mail(office, "835")


def test_says_where_a_set_cannot_be_read() -> None:
    content = interchange(transaction_set(member("PAID1"))).replace(b"D8*20261001", b"D8*20261399")
    office = _office(content)

    assert _elements(office, "999", "IK3") == [["IK3", "DTP", "23", "2400", "8"]]
    assert _elements(office, "999", "IK4") == [["IK4", "3", "", "8"]]
    assert not office.book.claims


def test_names_the_faults_of_each_set_and_checks_the_file_once(monkeypatch: pytest.MonkeyPatch) -> None:
    checked = list[bytes]()

    def counted(content: bytes) -> Iterator[Finding]:
        checked.append(content)
        return check(content)

    monkeypatch.setattr(faults, "check", counted)
    claims = [member(f"PAID{number}", f"A{number}") for number in range(4)]
    first, second, third, fourth = (
        transaction_set(each, number=f"000{number}") for number, each in enumerate(claims, start=1)
    )
    content = interchange(
        _worse(first, "DTP*472", "DTP*472*D8*20261399"), second, _worse(third, "SV1", "SV1*HC:1*1*UN*X***1"), fourth
    )
    office = _office(content)

    assert _elements(office, "999", "IK5") == [["IK5", "R", "5"], ["IK5", "A"], ["IK5", "R", "5"], ["IK5", "A"]]
    assert [each[1] for each in _elements(office, "999", "IK3")] == ["DTP", "SV1"]
    assert [each.patient_control_number for each in office.book.claims] == ["A1", "A3"]
    assert checked == [content]


def _worse(segments_: tuple[str, ...], start: str, other: str) -> tuple[str, ...]:
    return tuple(other if each.startswith(start) else each for each in segments_)


@pytest.mark.parametrize(
    ("good", "bad", "code"),
    [(b"ST*837*0001*005010X222A1", b"ST*835*0001", "1"), (b"0001*005010X222A1", b"0001*005010X223A2", "I6")],
    ids=["another set", "another guide"],
)
def test_takes_professional_claims_only(good: bytes, bad: bytes, code: str) -> None:
    office = _office(interchange(transaction_set(member("PAID1"))).replace(good, bad))

    assert _elements(office, "999", "IK5") == [["IK5", "R", code]]


def test_pays_each_payer_by_itself_and_no_check_over_too_many_claims() -> None:
    first = [member(f"PAID{number}", f"A{number}") for number in range(5)]
    office = _office(interchange(transaction_set(*first, member("PAID9", "B1", payer="OTHER"))), claims_per_check_max=2)

    assert len(_mail(office, "835")) == 2
    assert [(each.payer_id, each.claims) for each in office.book.checks] == [
        ("EXHP1", 2),
        ("EXHP1", 2),
        ("EXHP1", 1),
        ("OTHER", 1),
    ]
    assert len({each.trace_number for each in office.book.checks}) == 4
    assert len({each.originator for each in office.book.checks}) == 2


def test_writes_a_check_without_money_for_denials_alone() -> None:
    office = _office(interchange(transaction_set(member("DENY1"))))

    assert _elements(office, "835", "BPR")[0][1:5] == ["H", "0", "C", "NON"]
    assert oxedi_findings(_mail(office, "835")[0]) == ()


def test_denies_a_claim_that_was_billed_before() -> None:
    again = interchange(transaction_set(member("PAID1", "A1")), number=2)
    office = _office(interchange(transaction_set(member("PAID1", "A1"))), again)

    assert [each.status for each in office.book.claims] == ["paid", "denied"]
    assert _elements(office, "835", "CAS")[-1] == ["CAS", "OA", "18", "100"]


def test_answers_in_the_separators_of_the_file() -> None:
    content = interchange(transaction_set(member("PAID1"))).replace(b":", b">").replace(b"~", b"\n")
    office = _office(content)

    assert b"SVC*HC>99213>25*100*80**1\n" in _mail(office, "835")[0]


def test_refuses_the_same_interchange_under_another_key() -> None:
    content = interchange(transaction_set(member("PAID1")))
    office = _office(content, content)

    assert _elements(office, "ta1", "TA1")[0][4:] == ["R", "025"]
    assert office.book.pages().totals.claims == 1


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (interchange(transaction_set(member("PAID1")))[:-40], "023"),
        (interchange(transaction_set(member("PAID1"))).replace(b"GE*1*1", b"GE*2*1"), "022"),
        (interchange(transaction_set(member("PAID1"))).replace(b"IEA*1*000000001", b"IEA*1*000000002"), "024"),
        (interchange(transaction_set(member("PAID1")), version="00401"), "003"),
        (interchange(transaction_set(member("PAID1"))).replace(b"SAMPLE", "SÄMPLE".encode()), "024"),
        (
            interchange(transaction_set(member("PAID1"))) + interchange(transaction_set(member("PAID2")), number=2),
            "022",
        ),
    ],
    ids=["truncated", "group count", "control number", "version", "accents", "two interchanges"],
)
def test_refuses_an_interchange_that_it_cannot_take_whole(content: bytes, code: str) -> None:
    assert _ta1(content)[1:] == ["000000001", "261101", "1200", "R", code]


def test_refuses_bytes_that_are_no_interchange() -> None:
    assert _ta1(b"Dear payer, please find our claims below.")[1:] == ["000000000", "000101", "0000", "R", "024"]


def test_takes_a_refused_interchange_again_once_it_is_whole() -> None:
    content = interchange(transaction_set(member("PAID1")))
    office = _office(content[:-40], content)

    assert [mail.name.rpartition(".")[2] for mail in office.mailbox] == ["ta1", "999", "277ca", "277ca", "835"]


def test_knows_a_key_with_its_bytes() -> None:
    content = interchange(transaction_set(member("PAID1")))
    office = _office(content)

    assert office.known("key-0", content) == office.receipts["key-0"]
    assert office.known("key-1", content) is None
    with pytest.raises(KeyTaken):
        office.known("key-0", content + b"\n")


WHOLE = interchange(transaction_set(*EVERYONE))
ISA_BYTES = 106


@given(
    st.integers(0, len(WHOLE) - 1),
    st.integers(0, 60),
    st.text(alphabet="*:~^ A1.-\n\x00", max_size=12) | st.binary(max_size=6).map(lambda found: found.decode("latin-1")),
)
def test_answers_whatever_is_done_to_a_file(start: int, length: int, instead: str) -> None:
    office = _office(WHOLE[:start] + instead.encode() + WHOLE[start + length :])

    assert office.mailbox
    assert all(balance(each) == () for content in _mail(office, "835") for each in read_835(content))


@given(st.lists(st.text(alphabet="AB1.:-^", max_size=8), min_size=1, max_size=6), st.integers(0, 40))
def test_answers_whatever_stands_in_a_segment(elements: list[str], at: int) -> None:
    segments = list(transaction_set(*EVERYONE))
    place = 1 + at % (len(segments) - 2)
    segments[place] = "*".join([segments[place].partition("*")[0], *elements])
    office = _office(interchange(tuple(segments)))

    assert next(mail.name.rpartition(".")[2] for mail in office.mailbox) in {"999", "ta1"}


def test_sends_a_set_back_whose_payer_cannot_be_named() -> None:
    claims = tuple(each.replace("*PR*2*EXAMPLE PLAN*", "*PR*2*^^*") for each in member("PAID1"))
    office = _office(interchange(transaction_set(claims)))

    assert [mail.name for mail in office.mailbox] == ["000000001.999"]
    assert _elements(office, "999", "IK5") == [["IK5", "R", "5"]]


def test_takes_a_claim_number_again_at_another_payer() -> None:
    again = interchange(transaction_set(member("PAID1", "A1", payer="OTHER")), number=2)
    office = _office(interchange(transaction_set(member("PAID1", "A1"))), again)

    assert [each.status for each in office.book.claims] == ["paid", "paid"]
