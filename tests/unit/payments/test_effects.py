"""`services/payments/effects.py` over a mailbox in memory and the service in memory."""

from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, cast

import pytest

from services.payments.domain.inbound_file import InboundFileUnreadable, RemittanceFileSeen
from services.payments.effects import mailbox_poll, partner_of, unneeded
from services.payments.main import service
from services.payments.settings import Settings
from shared.events.envelope import Actor
from shared.events.payments import RemittanceReceived
from shared.kernel.errors import Unavailable
from shared.runtime import acting
from shared.runtime.acting import OfTenant
from shared.runtime.clearinghouse.port import Clearinghouse, Leavings, Parcel
from shared.runtime.clearinghouse.upkeep import read_again
from shared.runtime.clock import now
from shared.runtime.mailbox import FileRefused, Listing, MailboxFile
from shared.runtime.unit import EventTooLarge
from shared.x12.sets.t835_x221a1 import Adjustment
from tests.support.memory import TENANT, Running, running
from tests.unit.payments.example import bytes_835, check, denied_claim, paid_claim

SERVICE = Actor(kind="service", id="payments/remittance_mailbox")
SETTINGS = Settings()
FILE = bytes_835(check(paid_claim()))
RESENT = bytes_835(check(paid_claim()), interchange=2, first_set=7)
OTHER = bytes_835(check(denied_claim(), trace="EFT0002"), check(paid_claim("PCN3"), trace="EFT0003"))
ACKNOWLEDGMENT = FILE.replace(b"GS*HP*", b"GS*FA*").replace(b"ST*835*", b"ST*999*")


class MailboxDown(Unavailable):
    """The mailbox of a test stops answering."""

    slug = "mailbox-down"


@dataclass(slots=True)
class Box:
    """A mailbox with pages of two; it counts what was asked, and fails from some fetch on."""

    files: list[bytes]
    fetches_max: int = 100
    fetched: list[str] = field(default_factory=list)
    listed: list[str | None] = field(default_factory=list)
    refused: frozenset[str] = frozenset()
    channel: str = "http"

    async def list(self, after: str | None) -> Listing:
        """Return at most two entries behind a cursor."""
        self.listed.append(after)
        start = int(after or 0)
        found = [str(number) for number in range(start + 1, len(self.files) + 1)][:2]
        files = tuple(MailboxFile(remote_id=number, file_name=f"{number}.x12") for number in found)
        return Listing(files=files, next=found[-1] if found else after)

    async def fetch(self, remote_id: str) -> bytes:
        """Return the bytes of an entry."""
        if len(self.fetched) >= self.fetches_max:
            raise MailboxDown("no answer")
        self.fetched.append(remote_id)
        if remote_id in self.refused:
            raise FileRefused("no")
        return self.files[int(remote_id) - 1]


def asking(payments: Running) -> OfTenant:
    return OfTenant(payments.engine, TENANT)


@pytest.fixture
async def payments() -> AsyncIterator[Running]:
    async with running(service(SETTINGS)) as running_:
        yield running_


async def look(payments: Running, box: Box, settings: Settings = SETTINGS) -> None:
    """Look into the mailbox once, as the runner does."""
    async for works in mailbox_poll(box, settings).fetch(asking(payments)):
        for work in works:
            with suppress(EventTooLarge):  # the runner logs what the store refuses, and goes on
                await payments.engine.handle(TENANT, SERVICE, *work.commands, files=work.files)
    await payments.settle()


async def seen(payments: Running) -> Sequence[tuple[str, str]]:
    facts = await payments.facts()
    return [(fact.remote_id, fact.kind) for fact in facts if isinstance(fact, RemittanceFileSeen)]


async def exceptions(payments: Running) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await payments.client.get("/v1/exceptions")).json()["items"]
    return found


async def received(payments: Running) -> list[str]:
    return [fact.trace_number for fact in await payments.facts() if isinstance(fact, RemittanceReceived)]


async def test_takes_each_remittance_once_and_leaves_other_files_to_their_owner(payments: Running) -> None:
    box = Box([ACKNOWLEDGMENT, FILE, RESENT, OTHER, FILE[:200]])

    await look(payments, box)

    assert await received(payments) == ["EFT0001", "EFT0002", "EFT0003"]
    assert await seen(payments) == [
        ("1", "not-ours"),
        ("2", "remittance"),
        ("3", "remittance"),
        ("4", "remittance"),
        ("5", "unreadable"),
    ]
    (unreadable,) = [fact for fact in await payments.facts() if isinstance(fact, InboundFileUnreadable)]
    assert await payments.engine.file(TENANT, unreadable.file_sha256) == FILE[:200]


async def test_lists_on_from_where_everything_was_dealt_with(payments: Running) -> None:
    box = Box([ACKNOWLEDGMENT, FILE, RESENT])
    await look(payments, box)
    box.listed.clear()
    box.files.append(OTHER)

    await look(payments, box)

    assert box.listed[0] == "3"
    assert box.fetched == ["1", "2", "3", "4"]


