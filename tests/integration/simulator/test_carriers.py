"""The simulator over a folder and over SFTP, by our transports, by asyncssh and by the sftp program of OpenSSH."""

import asyncio
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import asyncssh
import httpx
import pytest
import stamina

from apps.simulator.carriers.opening import CarrierNotReady
from apps.simulator.main import simulator
from apps.simulator.settings import Settings
from shared.runtime.clearinghouse.address import ClearinghouseSettings, clearinghouse_at
from shared.runtime.clearinghouse.folders import FolderClearinghouse
from shared.runtime.clearinghouse.over_sftp import SftpPlace
from shared.runtime.clearinghouse.port import NotSent, Parcel
from shared.x12.sets.t835_x221a1 import read_835
from tests.support.programs import REPOSITORY, environment
from tests.unit.apps.simulator.interchanges import interchange, member, transaction_set
from tools.kafka.node import free_port

pytestmark = pytest.mark.enable_socket

USER: Final = "practice"
PASSWORD: Final = "not-a-secret"  # noqa: S105 (of this simulator alone)
SECONDS_MAX: Final = 20
CLAIM: Final = interchange(transaction_set(member("PAID1")))
ANSWERS: Final = ["000000001.999", "000000002.277ca", "000000003.277ca", "000000004.835"]
OPENSSH: Final = shutil.which("sftp") or ""


@dataclass(slots=True)
class House:
    """A simulator that runs, and how it is reached. **Shape**: `more` are settings besides."""

    home: Path
    port: int = field(default_factory=free_port)
    more: dict[str, object] = field(default_factory=dict)
    http: httpx.AsyncClient = field(default_factory=httpx.AsyncClient)

    @property
    def folder(self) -> Path:
        """Return what partners see."""
        return self.home / "partners"

    @property
    def known_hosts(self) -> Path:
        """Return the file of the host's key, as a partner notes it."""
        key = asyncssh.read_private_key(self.home / "journal.jsonl.host-key").export_public_key().decode()
        path = self.home / "known_hosts"
        path.write_text(f"[127.0.0.1]:{self.port} {key}")
        return path

    def settings(self, **more: object) -> Settings:
        """Return the settings of a simulator with every carrier."""
        password = self.home / "password"
        password.write_text(f"{PASSWORD}\n")
        said: dict[str, object] = {
            "state_file": str(self.home / "journal.jsonl"),
            "folder": str(self.folder),
            "settle_seconds": 0,
            "sftp_port": self.port,
            "sftp_user": USER,
            "sftp_password_file": str(password),
        }
        return Settings.model_validate(said | self.more | more)

    @asynccontextmanager
    async def open(self) -> AsyncIterator["House"]:
        """Run it until the block ends."""
        app = simulator(self.settings())
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://simulator") as self.http,
        ):
            yield self

    @asynccontextmanager
    async def connection(
        self, *, password: str = PASSWORD, user: str = USER
    ) -> AsyncIterator[asyncssh.SSHClientConnection]:
        """Connect as somebody's program would."""
        async with asyncssh.connect(
            "127.0.0.1",
            self.port,
            username=user,
            password=password,
            known_hosts=str(self.known_hosts),
            config=None,
            agent_path=None,
            client_keys=None,
        ) as connection:
            yield connection

    @asynccontextmanager
    async def client(self) -> AsyncIterator[asyncssh.SFTPClient]:
        """Log in, and speak of files."""
        async with self.connection() as connection, connection.start_sftp_client() as client:
            yield client

    @asynccontextmanager
    async def transport(self, channel: str) -> AsyncIterator[FolderClearinghouse]:
        """Yield our own transport to it."""
        over_sftp = {
            "clearinghouse_url": f"sftp://{USER}@127.0.0.1:{self.port}/",
            "clearinghouse_known_hosts_file": str(self.known_hosts),
            "clearinghouse_password_file": str(self.home / "password"),
        }
        said = over_sftp if channel == "sftp" else {"clearinghouse_url": self.folder.as_uri()}
        house = clearinghouse_at(ClearinghouseSettings.model_validate({"clearinghouse_settle_seconds": 0, **said}))
        assert isinstance(house, FolderClearinghouse)
        try:
            yield house
        finally:
            if isinstance(house.place, SftpPlace):
                await house.place.close()

    async def totals(self) -> Any:  # noqa: ANN401 (JSON)
        """Return the sums of the payers' book."""
        return (await self.http.get("/book")).json()["totals"]

    def lying(self, name: str = "inbound") -> list[str]:
        """Return what partners see in a folder."""
        return sorted(path.name for path in (self.folder / name).iterdir())

    @stamina.retry(on=AssertionError, timeout=SECONDS_MAX, wait_initial=0.02, wait_max=0.2, attempts=None)
    async def until_laid_out(self, *names: str) -> None:
        """Return once exactly these files lie in `inbound`, and nothing waits in `outbound`."""
        assert (self.lying(), self.lying("outbound")) == (list(names), [])


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with House(tmp_path).open() as house:
        yield house


