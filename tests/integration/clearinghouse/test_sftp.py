"""`shared/runtime/clearinghouse/over_sftp.py` against a real server: who is trusted, and what a break leaves."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

import asyncssh
import pytest
from structlog.testing import capture_logs

from apps.embedded.database_server import DatabaseServer
from services.claims.effects import partner_of
from shared.runtime.clearinghouse.folders import FolderClearinghouse
from shared.runtime.clearinghouse.port import NotSent, OutcomeUnknown, Parcel, Standing
from shared.runtime.hosting import open_engine
from shared.runtime.mailbox import FileRefused
from tests.support.clearinghouses import connected, side_of, taken
from tests.support.databases import fresh_database
from tests.support.donating import donating
from tests.support.sftp_server import SftpServer, sftp_server

pytestmark = pytest.mark.enable_socket

KEY: Final = "B-1"
FILE: Final = b"ISA*00*a file of claims~" * 50_000


async def content() -> bytes:
    return FILE


async def uploaded(house: FolderClearinghouse) -> Parcel:
    return Parcel(key=KEY, temporary_name=await house.prepare(Parcel(key=KEY), content))


def uploads(server: SftpServer) -> list[Path]:
    return [each for each in (server.root / "outbound").iterdir() if each.name.startswith(".")]


def lock(path: Path) -> None:
    """Give a key a passphrase."""
    key = asyncssh.read_private_key(str(path))
    key.write_private_key(str(path), "pkcs8-pem", passphrase="of a test")  # noqa: S106 (of nothing)


@pytest.mark.parametrize(
    ("break_it", "kind"),
    [
        (lambda server: server.known_hosts_file.write_text(""), "HostKeyNotVerifiable"),
        (lambda server: lock(server.key_file), "KeyImportError"),
        (lambda server: setattr(server, "port", 1), "ConnectionRefusedError"),
        (lambda server: server.key_file.write_text("no key"), "KeyImportError"),
        (
            lambda server: asyncssh.generate_private_key("ssh-ed25519").write_private_key(str(server.key_file)),
            "PermissionDenied",
        ),
    ],
    ids=["another host", "a passphrase", "nobody there", "no key", "another key"],
)
async def test_says_what_keeps_it_from_connecting_and_no_more(
    tmp_path: Path, break_it: Callable[[SftpServer], object], kind: str
) -> None:
    async with sftp_server(tmp_path) as server:
        break_it(server)
        with capture_logs() as logs:
            async with connected(server) as house:
                with pytest.raises(NotSent):
                    await house.list(None)

    assert [each for each in logs if each["event"] == "sftp-not-connected"] == [
        {"event": "sftp-not-connected", "host": "127.0.0.1", "kind": kind, "log_level": "warning"}
    ]


@pytest.mark.parametrize("with_password", [False, True], ids=["key", "password"])
async def test_logs_in_with_a_key_or_a_password(tmp_path: Path, *, with_password: bool) -> None:
    async with sftp_server(tmp_path) as server, connected(server, with_password=with_password) as house:
        await house.send(await uploaded(house), content)

        assert [each.read_bytes() for each in taken(server.root)] == [FILE]


async def test_speaks_to_no_host_whose_key_is_not_known(tmp_path: Path) -> None:
    async with sftp_server(tmp_path) as server, connected(server) as house:
        other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode().strip()
        server.known_hosts_file.write_text(f"[127.0.0.1]:{server.port} {other}\n")

        with pytest.raises(NotSent):
            await uploaded(house)
        with pytest.raises(NotSent):
            await house.list(None)
        assert list((server.root / "outbound").iterdir()) == []


async def test_speaks_to_nobody_without_a_list_of_known_hosts(tmp_path: Path) -> None:
    async with sftp_server(tmp_path) as server, connected(server) as house:
        server.known_hosts_file.unlink()

        with pytest.raises(NotSent):
            await house.list(None)


async def test_login_that_is_refused_is_tried_once(tmp_path: Path) -> None:
    async with sftp_server(tmp_path) as server, connected(server, with_password=True) as house:
        server.password_file.write_text("another")

        with pytest.raises(NotSent):
            await house.list(None)
        assert len(server.connections) == 1


async def test_service_lets_its_connection_go_when_it_ends(tmp_path: Path, database_server: DatabaseServer) -> None:
    service = donating(
        database_url=await fresh_database(database_server),
        keys_database_url=await fresh_database(database_server),
        kms_key_file=str(tmp_path / "kms.key"),
    )
    async with sftp_server(tmp_path) as server, connected(server) as house:
        async with open_engine(replace(service, partner=partner_of(house))):
            await house.list(None)
            during = list(server.connections)
        async with asyncio.timeout(30):
            await during[0].wait_closed()
        await house.list(None)

        assert (len(during), len(server.connections)) == (1, 2)


async def test_connects_anew_after_the_connection_broke(tmp_path: Path) -> None:
    async with sftp_server(tmp_path) as server, connected(server) as house:
        parcel = await uploaded(house)
        server.cut()
        with pytest.raises(OutcomeUnknown):
            await house.send(parcel, content)
        before = await house.probe(parcel)
        await house.send(parcel, content)

        assert before is Standing.READY
        assert [each.read_bytes() for each in taken(server.root)] == [FILE]
        assert uploads(server) == []


async def test_goes_on_after_the_server_was_away(tmp_path: Path) -> None:
    async with sftp_server(tmp_path) as server:
        port = server.port
    async with connected(server) as house:
        with pytest.raises(NotSent):
            await uploaded(house)
        async with sftp_server(tmp_path, port=port) as again:
            await house.send(await uploaded(house), content)

            assert len(taken(again.root)) == 1


async def test_renames_later_what_may_not_be_renamed_now(tmp_path: Path) -> None:
    async with sftp_server(tmp_path) as server, connected(server) as house:
        server.denied.add("rename")
        parcel = await uploaded(house)
        with pytest.raises(NotSent):
            await house.send(parcel, content)
        server.denied.clear()
        again = Parcel(key=KEY, temporary_name=await house.prepare(parcel, content))
        await house.send(again, content)

        assert again == parcel
        assert len(taken(server.root)) == 1
        assert uploads(server) == []


async def test_renames_in_the_old_way_where_a_server_knows_no_other(tmp_path: Path) -> None:
    async with sftp_server(tmp_path) as server, connected(server) as house:
        server.denied.add("posix-rename")
        await house.send(await uploaded(house), content)

        assert [each.read_bytes() for each in taken(server.root)] == [FILE]
        assert uploads(server) == []


async def test_two_who_rename_the_same_upload_deliver_it_once(tmp_path: Path) -> None:
    async with sftp_server(tmp_path) as server, connected(server) as one, connected(server) as other:
        parcel = await uploaded(one)
        told = await asyncio.gather(one.send(parcel, content), other.send(parcel, content), return_exceptions=True)

        assert len(taken(server.root)) == 1
        assert [each for each in told if each != "B-1.x12" and not isinstance(each, OutcomeUnknown)] == []
        assert await other.probe(parcel) == "B-1.x12"


async def test_folder_that_is_gone_is_no_delivery(tmp_path: Path) -> None:
    async with sftp_server(tmp_path) as server, connected(server) as house:
        parcel = await uploaded(house)
        (server.root / "outbound").rename(server.root / "moved")

        with pytest.raises(OutcomeUnknown):
            await house.probe(parcel)


async def test_file_that_may_not_be_read_keeps_nobody_from_the_others(tmp_path: Path) -> None:
    async with sftp_server(tmp_path) as server, connected(server) as house:
        side = side_of(house, server.root)
        side.put("denied.835", b"secret")
        side.put("open.835", b"money")
        server.denied.add("denied.835")
        denied, readable = (await house.list(None)).files

        with pytest.raises(FileRefused):
            await house.fetch(denied.remote_id)
        assert await house.fetch(readable.remote_id) == b"money"


async def test_reads_only_files(tmp_path: Path) -> None:
    async with sftp_server(tmp_path) as server, connected(server) as house:
        inbound = server.root / "inbound"
        (inbound / "archive").mkdir()
        (inbound / "link.835").symlink_to(tmp_path / "password")
        (inbound / "half.835.filepart").write_bytes(b"mon")

        assert (await house.list(None)).files == ()
