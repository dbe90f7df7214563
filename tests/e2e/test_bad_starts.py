"""What is in the way at a start is one line that says what to do; nothing half-started stays."""

import fcntl
import os
import socket
from pathlib import Path

import pytest

from tests.support.programs import claimlog, embedded


def test_port_in_use(folder: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        finished = claimlog("run", data=folder / "port", CLAIMLOG_PORT=str(port))

    assert finished.code == 1
    assert "set CLAIMLOG_PORT to another one" in " ".join(finished.err.split())


def test_database_server_that_is_down(folder: Path) -> None:
    finished = embedded("demo", data=folder / "down", DATABASE_URL="postgresql://nobody@127.0.0.1:1/none")

    assert finished.code == 1
    assert "unset DATABASE_URL to use the embedded one" in " ".join(finished.err.split())
    assert "Traceback" not in finished.err


def test_second_process_on_the_same_folder(folder: Path) -> None:
    data = folder / "twice"
    data.mkdir()
    with (data / "claimlog.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        finished = embedded("run", data=data)

    assert finished.code == 1
    assert "set CLAIMLOG_DATA to another folder" in " ".join(finished.err.split())


@pytest.mark.skipif(os.geteuid() != 0, reason="only root needs another folder")
def test_home_folder_as_root() -> None:
    finished = embedded("demo", data=Path.home() / "claimlog-never-made")

    assert finished.code == 1
    assert "set CLAIMLOG_DATA to a folder elsewhere" in " ".join(finished.err.split())


def test_production_is_refused(folder: Path) -> None:
    finished = embedded("run", data=folder / "production", CLAIMLOG_ENVIRONMENT="production")

    assert finished.code == 1
    assert "deploy the services separately" in " ".join(finished.err.split())


def test_import_of_nothing(folder: Path) -> None:
    missing = claimlog("import", "fhir", "no-such-file", data=folder / "nothing")
    unknown = claimlog("conquer", data=folder / "nothing")

    assert (missing.code, unknown.code) == (1, 2)
    assert "no file or folder has this name" in missing.err


def test_unknown_setting_is_named(folder: Path) -> None:
    finished = embedded("demo", data=folder / "setting", CLAIMLOG_CLAIMS_BATCH_SIZE="7")

    assert finished.code == 1
    assert "CLAIMLOG_CLAIMS_BATCH_SIZE" in finished.err
