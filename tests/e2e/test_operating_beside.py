"""Commands of operators as a person types them while claimlog runs on the folder, and the backup that is made then."""

from pathlib import Path

import pytest

from apps.embedded.settings import SERVICES
from tests.e2e.conftest import Demo, open_folder
from tests.e2e.test_operating import asked
from tests.support.programs import claimlog, embedded
from tools.kafka.node import free_port, free_ports

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


@pytest.fixture(scope="module")
def archive(demo: Demo, folder: Path) -> Path:
    """Return a backup that was made while claimlog ran, with a simulator that partners reach over SFTP."""
    path, password, (port, sftp_port) = folder / "backup.zip", folder / "password", free_ports(2)
    password.write_text("not-a-secret")
    sftp = {
        "FOLDER": str(folder / "partners"),
        "SFTP_PORT": str(sftp_port),
        "SFTP_USER": "practice",
        "SFTP_PASSWORD_FILE": str(password),
    }
    with open_folder(demo.data, port, **{f"CLAIMLOG_SIMULATOR_{name}": value for name, value in sftp.items()}):
        saved = asked("backup", "create", str(path), data=demo.data, CLAIMLOG_PORT=str(port))
    assert saved["parts"]["postgres/base.tar"]["size"] > 0
    return path


def test_commands_beside_a_running_claimlog(demo: Demo) -> None:
    port = str(free_port())
    with open_folder(demo.data, port) as process:
        status = asked("status", "--service", "claims", data=demo.data, CLAIMLOG_PORT=port)["services"]
        doctor = asked("doctor", "--service", "claims", data=demo.data, CLAIMLOG_PORT=port)["checks"]
        parked = asked("park", "list", data=demo.data, CLAIMLOG_PORT=port)["services"]
        missing = claimlog("park", "show", "0" * 8 + "-0000-4000-8000-" + "0" * 12, "--service", "claims",
                           data=demo.data, CLAIMLOG_PORT=port)  # fmt: skip
        sent = asked(
            "topics", "republish", "--service", "coding", "--from", "1", "--yes", data=demo.data, CLAIMLOG_PORT=port
        )
        verified = asked("verify", "--service", "validation", data=demo.data, CLAIMLOG_PORT=port)["services"]
        busy = claimlog("restore", "--service", "claims", "--yes", data=demo.data, CLAIMLOG_PORT=port)
        unpacked = claimlog("backup", "restore", "no-such-file", "--yes", data=demo.data, CLAIMLOG_PORT=port)
        assert process.process.exitcode is None

    assert all(all(each["jobs"].values()) for each in status.values())
    assert "claimlog listens" in next(look["said"] for look in doctor if look["check"] == "port")
    assert parked == {name: [] for name in SERVICES}
    assert (missing.code, "nothing-parked" in missing.err) == (1, True)
    assert sum(sent["services"]["coding"]["sent"].values()) > 0
    assert all(one["holds"] for one in verified["validation"]["invariants"])
    assert (busy.code, unpacked.code) == (1, 1)
    assert "claimlog runs already" in " ".join(unpacked.err.split())


def test_backup_comes_back_whole_in_another_folder(demo: Demo, archive: Path, folder: Path) -> None:
    other = folder / "unpacked"
    back = asked("backup", "restore", str(archive), data=other)
    again = claimlog("backup", "restore", str(archive), data=other)
    replaced = asked("backup", "restore", str(archive), "--yes", data=other)
    verified = asked("verify", "--service", "payments", data=other)["services"]
    rerun = embedded("demo", "--json", data=other)

    assert back["positions"]["claims"] > 0
    assert (again.code, "--yes" in again.err) == (1, True)
    assert (Path(replaced["kept"]) / "postgres" / "PG_VERSION").exists()
    assert all(one["holds"] for one in verified["payments"]["invariants"])
    assert rerun.outcome["money_cents"] == demo.finished.outcome["money_cents"]
    for name in ("simulator.jsonl.host-key", "simulator.jsonl.laid-out", "simulator.jsonl"):
        assert (Path(replaced["kept"]) / name).read_bytes() == (demo.data / name).read_bytes()
        assert (other / name).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("damage", ["cut", "flip", "none-of-ours"])
def test_damaged_backup_is_refused_whole(damage: str, archive: Path, folder: Path) -> None:
    bad, target = folder / f"{damage}.zip", folder / f"from-{damage}"
    content = bytearray(archive.read_bytes())
    if damage == "cut":
        content = content[: len(content) // 2]
    elif damage == "flip":
        for at in range(len(content) // 3, len(content) // 3 + 64):  # one bit may say the same another way, in zeros
            content[at] ^= 0x55
    else:
        content = bytearray(b"PK is not enough")
    bad.write_bytes(content)
    finished = claimlog("backup", "restore", str(bad), data=target)

    assert finished.code == 1
    assert "nothing of it was used" in " ".join(finished.err.split())
    assert {path.name for path in target.iterdir()} == {"claimlog.lock"}


def test_server_that_a_killed_claimlog_left_is_found(archive: Path, folder: Path) -> None:
    data, port = folder / "killed", free_port()
    asked("backup", "restore", str(archive), data=data)
    with open_folder(data, port) as process:
        process.process.kill()
        process.process.join(timeout=30)
        checks = asked("doctor", data=data, CLAIMLOG_PORT=str(port))["checks"]
        status = asked("status", "--service", "claims", data=data)["services"]["claims"]

    assert [look["level"] for look in checks if look["check"] == "stale-server"] == ["warn"]
    assert status["position"] > 0
