"""What is in the way on this machine is found under its name."""

import socket
from collections import namedtuple
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from apps.embedded.doctor import machine
from apps.embedded.settings import Settings
from shared.runtime.look import Look

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


async def looked(settings: Settings) -> dict[str, Look]:
    async with AsyncExitStack() as stack:
        found, _ = await machine(settings, stack)
    return {look.check: look for look in found}


@pytest.mark.enable_socket
async def test_port_of_another_program(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        found = await looked(Settings(data=tmp_path, port=port))

    assert found["port"].level == "fail"
    assert "CLAIMLOG_PORT" in found["port"].mend


@pytest.mark.parametrize(("free", "level"), [(10 * 1024**2, "fail"), (1024**3, "warn"), (100 * 1024**3, "ok")])
async def test_disk_that_is_nearly_full(tmp_path: Path, free: int, level: str, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")  # noqa: PYI024 (the shape of what shutil returns)
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage(10**12, 0, free))
    found = await looked(Settings(data=tmp_path / "not" / "there", port=0))

    assert found["disk"].level == level


async def test_folder_without_data_is_no_fault(tmp_path: Path) -> None:
    found = await looked(Settings(data=tmp_path / "none", port=0))

    assert (found["data"].level, found["data"].mend) == ("warn", "claimlog run")
    assert "database-server" not in found


async def test_server_that_was_killed(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "postmaster.pid").write_text("4194305\n/data\n")
    found = await looked(Settings(data=tmp_path, port=0))

    assert (found["stale-server"].level, found["stale-server"].mend) == ("warn", "claimlog run")
