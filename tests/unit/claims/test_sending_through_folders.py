"""`services/claims/effects.py` over a real folder: what is uploaded, fenced, renamed, and told to a person."""

import os
from datetime import UTC, datetime, timedelta
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
from services.claims.domain.inbound import MailboxFileSeen
from services.claims.effects import effects
from services.claims.settings import Settings
from shared.runtime import acting
from shared.runtime.clearinghouse import folders, on_disk
from shared.runtime.clearinghouse.address import clearinghouse_at
from shared.runtime.clearinghouse.port import Clearinghouse, OutcomeUnknown
from shared.runtime.clearinghouse.upkeep import NoClearinghouse, NotCleared, cleaned, read_again
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


@pytest.mark.parametrize("dry_run", [True, False])
async def test_reads_again_what_could_not_be_had_when_an_operator_says_so(
    folder: Path, monkeypatch: pytest.MonkeyPatch, *, dry_run: bool
) -> None:
    monkeypatch.setattr(acting, "_PAGE_ROWS", 1)
    settings = Settings(clearinghouse_url=folder.as_uri(), clearinghouse_settle_seconds=0, tenant_id=TENANT)
    (folder / "inbound" / "a.x12").write_bytes(b"x" * 5_001)
    (folder / "inbound" / "b.x12").write_bytes(answer_999("4711") + b"\n" * 5_000)
    (folder / "inbound" / "c.x12").write_bytes(b"hello")
    async with driven(settings, clearinghouse=house(folder)) as driver:
        with monkeypatch.context() as limited:
            for module in (folders, on_disk):
                limited.setattr(module, "FILE_BYTES_MAX", 5_000)
            await driver.look("mailbox")
        (folder / "inbound" / "a.x12").unlink()
        before = await worklist(driver, "unreadable-files")
        said = await read_again(driver.svc.engine, dry_run=dry_run)
        await driver.svc.settle()
        after = await worklist(driver, "unreadable-files")
        unmatched = await worklist(driver, "unmatched-acknowledgments")
        await driver.look("mailbox")
        facts = await driver.names(MailboxFileSeen)

    names = {each["remote_id"]: each["file_name"] for each in before}
    assert sorted(names.values()) == ["a.x12", "b.x12", "c.x12"]
    assert [[names[each] for each in said[key]] for key in ("read", "left")] == [["b.x12"], ["a.x12"]]
    assert sorted(each["file_name"] for each in after) == ["a.x12", *(["b.x12"] if dry_run else []), "c.x12"]
    assert (len(unmatched), len(facts)) == ((0, 3) if dry_run else (1, 4))


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


async def test_operator_clears_up_by_age_without_a_setting(folder: Path) -> None:
    inbound, long_ago = folder / "inbound", datetime(2020, 1, 1, tzinfo=UTC)
    for number, name in enumerate(("old.x12", "young.x12", "noise.x12")):
        (inbound / name).write_bytes(b"hello" if name == "noise.x12" else answer_999(str(number)))
        if name != "young.x12":
            os.utime(inbound / name, (long_ago.timestamp(), long_ago.timestamp()))
    settings = Settings(clearinghouse_url=folder.as_uri(), clearinghouse_settle_seconds=0, tenant_id=TENANT)
    async with driven(settings, clearinghouse=house(folder)) as driver:
        engine, older_than = driver.svc.engine, timedelta(days=90)
        unread = await cleaned(engine, older_than=older_than, dry_run=False)
        driver.outside.at = long_ago
        await driver.look("mailbox")
        planned = await cleaned(engine, older_than=older_than, dry_run=True)
        before = names_in(inbound)
        done = await cleaned(engine, older_than=older_than, dry_run=False)

    assert (unread["files"], len(planned["files"]), done["files"]) == ([], 1, planned["files"])
    assert (before, names_in(inbound)) == (["noise.x12", "old.x12", "young.x12"], ["noise.x12", "young.x12"])


async def test_operator_cannot_clear_up_what_nobody_can_judge(folder: Path) -> None:
    ours: dict[str, Any] = {"clearinghouse_url": folder.as_uri(), "tenant_id": TENANT}
    for said, error in (({}, NoClearinghouse), (ours | {"tenant_id": ""}, NotCleared), (ours, NotCleared)):
        async with driven(Settings(**said)) as driver:
            if said == ours:
                await driver.svc.engine.store.hold_effects(held=True)
            with pytest.raises(error):
                await cleaned(driver.svc.engine, older_than=timedelta(days=90), dry_run=True)


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