async def test_goes_on_after_an_outage_without_losing_or_repeating_a_file(payments: Running) -> None:
    box = Box([FILE, RESENT, OTHER], fetches_max=1)
    with pytest.raises(MailboxDown):
        await look(payments, box)
    box.fetches_max = 100

    await look(payments, box)
    await look(payments, box)

    assert box.fetched == ["1", "2", "3"]
    assert await received(payments) == ["EFT0001", "EFT0002", "EFT0003"]


MANY = bytes_835(*[check(paid_claim(f"PCN{number}"), trace=f"EFT{number}") for number in range(30)])
SMALL = Settings(unit_events_max=40)


async def test_goes_on_in_the_middle_of_a_file_of_many_checks() -> None:
    box = Box([MANY])
    async with running(service(SMALL)) as payments:
        rounds = mailbox_poll(box, SMALL).fetch(asking(payments))
        first = await anext(rounds)
        for work in first:
            await payments.engine.handle(TENANT, SERVICE, *work.commands, files=work.files)
        early, noted = await received(payments), await seen(payments)

        await look(payments, box, SMALL)
        (file_sha256,) = {fact.file_sha256 for fact in await payments.facts() if isinstance(fact, RemittanceReceived)}

        assert (len(early), noted) == (len(first), [])
        assert 0 < len(early) < 30
        assert await received(payments) == [f"EFT{number}" for number in range(30)]
        assert await seen(payments) == [("1", "remittance")]
        assert await payments.engine.file(TENANT, file_sha256) == MANY


async def test_hands_the_bytes_of_a_file_over_once_however_many_checks_it_has() -> None:
    box = Box([MANY, bytes_835(check(denied_claim(), trace="EFT30"))])
    async with running(service(SMALL)) as payments:
        handed: list[str] = []
        rounds = 0
        async for works in mailbox_poll(box, SMALL).fetch(asking(payments)):
            rounds += 1
            for work in works:
                handed += [file.sha256 for file in work.files]
                await payments.engine.handle(TENANT, SERVICE, *work.commands, files=work.files)

        assert len(await received(payments)) == 31
    assert rounds > 3
    assert len(handed) == len(set(handed)) == 2


async def test_takes_a_check_that_was_too_large_when_the_limit_is_raised_and_it_comes_again() -> None:
    claims = [paid_claim(f"PCN{number}") for number in range(12)]
    box = Box([bytes_835(check(*claims)), bytes_835(check(*claims))])
    async with running(service(SETTINGS)) as payments:
        async for works in mailbox_poll(Box(box.files[:1]), SMALL).fetch(asking(payments)):
            for work in works:
                await payments.engine.handle(TENANT, SERVICE, *work.commands, files=work.files)
        (held,) = (await payments.client.get("/v1/exceptions")).json()["items"]

        await look(payments, box)
        (check_,) = (await payments.client.get("/v1/remittances")).json()["items"]
        left = (await payments.client.get("/v1/exceptions", params={"kind": "quarantined"})).json()["items"]

    assert (held["reason"], held["paid_cents"]) == ("over-unit-limit", 12 * 10000)
    assert (check_["state"], check_["claim_count"], left) == ("posted", 12, [])


@pytest.mark.parametrize(
    "damaged",
    [OTHER.replace(b"CLP*PCN3*1*150*", b"CLP*PCN3*1*15O*"), OTHER.replace(b"SE*", b"SE*9", 1), OTHER[:-20]],
    ids=["an amount of letters", "a wrong count", "no end"],
)
async def test_takes_nothing_of_a_file_of_which_one_set_cannot_be_read(payments: Running, damaged: bytes) -> None:
    box = Box([damaged, FILE])

    await look(payments, box)
    ((_, file_sha256),) = await unreadable(payments)

    assert await received(payments) == ["EFT0001"]
    assert await seen(payments) == [("1", "unreadable"), ("2", "remittance")]
    assert await payments.engine.file(TENANT, file_sha256) == damaged


async def test_notes_an_empty_file_and_takes_the_check_beside_a_set_of_somebody_else(payments: Running) -> None:
    mixed = OTHER.replace(b"ST*835*0001", b"ST*277*0001")
    box = Box([b"", mixed])

    await look(payments, box)

    assert await received(payments) == ["EFT0003"]
    assert await seen(payments) == [("1", "not-ours"), ("2", "remittance")]


async def test_holds_one_check_that_does_not_balance_beside_one_that_posts(payments: Running) -> None:
    box = Box([OTHER.replace(b"SVC*HC:99214*80*0", b"SVC*HC:99214*80*1")])

    await look(payments, box)
    ((_, held),) = [(row["kind"], row["reason"]) for row in await exceptions(payments) if row["kind"] == "quarantined"]

    assert await received(payments) == ["EFT0003"]
    assert held == "unbalanced"
    assert await seen(payments) == [("1", "remittance")]


async def test_notes_the_same_bytes_under_another_name(payments: Running) -> None:
    box = Box([FILE, FILE])

    await look(payments, box)

    assert await seen(payments) == [("1", "remittance"), ("2", "remittance")]
    assert await received(payments) == ["EFT0001"]