async def content() -> bytes:
    return CLAIM


@pytest.mark.parametrize("channel", ["folder", "sftp"])
async def test_claim_goes_out_over_our_transport_and_is_paid(house: House, channel: str) -> None:
    async with house.transport(channel) as transport:
        parcel = Parcel(key="B-1")
        parcel = Parcel(key="B-1", temporary_name=await transport.prepare(parcel, content))
        receipt = await transport.send(parcel, content)
        await house.until_laid_out(*ANSWERS)
        files = (await transport.list(None)).files
        *_, last = [await transport.fetch(each.remote_id) for each in files]
        (check,) = read_835(last)

        assert await transport.probe(parcel) == receipt == "B-1.x12"
        assert [each.file_name for each in files] == ANSWERS
        assert [(each.patient_control_number, each.paid_cents) for each in check.claims] == [("C1", 80_00)]
    assert (await house.totals())["paid_cents"] == 80_00
    assert [each["name"] for each in (await house.http.get("/mailbox")).json()["files"]] == ANSWERS


async def test_upload_that_is_not_done_is_not_taken_in(house: House) -> None:
    async with house.client() as client:
        for name in (".hidden", "claims.tmp", "claims.PART", "claims.filepart"):
            async with client.open(f"/outbound/{name}", "wb") as file:
                await file.write(CLAIM)
        async with client.open("/outbound/claims.837", "wb") as half:
            await half.write(CLAIM[:500])
            await house.http.get("/mailbox")
            async with client.open("/outbound/other.837", "wb") as file:
                await file.write(interchange(transaction_set(member("PAID2", "C2")), number=2))
            await until_paid(house, 1)
            assert house.lying() == ANSWERS
            await half.write(CLAIM[500:])
        await until_paid(house, 2)

    assert not [name for name in house.lying("outbound") if "claims.837" in name or "other.837" in name]
    assert (await house.totals())["rejected"] == 0


async def test_upload_whose_connection_breaks_leaves_nothing(house: House) -> None:
    async with house.connection() as connection:
        client = await connection.start_sftp_client()
        file = await client.open("/outbound/claims.837", "wb")
        await file.write(CLAIM[:500])
        (under,) = house.lying("outbound")
        connection.abort()

    await house.until_laid_out()
    assert (under.startswith(".claims.837"), under.endswith(".part")) == (True, True)


async def test_same_file_twice_is_one_receipt(house: House) -> None:
    async with house.client() as client:
        for number in range(2):
            async with client.open("/outbound/claims.837", "wb") as file:
                await file.write(CLAIM)
            await house.until_laid_out(*ANSWERS)
            assert (await house.totals())["claims"] == 1, number
        async with client.open("/outbound/claims.837", "wb") as file:  # the name again, for other claims
            await file.write(interchange(transaction_set(member("PAID2", "C2")), number=2))
        await until_paid(house, 2)


async def test_goes_on_after_a_restart_where_it_was(tmp_path: Path) -> None:
    async with House(tmp_path).open() as first, first.transport("folder") as transport:
        key = (tmp_path / "journal.jsonl.host-key").read_bytes()
        parcel = Parcel(key="B-1", temporary_name=await transport.prepare(Parcel(key="B-1"), content))
        await transport.send(parcel, content)
        await first.until_laid_out(*ANSWERS)
        (first.folder / "inbound" / ANSWERS[0]).unlink()
    (first.folder / "outbound" / "B-1.x12").write_bytes(CLAIM)  # it was killed before it could remove it
    async with House(tmp_path, port=first.port).open() as second, second.client():
        await second.until_laid_out(*ANSWERS[1:])

        assert (await second.totals())["claims"] == 1
        assert (tmp_path / "journal.jsonl.host-key").read_bytes() == key
        assert (tmp_path / "journal.jsonl.host-key").stat().st_mode & 0o777 == 0o600


