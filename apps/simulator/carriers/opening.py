"""Which carriers there are besides HTTP, as the settings say; each is refused at the start where something is missing.

Owns: what a carrier needs. A folder outlives the process, so what was taken in of it must too: it needs the journal,
which lies where no partner sees it. SFTP needs the folder and a login. Next: `folder.py`, `sftp.py`.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from socket import AF_INET, AF_INET6, SO_REUSEADDR, SOL_SOCKET, socket
from typing import TYPE_CHECKING, Final

import structlog

from apps.simulator.carriers.counter import Counter
from apps.simulator.carriers.folder import Drop, make_folders
from apps.simulator.settings import PREFIX, Settings
from shared.kernel.errors import Rejected
from shared.runtime.calling_off import call_off

if TYPE_CHECKING:
    from apps.simulator.carriers.sftp import Login

_EVERY_SECONDS: Final = 0.5
_LOG = structlog.get_logger("simulator")


class CarrierNotReady(Rejected):
    """A carrier was asked for without what it needs."""

    slug = "simulator-carrier-not-ready"


def refuse_carriers(settings: Settings) -> None:
    """Refuse settings that ask for a carrier without what it needs. **Errors**: `CarrierNotReady`."""
    if settings.folder:
        if not settings.state_file:
            raise CarrierNotReady(f"a folder needs the journal: name one in {PREFIX}STATE_FILE")
        if Path(settings.state_file).resolve().is_relative_to(Path(settings.folder).resolve()):
            raise CarrierNotReady(f"partners see what lies in the folder: move {PREFIX}STATE_FILE out of it")
        _make_folders(settings.folder)
    if settings.sftp_port:
        if not settings.folder:
            raise CarrierNotReady(f"SFTP needs a folder: name one in {PREFIX}FOLDER")
        _login(settings)
        _refuse_port(settings.host, settings.sftp_port)


@asynccontextmanager
async def open_carriers(counter: Counter, settings: Settings) -> AsyncIterator[None]:
    """Run the carriers that the settings name, which were not refused."""
    if not settings.folder:
        yield
        return
    folder, journal = Path(settings.folder), Path(settings.state_file)
    drop = Drop(
        counter,
        folder,
        journal.with_name(f"{journal.name}.laid-out"),
        settings.settle_seconds,
        settings.interchange_bytes_max,
    )
    async with AsyncExitStack() as stack:
        await drop.look()
        watching = asyncio.create_task(drop.watch(_EVERY_SECONDS), name="folder")
        stack.push_async_callback(call_off, watching)
        if settings.sftp_port:
            from apps.simulator.carriers.sftp import host_key, listening  # noqa: PLC0415 (slow to load, and seldom used)

            key = host_key(journal.with_name(f"{journal.name}.host-key"))
            where = settings.host, settings.sftp_port
            await stack.enter_async_context(listening(where, folder, _login(settings), key, lambda: counter.is_down))
            _LOG.info("sftp-open", port=where[1], host_key=key.export_public_key().decode().strip())
        yield


def _make_folders(folder: str) -> None:
    """Make the folders. **Errors**: `CarrierNotReady`."""
    try:
        make_folders(Path(folder))
    except OSError as error:
        raise CarrierNotReady(
            f"the folder {folder} cannot be made ({error.strerror}): name another in {PREFIX}FOLDER"
        ) from None


def _refuse_port(host: str, port: int) -> None:
    """Refuse a port that cannot be had, before anything runs. **Errors**: `CarrierNotReady`."""
    with socket(AF_INET6 if ":" in host else AF_INET) as listener:
        listener.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as error:
            raise CarrierNotReady(
                f"port {port} cannot be had ({error.strerror}): name another in {PREFIX}SFTP_PORT"
            ) from None


def _login(settings: Settings) -> "Login":
    """Return who may come in. **Errors**: `CarrierNotReady`."""
    from apps.simulator.carriers.sftp import Login, keys_in  # noqa: PLC0415 (slow to load, and seldom used)

    password_file, keys_file = settings.sftp_password_file, settings.sftp_keys_file
    if not settings.sftp_user or not (password_file or keys_file):
        raise CarrierNotReady(
            f"SFTP needs a login: {PREFIX}SFTP_USER, and {PREFIX}SFTP_PASSWORD_FILE or {PREFIX}SFTP_KEYS_FILE"
        )
    try:
        password = Path(password_file).read_text().strip("\r\n") if password_file else ""
        keys = keys_in(keys_file) if keys_file else ()
    except (OSError, ValueError):
        raise CarrierNotReady("the file with the password or the keys of SFTP cannot be read") from None
    if not (password or keys):
        raise CarrierNotReady("the file with the password or the keys of SFTP is empty")
    return Login(user=settings.sftp_user, password=password, keys=keys)