async def unreadable(payments: Running) -> list[tuple[str, str]]:
    page = await payments.client.get("/v1/exceptions", params={"kind": "unreadable"})
    return [(row["reason"], row["file_sha256"]) for row in page.json()["items"]]


async def test_notes_files_that_cannot_be_had_for_a_person_and_takes_the_others(payments: Running) -> None:
    box = Box([FILE, OTHER, FILE], refused=frozenset({"1", "3"}))

    await look(payments, box)
    await look(payments, box)
    reasons = [reason for reason, _ in await unreadable(payments)]

    assert await received(payments) == ["EFT0002", "EFT0003"]
    assert await seen(payments) == [("1", "unreadable"), ("2", "remittance"), ("3", "unreadable")]
    assert reasons == ["mailbox-file-refused"] * 2
    assert box.fetched == ["1", "2", "3"]


@pytest.mark.parametrize("place", ["first", "last", "only"])
async def test_keeps_a_file_of_which_the_store_refuses_a_set_and_takes_the_others(
    payments: Running, place: str
) -> None:
    # No gate measures a header: a trace number that is longer than a fact may be is refused by the store alone.
    refused, good = check(paid_claim(), trace="LONG"), check(denied_claim(), trace="EFT0002")
    sets = {"first": (refused, good), "last": (good, refused), "only": (refused,)}
    box = Box([bytes_835(*sets[place]).replace(b"LONG", b"X" * 300_000)])

    await look(payments, box)
    await look(payments, box)
    ((reason, file_sha256),) = await unreadable(payments)

    assert await received(payments) == ([] if place == "only" else ["EFT0002"])
    assert await seen(payments) == [("1", "unreadable")]
    assert reason == "remittance-not-stored"
    assert await payments.engine.file(TENANT, file_sha256) == box.files[0]
    assert box.fetched == ["1"]


async def test_holds_a_check_with_a_line_too_long_for_a_fact_beside_one_that_posts(payments: Running) -> None:
    (line,) = paid_claim().lines
    cents = tuple(Adjustment(group="CO", reason="45", amount_cents=1) for _ in range(6000))
    long = paid_claim(paid_cents=4000, lines=(replace(line, paid_cents=4000, adjustments=(*line.adjustments, *cents)),))
    box = Box([bytes_835(check(long, trace="LONG"), check(denied_claim(), trace="EFT0002"))])

    await look(payments, box)
    held = (await payments.client.get("/v1/exceptions")).json()["items"]

    assert await received(payments) == ["EFT0002"]
    assert ("quarantined", "over-event-limit") in [(row["kind"], row["reason"]) for row in held]
    assert await seen(payments) == [("1", "remittance")]


async def test_keeps_a_file_with_a_nul_character_whole(payments: Running) -> None:
    box = Box([OTHER.replace(b"EFT0002", b"EFT\x00002"), FILE])

    await look(payments, box)
    ((reason, file_sha256),) = await unreadable(payments)

    assert await received(payments) == ["EFT0001"]
    assert reason == "x12-nul-character"
    assert await payments.engine.file(TENANT, file_sha256) == box.files[0]
    assert await seen(payments) == [("1", "unreadable"), ("2", "remittance")]


@pytest.mark.parametrize("page_rows", [1, 2, 500])
async def test_reads_again_what_could_not_be_had_and_settles_the_exception(
    monkeypatch: pytest.MonkeyPatch, page_rows: int
) -> None:
    monkeypatch.setattr(acting, "_PAGE_ROWS", page_rows)
    box = Box([FILE, OTHER, ACKNOWLEDGMENT], refused=frozenset({"1", "2"}))
    partner = partner_of(cast("Clearinghouse", box), SETTINGS)
    async with running(replace(service(SETTINGS), partner=partner)) as payments:
        await look(payments, box)
        before = await unreadable(payments)
        box.refused = frozenset({"2"})
        said = await read_again(payments.engine, dry_run=False)
        await payments.settle()
        after = await unreadable(payments)
        listed = len(box.listed)
        await look(payments, box)

        assert (said["read"], said["left"]) == (["1"], ["2"])
        assert ([reason for reason, _ in before], before[1:]) == (["mailbox-file-refused"] * 2, after)
        assert await received(payments) == ["EFT0001"]
        assert box.listed[listed:] == ["3"]


async def test_lets_go_of_remittances_that_were_taken_in_and_of_nothing_else(payments: Running) -> None:
    await look(payments, Box([ACKNOWLEDGMENT, FILE, FILE[:200]]))
    found = Leavings(remote_ids=("1", "2", "3", "4"), uploads=(Parcel(key="B-1", temporary_name=".t"),))

    later = await unneeded(found, now() + timedelta(days=1), asking(payments))
    sooner = await unneeded(found, now() - timedelta(days=1), asking(payments))

    assert (later, sooner) == (Leavings(remote_ids=("2",)), Leavings())
    assert await unneeded(Leavings(), now(), asking(payments)) == Leavings()
