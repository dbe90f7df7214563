"""`services/payments/domain/remittance_835.py`: what an 835 becomes, and what stops a check at the gate."""

import tracemalloc
from dataclasses import replace

import pytest

from services.payments.domain.inbound_file import INBOUND_FILES, InboundFileUnreadable
from services.payments.domain.remittance import Quarantine
from services.payments.domain.remittance_835 import (
    NulCharacter,
    Reading,
    commands,
    says_835,
    units,
    unreadable,
)
from shared.x12.malformed import MalformedX12, UnexpectedTransaction
from shared.x12.sets.t835_x221a1 import Adjustment
from tests.unit.payments.example import (
    NOW,
    PAID_ON,
    bytes_835,
    check,
    denied_claim,
    interest,
    paid_claim,
)

READING = Reading(reading_id="T", source="mailbox", unit_events_max=1_000, event_bytes_max=262_144, now=NOW)
FILE = bytes_835(check(paid_claim(), denied_claim(), plb=[interest()]))


def test_reads_a_check_with_its_claims_lines_and_provider_adjustments() -> None:
    (command,) = commands(FILE, READING)
    paid, denied = command.payments

    assert (command.payer_identifier, command.trace_number, command.originator) == ("EXHP1", "EFT0001", "1512345678")
    assert (command.paid_cents, command.paid_on, command.method, command.quarantine) == (10125, PAID_ON, "CHK", None)
    assert (command.transaction_control_number, command.source, command.reading_id) == ("0001", "mailbox", "T/1")
    assert (paid.index, paid.patient_control_number, paid.payer_claim_number) == (1, "PCN1", "ICNPCN1")
    assert (paid.lines[0].line_control_number, paid.lines[0].paid_cents) == ("L1", 10000)
    assert [(each.group, each.reason_code, each.amount_cents) for each in denied.lines[0].adjustments] == [
        ("CO", "50", 8000)
    ]
    assert [(each.plb_code, each.amount_cents, each.reference) for each in command.provider_adjustments] == [
        ("L6", -125, None)
    ]


def test_gives_a_check_the_same_id_and_body_in_every_envelope() -> None:
    (first,) = commands(FILE, READING)
    again = bytes_835(check(paid_claim(), denied_claim(), plb=[interest()]), interchange=77, first_set=9)

    (resent,) = commands(again, replace(READING, reading_id="U"))
    (others_separators,) = commands(again.replace(b"*", b"|").replace(b"~", b"\n"), READING)

    assert resent.remittance_id == others_separators.remittance_id == first.remittance_id
    assert resent.body_sha256 == others_separators.body_sha256 == first.body_sha256
    assert resent.file_sha256 != first.file_sha256


def test_gives_another_payment_another_id() -> None:
    base = check(paid_claim())
    others = (
        base,
        replace(base, trace_number="EFT0002"),
        replace(base, trace_originator="1512345679"),
        replace(base, payer=replace(base.payer, payer_id="EXHP2")),
    )

    ids = {next(commands(bytes_835(each), READING)).remittance_id for each in others}

    assert len(ids) == len(others)


def test_gives_another_amount_or_day_under_the_same_number_the_same_id() -> None:
    base = check(paid_claim())
    others = (base, replace(base, payment_on=PAID_ON.replace(day=21)), check(paid_claim(), plb=[interest()]))

    found = [next(commands(bytes_835(each), READING)) for each in others]

    assert len({command.remittance_id for command in found}) == 1
    assert len({command.body_sha256 for command in found}) == len(others)


def test_holds_a_claim_that_is_longer_than_one_fact() -> None:
    (line,) = paid_claim().lines
    claim = paid_claim(lines=(line,) * 60, charge_cents=60 * 15000, paid_cents=60 * 10000)
    file = bytes_835(check(claim))

    (whole,) = commands(file, READING)
    (held,) = commands(file, replace(READING, event_bytes_max=10_000))

    assert whole.quarantine is None
    assert held.quarantine == Quarantine(level="size", reason="over-event-limit")


