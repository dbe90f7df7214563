"""What comes on a later day: late answers, second looks, takebacks, interest; and what odd payers do at once."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from apps.simulator import desk, payers
from apps.simulator.case import State
from apps.simulator.directory import Directory
from apps.simulator.office import Office
from apps.simulator.outcomes import outcomes
from shared.x12.sets.t835_x221a1 import Remittance, balance, natural_key, read_835
from tests.support.x12_oracles import oxedi_findings, pyx12_check
from tests.unit.apps.simulator.interchanges import interchange, member, segments, transaction_set

AT = datetime(2026, 11, 2, 3, tzinfo=UTC)


class House:
    """An office and the days that pass in it."""

    def __init__(self) -> None:
        self.office = Office(Directory(seed=7))
        self._sent = 0

    def send(self, *members: tuple[str, ...]) -> None:
        """Send claims on the day that it is."""
        self._sent += 1
        content = interchange(transaction_set(*members), number=self._sent)
        desk.receive(self.office, f"key-{self._sent}", content, max(self.office.now, AT))

    def wait(self, days: int) -> None:
        """Let days pass."""
        desk.advance(self.office, self.office.now + timedelta(days=days))

    def files(self, kind: str = "835") -> list[bytes]:
        """Return what was posted of a kind."""
        return [mail.content for mail in self.office.mailbox if mail.name.endswith(f".{kind}")]

    def remittances(self) -> Iterator[Remittance]:
        """Return every 835 that was posted, each valid and balanced."""
        for content in self.files():
            assert pyx12_check(content.decode()).errors == ()
            assert oxedi_findings(content) == ()
            for remittance in read_835(content):
                assert balance(remittance) == ()
                yield remittance

    def checks(self) -> list[tuple[int, list[tuple[str, int]], list[tuple[str, int]]]]:
        """Return the amount of each check, its claims by CLP02, and its entries."""
        return [
            (
                each.payment_cents,
                [(claim.status, claim.paid_cents) for claim in each.claims],
                [(entry.reason, entry.amount_cents) for entry in each.provider_adjustments],
            )
            for each in self.remittances()
        ]


@pytest.fixture
def house() -> House:
    return House()


def test_pays_late_on_the_day_and_not_before(house: House) -> None:
    house.send(member("LATE1"))
    house.wait(13)
    assert house.checks() == []
    assert house.office.cases[0].state is State.WAITING

    house.wait(1)
    assert house.checks() == [(80_00, [("1", 80_00)], [])]
    assert house.office.mailbox[-1].posted_at == datetime(2026, 11, 15, tzinfo=ZoneInfo(house.office.zone))


def test_pends_for_thirty_days(house: House) -> None:
    house.send(member("PEND1"))
    assert house.office.cases[0].state is State.PENDED

    house.wait(30)
    assert house.checks() == [(80_00, [("1", 80_00)], [])]


def test_sends_the_money_before_the_payers_word(house: House) -> None:
    house.send(member("JUMP1"))

    assert [mail.name.rpartition(".")[2] for mail in house.office.mailbox] == ["999", "277ca", "835", "277ca"]


def test_reverses_and_corrects(house: House) -> None:
    house.send(member("CORR1"), member("PAID1", "C2", charges=("500",)))
    house.send(member("CORR2", "C3"))
    house.wait(30)

    assert house.checks() == [
        (480_00, [("1", 80_00), ("1", 400_00)], []),
        (80_00, [("1", 80_00)], []),
        (0, [("22", -80_00), ("1", 48_00), ("22", -80_00), ("1", 48_00)], [("FB", -64_00)]),
    ]


def test_names_the_original_adjustments_in_a_reversal(house: House) -> None:
    house.send(member("CORR1"))
    house.wait(30)
    _, second = house.remittances()
    line = second.claims[0].lines[0]

    assert (line.charge_cents, line.paid_cents, line.line_control_number) == (-100_00, -80_00, "L1")
    assert [(each.group, each.reason, each.amount_cents) for each in line.adjustments] == [("CO", "45", -20_00)]
    assert second.claims[0].payer_control_number == second.claims[1].payer_control_number


def test_takes_money_back_from_a_later_check(house: House) -> None:
    house.send(member("TAKE1"))
    house.wait(30)
    house.send(member("PAID1", "C2", charges=("50",)))
    house.send(member("PAID1", "C3", charges=("150",)))

    assert house.checks() == [
        (80_00, [("1", 80_00)], []),
        (0, [("22", -80_00), ("4", 0)], [("WO", -80_00)]),
        (0, [("1", 40_00)], [("WO", 40_00)]),
        (80_00, [("1", 120_00)], [("WO", 40_00)]),
    ]


def test_moves_a_negative_rest_forward(house: House) -> None:
    house.send(member("FORW1"))
    house.wait(30)
    house.send(member("PAID1", "C2", charges=("50",)))
    house.send(member("PAID1", "C3", charges=("150",)))

    assert house.checks() == [
        (80_00, [("1", 80_00)], []),
        (0, [("22", -80_00), ("4", 0)], [("FB", -80_00)]),
        (0, [("1", 40_00)], [("FB", 80_00), ("FB", -40_00)]),
        (80_00, [("1", 120_00)], [("FB", 40_00)]),
    ]


def test_adds_interest_for_days_beyond_thirty(house: House) -> None:
    house.send(member("INTR1", charges=("10000",)))
    house.wait(45)
    (remittance,) = house.remittances()
    interest = 8_000_00 * 15 // 3_650

    assert remittance.payment_cents == 8_000_00 + interest
    assert [(each.reason, each.amount_cents) for each in remittance.provider_adjustments] == [("L6", -interest)]
    assert [(each.qualifier, each.amount_cents) for each in remittance.claims[0].amounts] == [("I", interest)]


def test_splits_a_check_over_two_files(house: House) -> None:
    house.send(member("SPLT1"))
    house.send(member("SPLT2", "C2", charges=("50",)))
    house.wait(1)
    first, second = house.remittances()

    assert len(house.files()) == 2
    assert (first.trace_number, first.payment_cents) == ("SIM000000001", 80_00)
    assert (second.trace_number, second.payment_cents) == ("SIM000000001", 40_00)
    assert [each.paid_cents for each in house.office.book.checks] == [120_00]


def test_sends_an_835_twice(house: House) -> None:
    house.send(member("TWIN1"))
    first, second = house.remittances()

    assert natural_key(first) == natural_key(second)
    assert first.body_hash == second.body_hash
    assert first.interchange_control_number != second.interchange_control_number
    assert len(house.office.book.claims) == 1


def test_forgets_our_numbers(house: House) -> None:
    house.send(member("NOID1", "A1"), member("NOLN1", "A2"))
    (remittance,) = house.remittances()

    assert [claim.patient_control_number for claim in remittance.claims] == ["0", "A2"]
    assert [claim.lines[0].line_control_number for claim in remittance.claims] == ["L1", ""]


def test_names_the_payer_that_it_forwards_to(house: House) -> None:
    house.send(member("CROS1"))
    (remittance,) = house.remittances()

    assert remittance.claims[0].status == "19"
    assert [party.role for party in remittance.claims[0].parties] == ["QC", "82", "TT"]


def test_refuses_the_whole_interchange(house: House) -> None:
    house.send(member("PAID1"), member("RTA11", "C2"))

    assert [each[4:] for each in segments(house.files("ta1")[0]) if each[0] == "TA1"] == [["R", "024"]]
    assert [each.level for each in house.office.book.rejections] == ["interchange", "interchange"]
    assert len(house.office.mailbox) == 1


def test_counts_a_members_year_and_gives_back_what_it_reverses(house: House) -> None:
    house.send(member("YEAR1", "A1", charges=("500",)))
    house.send(member("YEAR1", "A2", charges=("500",)))
    house.send(member("YEAR1", "A1V", frequency="8", charges=("500",), numbers=("REF*F8*ICN0000000001",)))
    house.send(member("YEAR1", "A3", charges=("500",)))

    assert [claims for _, claims, _ in house.checks()] == [
        [("1", 0)],
        [("1", 215_00)],
        [("22", 0)],
        [("1", 0)],
    ]


def test_voids_what_was_paid(house: House) -> None:
    house.send(member("PAID1", "A1"))
    house.send(member("PAID1", "A2", frequency="8", numbers=("REF*F8*ICN0000000001",)))

    assert house.checks()[1] == (0, [("22", -80_00)], [("FB", -80_00)])
    assert [case.state for case in house.office.cases] == [State.VOIDED, State.VOIDED]


def test_replaces_what_was_paid(house: House) -> None:
    house.send(member("PAID1", "A1"))
    house.send(member("PAID1", "A2", frequency="7", charges=("200",), numbers=("REF*F8*ICN0000000001",)))

    assert house.checks()[1] == (80_00, [("22", -80_00), ("1", 160_00)], [])
    assert [claim.patient_control_number for claim in list(house.remittances())[1].claims] == ["A1", "A2"]


@pytest.mark.parametrize("frequency", ["7", "8"])
def test_rejects_the_correction_of_a_claim_that_it_never_had(house: House, frequency: str) -> None:
    house.send(member("PAID1", frequency=frequency, numbers=("REF*F8*ICN0000000009",)))

    assert [(each.level, each.status) for each in house.office.book.rejections] == [("payer", "A3")]
    assert not house.files()


def test_takes_nothing_back_that_was_voided_meanwhile(house: House) -> None:
    house.send(member("TAKE1", "A1"))
    house.send(member("TAKE1", "A2", frequency="8", numbers=("REF*F8*ICN0000000001",)))
    before = len(house.files())
    house.wait(30)

    assert len(house.files()) == before


def test_pays_second_after_the_first_payer(house: House) -> None:
    first = (
        "SBR*P*18*******CI",
        "CAS*CO*45*20",
        "CAS*PR*2*16",
        "AMT*D*64",
        "AMT*EAF*16",
        "OI***Y***Y",
        "NM1*IL*1*SAMPLE*ADA****MI*F1",
        "NM1*PR*2*FIRST*****PI*FIRST",
        "DTP*573*D8*20261015",
    )
    house.send(member("PAID1", order="S", others=first))

    assert house.checks() == [(16_00, [("2", 16_00)], [])]


def test_keeps_a_book_that_adds_up_to_its_files(house: House) -> None:
    prefixes = ("PAID", "PART", "DEDU", "YEAR", "ZERO", "DENY", "CROS", "CORR", "TAKE", "FORW", "INTR", "SPLT", "TWIN")
    house.send(*[member(f"{prefix}{n}", f"{prefix}{n}") for prefix in prefixes for n in range(2)])
    house.wait(45)
    house.wait(45)
    book, seen = house.office.book.pages(), set()
    paid = 0
    for remittance in house.remittances():
        key = (natural_key(remittance), remittance.body_hash)
        paid += 0 if key in seen else remittance.payment_cents
        seen.add(key)

    assert paid == sum(each.paid_cents for each in book.checks)
    entries = sum(entry.amount_cents for each in book.checks for entry in each.entries)
    assert paid == book.totals.paid_cents - entries
    parts = ("paid_cents", "contractual_cents", "patient_cents", "prior_cents", "denied_cents")
    assert book.totals.charged_cents == sum(getattr(book.totals, part) for part in parts)


def test_counts_what_became_of_each_scenario(house: House) -> None:
    house.send(member("PAID1", "A1"), member("DENY27A", "A2"), member("REJP1", "A3"), member("LATE1", "A4"))
    house.send(member("PAID1", "A5", frequency="8", numbers=("REF*F8*ICN0000000001",)))

    found = {each.scenario: each for each in outcomes(house.office.cases)}

    assert list(found) == ["PAID", "DENY", "LATE", "REJP"]
    assert (found["PAID"].claims, found["PAID"].by_state["voided"], found["PAID"].paid_cents) == (2, 2, 0)
    assert [found[name].by_state[state] for name, state in (("DENY", "denied"), ("LATE", "waiting"))] == [1, 1]
    assert found["REJP"].by_state["rejected"] == 1


def test_tries_again_what_it_could_not_write(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.send(member("LATE1"))
    with monkeypatch.context() as broken:
        broken.setattr(payers, "write_checks", lambda *_, **__: 1 // 0)
        with pytest.raises(ZeroDivisionError):
            house.wait(14)
    assert house.office.book.checks == []
    assert house.office.accounts == {}

    house.wait(0)

    assert house.checks() == [(80_00, [("1", 80_00)], [])]
    assert [each.trace_number for each in house.office.book.checks] == ["SIM000000001"]


def test_replaces_under_the_same_claim_number(house: House) -> None:
    house.send(member("PAID1", "A1"))
    house.send(member("PAID1", "A1", frequency="7", charges=("200",), numbers=("REF*F8*ICN0000000001",)))

    assert house.checks()[1] == (80_00, [("22", -80_00), ("1", 160_00)], [])


def test_pays_one_of_two_replacements(house: House) -> None:
    house.send(member("PAID1", "A1"))
    house.send(
        member("PAID1", "A2", frequency="7", charges=("200",), numbers=("REF*F8*ICN0000000001",)),
        member("PAID1", "A3", frequency="7", charges=("300",), numbers=("REF*F8*ICN0000000001",)),
    )

    assert house.checks()[1] == (80_00, [("22", -80_00), ("1", 160_00), ("4", 0)], [])
    assert house.office.book.claims[-1].reasons == ("OA-18",)


@pytest.mark.parametrize(
    "other",
    [
        lambda content: content.replace(b"*MI*PAID1", b"*MI*PAID2"),
        lambda content: content.replace(b"*XX*1234567893", b"*XX*1987654328"),
        lambda content: content.replace(b"PRACTICE ", b"PRACTISE "),
    ],
    ids=["member", "provider", "sender"],
)
def test_corrects_only_for_the_one_who_billed(house: House, other: Callable[[bytes], bytes]) -> None:
    house.send(member("PAID1", "A1"))
    void = member("PAID1", "A2", frequency="8", numbers=("REF*F8*ICN0000000001",))
    desk.receive(house.office, "key-2", other(interchange(transaction_set(void), number=2)), AT)

    assert [each.status for each in house.office.book.rejections] == ["A3"]
    assert [case.state for case in house.office.cases] == [State.PAID, State.REJECTED]


def test_says_when_a_claim_was_received(house: House) -> None:
    house.send(member("LATE1"))
    house.wait(14)
    (remittance,) = house.remittances()

    assert (remittance.claims[0].received_on, remittance.payment_on) == (date(2026, 11, 1), date(2026, 11, 15))


def test_leaves_interest_with_its_claim_where_a_check_is_split(house: House) -> None:
    house.send(member("INTR1", "A1"))
    house.wait(44)
    house.send(member("SPLT1", "A2"))
    house.wait(1)
    first, second = house.remittances()

    assert [claim.patient_control_number for claim in first.claims] == ["A1"]
    assert [entry.reason for entry in first.provider_adjustments] == ["L6"]
    assert second.provider_adjustments == ()


def test_counts_a_year_of_a_member_however_the_number_is_written(house: House) -> None:
    house.send(member("YEAR1", "A1", charges=("500",)))
    house.send(member("year1", "A2", charges=("500",)))

    assert [claims for _, claims, _ in house.checks()] == [[("1", 0)], [("1", 215_00)]]
