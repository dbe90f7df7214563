"""`services/claims/effects.py` over a real folder: what is uploaded, fenced, renamed, and told to a person."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from apps.simulator import desk
from apps.simulator.directory import Directory
from apps.simulator.office import Office
from services.claims.domain.batch_facts import (
    BatchAttempted,
    BatchOutcomeUnknown,
    BatchRequeued,
    BatchTransmitted,
    SubmissionFailed,
)
from services.claims.effects import effects
from services.claims.settings import Settings
from shared.runtime.clearinghouse import folders, on_disk
from shared.runtime.clearinghouse.address import clearinghouse_at
from shared.runtime.clearinghouse.port import Clearinghouse, OutcomeUnknown
from tests.support.clearinghouses import taken
from tests.support.memory import TENANT
from tests.unit.claims.answers import answer_999
from tests.unit.claims.driving import Driver, driven
from tests.unit.claims.test_effects import Scripted
from tests.unit.claims.test_line import bill, claim, worklist

SEND_FACTS = (BatchAttempted, BatchTransmitted, SubmissionFailed, BatchOutcomeUnknown, BatchRequeued)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("outbound", "inbound"):
        (tmp_path / name).mkdir()
    return tmp_path


def house(folder: Path, words: str = "") -> Clearinghouse:
    found = clearinghouse_at(Settings(clearinghouse_url=folder.as_uri() + words, clearinghouse_settle_seconds=0))
    assert found is not None
    return found


def uploads(folder: Path) -> list[str]:
    return [each.name for each in (folder / "outbound").iterdir() if each.name.startswith(".")]


def names_in(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


async def stopped(driver: Driver) -> None:
    """Bill a claim, and stop where its file is uploaded, and the attempt a fact."""
    await bill(driver)
    await driver.look_only("batches")
    (intent,) = await driver.intents()
    await driver.stop_before_sending(intent)


async def batch_of(driver: Driver) -> dict[str, Any]:
    batch_id = (await claim(driver))["submission"]["batch_id"]
    found: dict[str, Any] = (await driver.svc.client.get(f"/v1/batches/{batch_id}")).json()
    return found


async def test_file_gets_the_name_of_its_batch_and_nothing_else_is_left(folder: Path) -> None:
    async with driven(clearinghouse=house(folder)) as driver:
        await bill(driver)
        await driver.look("batches")

        batch = await batch_of(driver)
        (sent,) = taken(folder)
        names = await driver.names(*SEND_FACTS)
        stored = await driver.outside.file(batch["file_sha256"])

    assert sent.name == f"{batch['batch_id']}.x12" == batch["receipt"]
    assert sent.read_bytes() == stored
    assert names == ["BatchAttempted", "BatchTransmitted"]
    assert (batch["channel"], batch["attempt_channel"], batch["status"]) == ("folder", "folder", "transmitted")
    assert batch["temporary_name"].startswith(f".claimlog-{batch['batch_id']}-")
    assert uploads(folder) == []


async def test_what_cannot_be_uploaded_fails_and_is_tried_again(folder: Path) -> None:
    (folder / "outbound").rmdir()
    async with driven(clearinghouse=house(folder)) as driver:
        await bill(driver)
        await driver.look("batches")
        failed = await batch_of(driver)
        (folder / "outbound").mkdir()
        driver.outside.at += timedelta(minutes=1)
        await driver.look("retries")

        names = await driver.names(*SEND_FACTS)

    assert failed["status"] == "failed"
    assert [each["error_slug"] for each in failed["failures"]] == ["clearinghouse-unreachable"]
    assert names == ["BatchAttempted", "SubmissionFailed", "BatchRequeued", "BatchAttempted", "BatchTransmitted"]
    assert len(taken(folder)) == 1


async def test_upload_that_was_fenced_is_renamed_and_not_made_anew(folder: Path) -> None:
    async with driven(clearinghouse=house(folder)) as driver:
        await stopped(driver)
        (lying,) = uploads(folder)
        await driver.act()

        batch = await batch_of(driver)
        names = await driver.names(*SEND_FACTS)

    assert (batch["temporary_name"], batch["status"]) == (lying, "transmitted")
    assert names == ["BatchAttempted", "BatchTransmitted"]
    assert (len(taken(folder)), uploads(folder)) == (1, [])


async def test_upload_that_was_taken_is_delivered(folder: Path) -> None:
    async with driven(clearinghouse=house(folder)) as driver:
        await stopped(driver)
        (folder / "outbound" / uploads(folder)[0]).unlink()
        await driver.act()

        batch = await batch_of(driver)

    assert batch["status"] == "transmitted"
    assert taken(folder) == []


@pytest.mark.parametrize("proof", ["999", "person"])
async def test_where_names_are_swept_a_person_or_an_answer_says_what_became_of_it(folder: Path, proof: str) -> None:
    async with driven(clearinghouse=house(folder, "?sweeps=yes")) as driver:
        await stopped(driver)
        (folder / "outbound" / uploads(folder)[0]).unlink()
        await driver.act()
        (listed,) = await worklist(driver, "unknown-batches")
        driver.outside.at += timedelta(days=1)
        await driver.look("retries")
        untouched = await driver.names(*SEND_FACTS)
        if proof == "person":
            asked = await driver.svc.client.post(f"/v1/batches/{listed['batch_id']}/requeues")
            assert asked.status_code == 201
            await driver.act()
        else:
            (folder / "inbound" / "999.x12").write_bytes(answer_999("1"))
            await driver.look("mailbox")

        batch = await batch_of(driver)
        left = await worklist(driver, "unknown-batches")

    assert listed["unknown_reason"] == "temporary-name-swept"
    assert untouched == ["BatchAttempted", "BatchOutcomeUnknown"]
    assert (batch["status"], batch["unknown_reason"], left) == ("transmitted", None, [])
    assert len(taken(folder)) == (1 if proof == "person" else 0)


async def test_attempt_over_another_channel_cannot_be_asked_about_here(folder: Path) -> None:
    away = Scripted(outcomes=[OutcomeUnknown("silence")])
    async with driven(clearinghouse=away) as driver:
        await bill(driver)
        await driver.look("batches")
        driver.effects = effects(house(folder), Settings(batch_wait_seconds=0))
        (intent,) = await driver.intents()
        await driver.carry_out(intent)

        (listed,) = await worklist(driver, "unknown-batches")

    assert listed["unknown_reason"] == "channel-changed"
    assert (taken(folder), uploads(folder)) == ([], [])


async def test_file_that_cannot_be_had_stands_in_a_worklist_and_the_others_are_read(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (folders, on_disk):
        monkeypatch.setattr(module, "FILE_BYTES_MAX", 5_000)
    (folder / "inbound" / "a.x12").write_bytes(b"x" * 5_001)
    (folder / "inbound" / "b.x12").write_bytes(answer_999("4711"))
    async with driven(clearinghouse=house(folder)) as driver:
        for _ in range(2):
            await driver.look("mailbox")

        (unreadable,) = await worklist(driver, "unreadable-files")
        unmatched = await worklist(driver, "unmatched-acknowledgments")
        kept = await driver.outside.file(unreadable["file_sha256"])

    assert unreadable["error_slug"] == "mailbox-file-refused"
    assert kept.decode() == unreadable["remote_id"]
    assert len(unmatched) == 1
    assert len(list((folder / "inbound").iterdir())) == 2


async def test_person_asks_where_nobody_answered_long_enough_and_the_files_behind_it_go_on(folder: Path) -> None:
    settings = Settings(batch_wait_seconds=0, probe_seconds_max=3_600)
    async with driven(settings, clearinghouse=house(folder)) as driver:
        await stopped(driver)
        outbound = folder / "outbound"
        outbound.rename(folder / "away")
        (intent,) = await driver.intents()
        await driver.carry_out(intent)
        early = await worklist(driver, "unknown-batches")
        driver.outside.at += timedelta(hours=2)
        await driver.carry_out(intent)
        (listed,) = await worklist(driver, "unknown-batches")
        (folder / "away").rename(outbound)
        (outbound / uploads(folder)[0]).unlink()
        (folder / "inbound" / "999.x12").write_bytes(answer_999("1"))
        await driver.look("mailbox")
        batch = await batch_of(driver)

    assert (early, listed["unknown_reason"]) == ([], "nobody-answered")
    assert (batch["status"], batch["unknown_reason"]) == ("transmitted", None)


async def test_clears_up_what_was_read_and_delivered_and_nothing_else(folder: Path) -> None:
    inbound, outbound = folder / "inbound", folder / "outbound"
    settings = Settings(batch_wait_seconds=0, tenant_id=TENANT, clearinghouse_remove_after_days=30)
    async with driven(settings, clearinghouse=house(folder)) as driver:
        await stopped(driver)
        (lying,) = uploads(folder)
        (inbound / "999.x12").write_bytes(answer_999("4711"))
        (inbound / "835.x12").write_bytes(answer_999("1").replace(b"ST*999*", b"ST*835*"))
        (inbound / "noise.x12").write_bytes(b"hello")
        await driver.look_only("mailbox")
        (inbound / "unseen.x12").write_bytes(b"hello again")
        await driver.look_only("clear_up")
        young = names_in(inbound)
        driver.outside.at += timedelta(days=40)
        await driver.look_only("clear_up")
        old, needed = names_in(inbound), uploads(folder)
        await driver.act()
        stray = outbound / lying.replace(lying[-20:-4], "0" * 16)
        stray.write_bytes(b"ISA")
        (outbound / ".claimlog-of-others-0123456789abcdef.tmp").write_bytes(b"ISA")
        driver.outside.at += timedelta(days=40)
        await driver.look_only("clear_up")

        batch = await batch_of(driver)

    assert young == ["835.x12", "999.x12", "noise.x12", "unseen.x12"]
    assert (old, needed) == (["835.x12", "noise.x12", "unseen.x12"], [lying])
    assert batch["status"] == "transmitted"
    assert uploads(folder) == [".claimlog-of-others-0123456789abcdef.tmp"]
    assert len(taken(folder)) == 1


async def test_clears_up_nothing_unless_a_setting_says_so(folder: Path) -> None:
    assert "clear_up" not in [each.name for each in effects(house(folder), Settings())]


async def test_what_a_payer_answers_comes_back_through_the_folder(folder: Path) -> None:
    payer = Office(Directory(seed=7))
    async with driven(clearinghouse=house(folder)) as driver:
        await bill(driver)
        await driver.look("batches")
        for sent in taken(folder):
            desk.receive(payer, sent.name, sent.read_bytes(), driver.outside.now())
            sent.unlink()
        for mail in payer.mailbox:
            (folder / "inbound" / mail.name).write_bytes(mail.content)
        for _ in range(2):
            await driver.look("mailbox")

        found = await claim(driver)

    assert len(payer.book.claims) == 1
    assert found["submission"]["stage"] == "accepted-by-payer"
    assert names_in(folder / "inbound") == sorted(mail.name for mail in payer.mailbox)