async def test_new_journal_lays_out_its_own_mail(tmp_path: Path) -> None:
    async with House(tmp_path).open() as first:
        (first.folder / "outbound" / "claims.837").write_bytes(CLAIM)
        await first.until_laid_out(*ANSWERS)
    (tmp_path / "journal.jsonl").unlink()
    shutil.rmtree(first.folder)
    async with House(tmp_path).open() as second:
        (second.folder / "outbound" / "others.837").write_bytes(
            interchange(transaction_set(member("DENY1"), number="0002"))
        )

        await second.until_laid_out(*ANSWERS)


async def test_noise_is_answered_and_stops_nothing(house: House) -> None:
    (house.folder / "outbound" / "a.837").write_bytes(bytes(range(256)))
    (house.folder / "outbound" / "b.837").write_bytes(CLAIM)

    await house.until_laid_out("000000001.ta1", "000000002.999", "000000003.277ca", "000000004.277ca", "000000005.835")


async def test_what_becomes_due_is_laid_out_without_anybody_asking(house: House) -> None:
    late = interchange(transaction_set(member("LATE1")))
    (house.folder / "outbound" / "late.837").write_bytes(late)
    await house.until_laid_out(*ANSWERS[:3])

    await house.http.post("/clock/advance", json={"by": "14d"})

    await house.until_laid_out(*ANSWERS)


async def test_outage_cuts_off_whoever_is_inside_and_takes_nothing_in(house: House) -> None:
    async with house.transport("sftp") as transport:
        await transport.list(None)
        await house.http.post("/outage", json={"span": "2d"})
        (house.folder / "outbound" / "claims.837").write_bytes(CLAIM)
        with pytest.raises(NotSent):
            await transport.list(None)
        with pytest.raises((asyncssh.Error, OSError)):
            async with house.connection():
                pass
        assert house.lying("outbound") == ["claims.837"]
        await house.http.post("/clock/advance", json={"by": "2d"})
        await house.until_laid_out(*ANSWERS)

        assert [each.file_name for each in (await transport.list(None)).files] == ANSWERS


async def test_lets_in_nobody_else(house: House) -> None:
    for user, password in ((USER, ""), (USER, "another"), ("another", PASSWORD)):
        with pytest.raises(asyncssh.PermissionDenied):
            async with house.connection(user=user, password=password):
                pass


async def test_lets_in_who_has_a_key_and_no_password(tmp_path: Path) -> None:
    own, other = (asyncssh.generate_private_key("ssh-ed25519") for _ in range(2))
    (tmp_path / "keys").write_bytes(own.export_public_key())
    more: dict[str, object] = {"sftp_password_file": "", "sftp_keys_file": str(tmp_path / "keys")}
    async with House(tmp_path, more=more).open() as house:
        for key, user in ((own, USER), (other, USER), (own, "another")):
            options = asyncssh.SSHClientConnectionOptions(
                username=user, client_keys=[key], known_hosts=str(house.known_hosts), config=None, agent_path=None
            )
            if (key, user) == (own, USER):
                async with asyncssh.connect("127.0.0.1", house.port, options=options) as connection:
                    assert (await connection.start_sftp_client()) is not None
            else:
                with pytest.raises(asyncssh.PermissionDenied):
                    await asyncssh.connect("127.0.0.1", house.port, options=options)


async def test_shows_the_folder_and_nothing_else_of_the_machine(house: House) -> None:
    async with house.client() as client:
        assert {name for name in await client.listdir("/") if not name.startswith(".")} == {
            "inbound", "outbound", "refused",
        }  # fmt: skip
        with pytest.raises(asyncssh.SFTPNoSuchFile):
            await client.stat("/../journal.jsonl")
        with pytest.raises(asyncssh.SFTPPermissionDenied):
            await client.symlink("/etc/passwd", "/inbound/passwd")
        with pytest.raises(asyncssh.SFTPPermissionDenied):
            await client.link("/outbound", "/inbound/other")


async def test_puts_aside_what_is_larger_than_an_interchange_may_be(tmp_path: Path) -> None:
    async with House(tmp_path, more={"interchange_bytes_max": 1_024}).open() as house:
        (house.folder / "outbound" / "large.837").write_bytes(CLAIM * 10)

        await house.until_laid_out()

        assert house.lying("refused") == ["large.837"]