def test_measures_a_single_line_and_what_was_changed_outside_the_claims() -> None:
    (line,) = paid_claim().lines
    cents = tuple(Adjustment(group="CO", reason="45", amount_cents=1) for _ in range(3000))
    one_line = paid_claim(lines=(replace(line, paid_cents=7000, adjustments=(*line.adjustments, *cents)),))
    outside = check(paid_claim(), plb=[interest(-1)] * 3000)

    (by_line,) = commands(
        bytes_835(check(replace(one_line, paid_cents=7000))), replace(READING, event_bytes_max=100_000)
    )
    (by_plb,) = commands(bytes_835(outside), replace(READING, event_bytes_max=100_000, unit_events_max=10_000))

    assert by_line.quarantine == by_plb.quarantine == Quarantine(level="size", reason="over-event-limit")


def test_refuses_a_file_with_a_nul_character_and_says_where_it_stands() -> None:
    damaged = FILE.replace(b"EFT0001", b"EFT\x00001")

    with pytest.raises(NulCharacter) as caught:
        commands(damaged, READING)

    assert damaged[caught.value.offset :].startswith(b"TRN*1*EFT\x00001*")
    assert caught.value.segment == damaged[: caught.value.offset].count(b"~") + 1
    with pytest.raises(NulCharacter):
        commands(b"\x00" + FILE, READING)


def test_refuses_a_file_of_other_sets_and_leaves_others_sets_alone() -> None:
    others = FILE.replace(b"ST*835*", b"ST*277*")
    two = bytes_835(check(paid_claim()), check(paid_claim(), trace="EFT0002")).replace(b"ST*835*0001", b"ST*999*0001")

    with pytest.raises(UnexpectedTransaction):
        commands(others, READING)
    assert [command.trace_number for command in commands(two, READING)] == ["EFT0002"]


def test_counts_the_claims_of_a_check_that_is_too_large_and_keeps_none() -> None:
    claims = [paid_claim(f"PCN{number}") for number in range(12)]

    (command,) = commands(bytes_835(check(*claims)), replace(READING, unit_events_max=40))

    assert command.quarantine == Quarantine(level="size", reason="over-unit-limit")
    assert (command.claim_count, command.payments, command.paid_cents) == (12, (), 12 * 10000)


@pytest.mark.parametrize("claims_per_set", [3_000, 10])
def test_reads_a_file_in_memory_that_does_not_grow_with_it(claims_per_set: int) -> None:
    claims = [paid_claim(f"PCN{number}") for number in range(claims_per_set)]

    def peak_bytes(sets: int) -> int:
        content = bytes_835(*[check(*claims, trace=f"EFT{number}") for number in range(sets)])
        tracemalloc.start()
        try:
            for command in commands(content, replace(READING, unit_events_max=40)):
                assert command.claim_count
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    few, many = (peak_bytes(claim_count // claims_per_set) for claim_count in (3_000, 9_000))

    assert many < 1.25 * few


@pytest.mark.parametrize("cut", [120, 300, len(FILE) - 5])
def test_reads_a_file_as_a_whole_or_not_at_all(cut: int) -> None:
    with pytest.raises(MalformedX12):
        commands(FILE[:cut], READING)


def test_knows_an_835_by_its_headers_in_any_separators() -> None:
    assert says_835(FILE)
    assert says_835(FILE[:120].replace(b"*", b"|"))
    assert says_835(FILE.replace(b"GS*HP*", b"GS*XX*"))
    assert not says_835(FILE.replace(b"GS*HP*", b"GS*FA*").replace(b"ST*835*", b"ST*999*"))
    assert not says_835(b"")


def test_puts_as_many_sets_into_one_unit_as_it_takes() -> None:
    received = tuple(commands(bytes_835(*[check(paid_claim(), trace=f"EFT{number}") for number in range(5)]), READING))

    assert [len(unit) for unit in units(received, unit_events_max=12)] == [2, 2, 1]
    assert [len(unit) for unit in units(received, unit_events_max=1)] == [1] * 5
    assert list(units((), unit_events_max=1)) == []


def test_keeps_an_unreadable_file_once() -> None:
    with pytest.raises(MalformedX12) as caught:
        commands(FILE[:300], READING)
    command = unreadable(FILE[:300], caught.value, READING)
    facts = INBOUND_FILES.outcome(given=(), when=command)

    (kept,) = facts
    assert isinstance(kept, InboundFileUnreadable)
    assert (kept.slug, kept.size_bytes, kept.source) == ("x12-truncated", 300, "mailbox")
    assert INBOUND_FILES.outcome(given=facts, when=command) == ()
