"""`services/claims/effects.py`: what each outcome of a send becomes, and that no file is sent twice blindly."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from services.claims.domain.assembly import claim_id_of
from services.claims.domain.batch_facts import BatchAttempted, BatchQueued, BatchTransmitted, SubmissionFailed
from services.claims.domain.inbound import AcknowledgmentReceived, MailboxFileSeen
from services.claims.effects import received
from services.claims.projections.kept_answers import KEPT_ANSWER_ROWS, claim_key
from services.claims.settings import Settings
from shared.events.claims import ClaimAccepted, ClaimSubmitted
from shared.kernel.errors import KnownError
from shared.runtime.clearinghouse.port import (
    Content,
    Leavings,
    NotSent,
    OutcomeUnknown,
    Parcel,
    SendRefused,
    Standing,
)
from shared.runtime.mailbox import Listing, MailboxFile
from tests.unit.claims.answers import answer_277ca, answer_999, answer_ta1
from tests.unit.claims.driving import driven
from tests.unit.claims.examples import CODES, ENCOUNTER, NOW, VALIDATED
from tests.unit.claims.test_line import bill, claim, worklist

SEND_FACTS = (BatchAttempted, BatchTransmitted, SubmissionFailed)


@dataclass(slots=True)
class Scripted:
    """A clearinghouse that does as the test says. **Shape**: `outcomes` of the next sends, then it receives."""

    outcomes: list[KnownError] = field(default_factory=list)
    got: dict[str, bytes] = field(default_factory=dict)
    sends: list[str] = field(default_factory=list)
    mail: list[bytes] = field(default_factory=list)
    arrives_all_the_same: bool = False

    channel: str = "http"
    prepares: bool = False

    async def prepare(self, parcel: Parcel, content: Content) -> str | None:
        """Prepare nothing."""

    async def send(self, parcel: Parcel, content: Content) -> str:
        """Return a receipt, or fail."""
        key = parcel.key
        self.sends.append(key)
        if not self.outcomes:
            self.got[key] = await content()
            return f"R-{key}"
        if self.arrives_all_the_same:
            self.got[key] = await content()
        raise self.outcomes.pop(0)

    async def probe(self, parcel: Parcel) -> str | Standing:
        """Return the receipt of what was received."""
        return f"R-{parcel.key}" if parcel.key in self.got else Standing.ABSENT

    async def leavings(self, before: datetime) -> Leavings:  # noqa: ARG002 (the port's)
        """Return nothing."""
        return Leavings()

    async def remove(self, leavings: Leavings) -> None:
        """Remove nothing."""

    async def close(self) -> None:
        """Keep nothing open."""

    async def list(self, after: str | None) -> Listing:
        """Return the mail behind a cursor."""
        first = int(after or 0)
        files = tuple(
            MailboxFile(remote_id=str(number), file_name=f"{number}.x12")
            for number in range(first + 1, len(self.mail) + 1)
        )
        return Listing(files=files, next=files[-1].remote_id if files else after)

    async def fetch(self, remote_id: str) -> bytes:
        """Return a file."""
        return self.mail[int(remote_id) - 1]


async def test_sends_again_what_never_left_byte_for_byte_and_keeps_the_failure() -> None:
    house = Scripted(outcomes=[NotSent("away"), NotSent("away")])
    async with driven(clearinghouse=house) as driver:
        await bill(driver)
        await driver.look("batches")
        failed = await claim(driver)
        listed = await worklist(driver, "failed-batches")
        await driver.look("retries")
        too_early = list(house.sends)
        for _ in range(2):
            driver.outside.at += timedelta(minutes=1)
            await driver.look("retries")

        names = await driver.names(*SEND_FACTS)
        batch_id = (await claim(driver))["submission"]["batch_id"]
        batch = (await driver.svc.client.get(f"/v1/batches/{batch_id}")).json()
        content = await driver.outside.file(batch["file_sha256"])

    assert (failed["submission"]["stage"], failed["work"]["reason"]) == ("failed", "clearinghouse-unreachable")
    assert (len(listed), len(too_early)) == (1, 1)
    assert names == [*["BatchAttempted", "SubmissionFailed"] * 2, "BatchAttempted", "BatchTransmitted"]
    assert house.got == {batch_id: content}
    assert (batch["status"], [failure["attempt"] for failure in batch["failures"]]) == ("transmitted", [1, 2])


async def test_claims_gather_while_a_file_is_on_its_way() -> None:
    house = Scripted(outcomes=[OutcomeUnknown("no answer")], arrives_all_the_same=True)
    others = {f"E-{number}": {"encounter_id": f"E-{number}"} for number in (2, 3)}
    async with driven(clearinghouse=house) as driver:
        await bill(driver)
        await driver.look("batches")
        for other in others.values():
            await driver.svc.deliver(replace(ENCOUNTER, **other), replace(CODES, **other), replace(VALIDATED, **other))
        await driver.look("batches")
        (first,) = await driver.intents()
        await driver.carry_out(first)
        await driver.look("batches")

        _, second = await driver.intents()

    assert isinstance(second, BatchQueued)
    assert {each.claim_id for each in second.claims} == {claim_id_of(encounter_id) for encounter_id in others}


async def test_gives_a_refused_file_to_a_person() -> None:
    house = Scripted(outcomes=[SendRefused("no")])
    async with driven(clearinghouse=house) as driver:
        await bill(driver)
        await driver.look("batches")
        driver.outside.at += timedelta(days=30)
        await driver.look("retries")

        refused = await worklist(driver, "refused-batches")

    assert (len(house.sends), len(refused)) == (1, 1)


async def test_stops_trying_after_the_last_attempt() -> None:
    house = Scripted(outcomes=[NotSent("away")] * 5)
    async with driven(Settings(batch_wait_seconds=0, attempts_max=2), clearinghouse=house) as driver:
        await bill(driver)
        await driver.look("batches")
        for _ in range(4):
            driver.outside.at += timedelta(days=1)
            await driver.look("retries")

    assert len(house.sends) == 2


@pytest.mark.parametrize("arrived", [True, False])
async def test_asks_before_it_sends_again_what_may_have_arrived(arrived: bool) -> None:  # noqa: FBT001 (a parameter)
    house = Scripted(outcomes=[OutcomeUnknown("silence")], arrives_all_the_same=arrived)
    async with driven(clearinghouse=house) as driver:
        await bill(driver)
        await driver.look("batches")
        (intent,) = await driver.intents()
        await driver.carry_out(intent)
        asked = await driver.names(*SEND_FACTS)
        driver.outside.at += timedelta(minutes=5)
        await driver.carry_out(intent)
        driver.outside.at += timedelta(minutes=5)
        await driver.look("retries")

        names = await driver.names(*SEND_FACTS)
        found = await claim(driver)

    assert asked == (["BatchAttempted", "BatchTransmitted"] if arrived else ["BatchAttempted"])
    assert names == (
        ["BatchAttempted", "BatchTransmitted"]
        if arrived
        else ["BatchAttempted", "SubmissionFailed", "BatchAttempted", "BatchTransmitted"]
    )
    assert len(house.sends) == (1 if arrived else 2)
    assert found["submission"]["stage"] == "submitted"


async def test_refuses_a_second_sender_of_the_same_file() -> None:
    house = Scripted()
    async with driven(clearinghouse=house) as driver:
        await bill(driver)
        await driver.look("batches")
        (intent,) = await driver.intents()
        await driver.carry_out(intent)
        await driver.carry_out(intent)

    assert len(house.sends) == 1
    assert [error.slug for error in driver.refused] == ["attempt-refused"] * 2


@pytest.mark.parametrize("order", [(0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)])
async def test_takes_the_answers_of_ta1_999_and_277ca_in_any_order(order: tuple[int, ...]) -> None:
    house = Scripted()
    async with driven(clearinghouse=house) as driver:
        await bill(driver)
        await driver.look("batches")
        number = (await claim(driver))["submission"]["patient_control_number"]
        mail = [answer_ta1("000000001"), answer_999("1"), answer_277ca((number, "A2"), payer_claim_number="ICN1")]
        house.mail = [mail[place] for place in order]
        await driver.look("mailbox")

        found = await claim(driver)

    assert (found["submission"]["stage"], found["payer_claim_number"]) == ("accepted-by-payer", "ICN1")


@pytest.mark.parametrize("proof", ["999", "probe"])
async def test_keeps_an_answer_until_the_file_is_known_to_have_arrived(proof: str) -> None:
    house = Scripted(outcomes=[OutcomeUnknown("silence")], arrives_all_the_same=True)
    async with driven(clearinghouse=house) as driver:
        await bill(driver)
        await driver.look("batches")
        queued = await claim(driver)
        number = queued["submission"]["patient_control_number"]
        house.mail.append(answer_277ca((number, "A2")))
        await driver.look("mailbox")
        waiting = await driver.outside.row(KEPT_ANSWER_ROWS, claim_key(number))
        if proof == "999":
            house.mail.append(answer_999("1", "A", "0001"))
            await driver.look("mailbox")
        (intent,) = await driver.intents()
        await driver.carry_out(intent)

        found = await claim(driver)
        applied = await driver.outside.row(KEPT_ANSWER_ROWS, claim_key(number))
        names = await driver.names(BatchTransmitted, ClaimSubmitted, ClaimAccepted)

    assert queued["submission"]["stage"] == "queued"
    assert [row.status for row in (waiting, applied) if row] == ["waiting", "applied"]
    assert names == ["BatchTransmitted", "ClaimSubmitted", "ClaimAccepted"]
    assert found["submission"]["stage"] == "accepted-by-payer"


@pytest.mark.parametrize(
    ("mail", "name", "answered"),
    [
        (answer_277ca(("NOBODYS", "A2")), "unmatched-acknowledgments", "claim/NOBODYS"),
        (answer_999("4711"), "unmatched-acknowledgments", "group/4711"),
        (answer_ta1("000004711"), "unmatched-acknowledgments", "interchange/4711"),
    ],
)
async def test_lists_answers_about_what_is_not_ours(mail: bytes, name: str, answered: str) -> None:
    house = Scripted(mail=[mail])
    async with driven(clearinghouse=house) as driver:
        await driver.look("mailbox")

        listed = await worklist(driver, name)

    assert [row["answered"] for row in listed] == [answered]


async def test_lists_an_answer_that_neither_accepts_nor_rejects() -> None:
    house = Scripted()
    async with driven(clearinghouse=house) as driver:
        await bill(driver)
        await driver.look("batches")
        number = (await claim(driver))["submission"]["patient_control_number"]
        house.mail.append(answer_277ca((number, "A4")))
        await driver.look("mailbox")

        listed = await worklist(driver, "unclear-acknowledgments")
        found = await claim(driver)

    assert [row["answered"] for row in listed] == [f"claim/{number}"]
    assert found["submission"]["stage"] == "submitted"


async def test_rejects_every_claim_of_a_rejected_interchange() -> None:
    house = Scripted()
    async with driven(clearinghouse=house) as driver:
        await bill(driver)
        await driver.look("batches")
        house.mail.append(answer_ta1("000000001", "R"))
        await driver.look("mailbox")

        found = await claim(driver)

    assert found["submission"]["stage"] == "rejected"
    assert found["submission"]["status_codes"] == ["TA1:R", "TA1:024"]


@pytest.mark.parametrize("note", ["025", "024"])
async def test_asks_a_person_where_a_ta1_rejects_what_was_accepted_or_calls_it_a_duplicate(note: str) -> None:
    house = Scripted()
    async with driven(clearinghouse=house) as driver:
        await bill(driver)
        await driver.look("batches")
        if note != "025":
            house.mail.append(answer_999("1"))
            await driver.look("mailbox")
        house.mail.append(answer_ta1("000000001", "R", note))
        await driver.look("mailbox")

        found = await claim(driver)
        listed = await worklist(driver, "unclear-acknowledgments")

    assert found["submission"]["stage"] == "submitted"
    assert [row["answered"] for row in listed] == ["interchange/1"]


async def test_sends_a_refused_file_again_when_a_person_says_so() -> None:
    house = Scripted(outcomes=[SendRefused("no")])
    async with driven(clearinghouse=house) as driver:
        await bill(driver)
        await driver.look("batches")
        unsent = await worklist(driver, "unsent-claims")
        path = f"/v1/batches/{unsent[0]['batch_id']}/requeues"
        asked = await driver.svc.client.post(path)
        await driver.act()
        again = await driver.svc.client.post(path)
        nobodys = await driver.svc.client.post("/v1/batches/B-9/requeues")

        found = await claim(driver)

    assert (asked.status_code, asked.json()["status"]) == (201, "queued")
    assert (again.status_code, again.json()["type"]) == (409, "/problems/batch-not-failed")
    assert (nobodys.status_code, nobodys.json()["type"]) == (404, "/problems/batch-not-found")
    assert (len(house.sends), found["submission"]["stage"]) == (2, "submitted")


async def test_keeps_a_file_of_the_mailbox_that_the_store_refuses_for_a_person() -> None:
    house = Scripted(mail=[answer_277ca(("NOBODYS", "A2")), answer_999("4711")])
    async with driven(clearinghouse=house) as driver:
        driver.refuse_next = 1
        await driver.look("mailbox")

        unreadable = await worklist(driver, "unreadable-files")
        unmatched = await worklist(driver, "unmatched-acknowledgments")
        kept = await driver.outside.file(unreadable[0]["file_sha256"])

    assert [row["error_slug"] for row in unreadable] == ["not-storable"]
    assert (kept, len(unmatched)) == (house.mail[0], 1)


async def test_passes_over_no_file_that_cannot_even_be_noted() -> None:
    house = Scripted(mail=[answer_999("4710"), answer_999("4711")])
    async with driven(clearinghouse=house) as driver:
        driver.refuse_next = 2
        await driver.look("mailbox")
        early = await worklist(driver, "unmatched-acknowledgments")
        await driver.look("mailbox")

        late = await worklist(driver, "unmatched-acknowledgments")

    assert (len(early), len(late)) == (1, 2)


async def test_keeps_a_file_with_a_nul_character_for_a_person() -> None:
    house = Scripted(mail=[answer_277ca(("NOBODYS", "A2")).replace(b"NOBODYS", b"NOBO\x00YS")])
    async with driven(clearinghouse=house) as driver:
        await driver.look("mailbox")

        unreadable = await worklist(driver, "unreadable-files")

    assert [row["error_slug"] for row in unreadable] == ["nul-character"]
    assert driver.refused == []


async def test_keeps_a_file_that_cannot_be_read_for_a_person_and_reads_on() -> None:
    house = Scripted(mail=[answer_999("1")[:-20], b"hello", answer_999("4711")])
    async with driven(clearinghouse=house) as driver:
        await driver.look("mailbox")

        unreadable = await worklist(driver, "unreadable-files")
        kept = await driver.outside.file(unreadable[0]["file_sha256"])
        unmatched = await worklist(driver, "unmatched-acknowledgments")

    assert (len(unreadable), kept, len(unmatched)) == (2, answer_999("1")[:-20], 1)


@pytest.mark.parametrize("counts", [b"AK9*A*1*1*0", b"AK9*R*1*1*1"])
async def test_leaves_a_claim_undecided_by_an_answer_that_contradicts_itself(counts: bytes) -> None:
    contradiction = answer_999("1", "A", "0001").replace(b"AK9*A*1*1*1", counts)
    house = Scripted()
    async with driven(clearinghouse=house) as driver:
        await bill(driver)
        await driver.look("batches")
        house.mail.append(contradiction)
        await driver.look("mailbox")

        found = await claim(driver)
        (listed,) = await worklist(driver, "unreadable-files")
        kept = await driver.outside.file(listed["file_sha256"])
        answered = await driver.names(AcknowledgmentReceived)

    assert counts in contradiction
    assert (found["submission"]["stage"], answered) == ("submitted", [])
    assert (listed["error_slug"], kept) == ("acknowledgment-unclear", contradiction)


async def test_keeps_a_file_whole_of_which_one_answer_cannot_be_read_and_reads_the_next() -> None:
    good = answer_999("4710")
    second = good[good.index(b"ST*") : good.index(b"GE*")].replace(b"*0001", b"*0002").replace(b"SE*4", b"SE*9")
    broken = good.replace(b"GE*1*", second + b"GE*2*")
    house = Scripted(mail=[broken, answer_999("4711")])
    async with driven(clearinghouse=house) as driver:
        await driver.look("mailbox")

        unreadable = await worklist(driver, "unreadable-files")
        unmatched = await worklist(driver, "unmatched-acknowledgments")

    assert [row["size_bytes"] for row in unreadable] == [len(broken)]
    assert [row["answered"] for row in unmatched] == ["group/4711"]


async def test_reads_the_same_bytes_under_another_id_without_a_second_answer() -> None:
    house = Scripted(mail=[answer_999("4711"), answer_999("4711")])
    async with driven(clearinghouse=house) as driver:
        await driver.look("mailbox")

        names = await driver.names(MailboxFileSeen, AcknowledgmentReceived)

    assert names == ["MailboxFileSeen", "AcknowledgmentReceived", "MailboxFileSeen"]


@pytest.mark.parametrize(
    ("content", "kinds"),
    [
        (answer_ta1("000000001"), ["ta1"]),
        (answer_999("1"), ["999"]),
        (answer_277ca(("PCN1", "A2")), ["277ca"]),
        (answer_277ca(("PCN1", "A2")).replace(b"PCN1", b"PC\x001"), ["unreadable"]),
        (answer_999("1").replace(b"ST*999*", b"ST*835*").replace(b"CLAIMLOG", b"CLAIM\x00OG"), []),
        (b"hello", ["unreadable"]),
        (answer_999("1").replace(b"ST*999*", b"ST*835*"), []),
    ],
)
def test_keeps_the_bytes_of_every_file_but_those_of_others(content: bytes, kinds: list[str]) -> None:
    work = received(MailboxFile(remote_id="1", file_name="1"), content, None, NOW)

    assert [file.kind for file in work.files] == kinds
    assert all(file.content == content for file in work.files)