@pytest.mark.skipif(not OPENSSH, reason="apt-get install openssh-client")
async def test_openssh_puts_gets_and_removes(tmp_path: Path) -> None:
    key = asyncssh.generate_private_key("ssh-ed25519")
    key.write_private_key(str(tmp_path / "own"))
    (tmp_path / "own").chmod(0o600)
    (tmp_path / "keys").write_bytes(key.export_public_key())
    (tmp_path / "claims.837").write_bytes(CLAIM)
    async with House(tmp_path, more={"sftp_keys_file": str(tmp_path / "keys")}).open() as house:
        await openssh(house, "put claims.837 /outbound/claims.837")
        await house.until_laid_out(*ANSWERS)
        await openssh(house, f"get /inbound/{ANSWERS[3]} answer.835", f"rm /inbound/{ANSWERS[3]}")

        assert [claim.paid_cents for claim in read_835((tmp_path / "answer.835").read_bytes())[0].claims] == [80_00]
        (house.folder / "outbound" / "again.837").write_bytes(interchange(transaction_set(member("REJC1")), number=2))
        await house.until_laid_out(*ANSWERS[:3], "000000005.999", "000000006.277ca")


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        ({"state_file": ""}, "STATE_FILE"),
        ({"folder": ""}, "FOLDER"),
        ({"sftp_user": ""}, "SFTP_USER"),
        ({"sftp_password_file": ""}, "SFTP_PASSWORD_FILE"),
        ({"sftp_keys_file": "/nowhere"}, "cannot be read"),
        ({"sftp_password_file": "/dev/null"}, "is empty"),
    ],
    ids=["no journal", "no folder", "no user", "no secret", "no keys", "empty password"],
)
def test_refuses_to_start_without_what_a_carrier_needs(tmp_path: Path, wrong: dict[str, object], word: str) -> None:
    with pytest.raises(CarrierNotReady, match=word):
        simulator(House(tmp_path).settings(**wrong))


def test_refuses_a_journal_that_partners_would_see(tmp_path: Path) -> None:
    with pytest.raises(CarrierNotReady, match="out of it"):
        simulator(House(tmp_path).settings(folder=str(tmp_path)))


async def test_refuses_a_port_that_is_taken(house: House, tmp_path: Path) -> None:
    other = House(tmp_path / "other", port=house.port)
    other.home.mkdir()
    with pytest.raises(CarrierNotReady, match="SFTP_PORT"):
        simulator(other.settings())


def test_refuses_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CarrierNotReady, match="FOLDER"):
        simulator(House(tmp_path).settings(folder=str(tmp_path / "file" / "partners")))


async def test_says_in_a_line_why_it_does_not_start(house: House, tmp_path: Path) -> None:
    settings = house.settings(state_file=str(tmp_path / "other.jsonl"))
    said = {f"CLAIMLOG_SIMULATOR_{name.upper()}": str(value) for name, value in settings if value}
    program = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "apps.simulator.main", cwd=REPOSITORY, env=environment(tmp_path, **said),
        stderr=subprocess.PIPE,
    )  # fmt: skip
    _, complaints = await program.communicate()
    lines = complaints.decode().splitlines()

    assert (program.returncode, len(lines)) == (1, 1)
    assert lines[0].startswith(f"simulator-carrier-not-ready: port {house.port} cannot be had")


@stamina.retry(on=AssertionError, timeout=SECONDS_MAX, wait_initial=0.02, wait_max=0.2, attempts=None)
async def until_paid(house: House, claims: int) -> None:
    assert (await house.totals())["claims"] == claims
    assert len([name for name in house.lying() if name.endswith(".835")]) == claims


async def openssh(house: House, *commands: str) -> None:
    """Run the program as a person's script would."""
    options = ["-i", str(house.home / "own"), "-o", f"UserKnownHostsFile={house.known_hosts}"]
    options += ["-o", "IdentitiesOnly=yes", "-o", "BatchMode=yes", "-P", str(house.port)]
    program = await asyncio.create_subprocess_exec(
        OPENSSH, "-F", "none", *options, "-b", "-", f"{USER}@127.0.0.1",
        cwd=house.home, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    _, complaints = await program.communicate("\n".join(commands).encode() + b"\n")
    assert program.returncode == 0, complaints.decode()
