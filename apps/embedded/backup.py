"""The data folder in one file, and back.

Owns: the archive (a zip: manifest, databases, keys, the simulator's journal and what lies beside that), written under
another name and renamed when it is whole; and putting it back: all of it is checked first, its server is started aside
and must come up, and only then it takes the folder's place. All databases are copied as they were at one moment, so
stores, checkpoints and the log in a table agree, also while claimlog runs. Refuses: databases on a server of your own,
topics on Kafka (they are not in this folder), mixing two folders. Left out: `exchange/`, copies for people that are
made again.
"""

import asyncio
import json
import shutil
import tarfile
import tempfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import IO, Final
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile

import asyncpg

from apps.embedded.data_folder import LOCK, only_one
from apps.embedded.database_server import (
    DatabaseServer,
    ServerNotStarted,
    end_at_once,
    give_to_server,
    server_version,
)
from apps.embedded.settings import SERVICES, Settings
from shared.kernel.errors import Conflict, Malformed, NotFound, Rejected
from shared.runtime.clock import now
from shared.runtime.progress import Progress

FORMAT: Final = 1
_MANIFEST: Final = "manifest.json"
_BASE, _WAL = "postgres/base.tar", "postgres/pg_wal.tar"
_BESIDE: Final = ("keys", "log.json", "simulator.jsonl.host-key", "simulator.jsonl.laid-out", "simulator.jsonl")
"""What lies beside the databases. The journal comes last: it may know more than the databases, as the world does, and
never less than the note of what was laid out."""
_COMPRESSION: Final = 1
_KEPT: Final = "replaced-"
_LOG: Final = "restore.log"
"""What PostgreSQL said when the databases of an archive did not come up."""
_CHUNK: Final = 1024 * 1024
_OF_A_RUN: Final = (".handle_pids.json", ".s.PGSQL.5432.lock", "log")
"""What a copy has of the server that was copied. Its lock would hold up the copy as long as that server runs here."""


class NothingToBackUp(NotFound):
    """The folder holds no databases: nothing is there yet, or they are on a server of your own."""

    slug = "nothing-to-back-up"


class FileExists(Rejected):
    """The archive exists. **Shape**: the message says how to replace it."""

    slug = "backup-exists"


class DamagedBackup(Malformed):
    """The archive is not whole, or not one of ours: nothing of it was used."""

    slug = "damaged-backup"


class BackupOfAnotherRelease(Malformed):
    """The databases in the archive are those of another release of PostgreSQL."""

    slug = "backup-of-another-release"


class FolderNotEmpty(Rejected):
    """The data folder holds something already."""

    slug = "folder-not-empty"


class ServerInUse(Conflict):
    """Another command works with the databases of the folder."""

    slug = "database-server-in-use"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One file of the archive. **Units**: bytes."""

    sha256: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What an archive says about itself. **Shape**: `log` is where the facts were published: a table, or Kafka."""

    format: int
    version: str
    postgres: int
    made_at: str
    log: str
    parts: dict[str, Part]


def create(settings: Settings, path: Path, progress: Progress, *, replace: bool) -> dict[str, object]:
    """Write the archive of a data folder, whether claimlog runs on it or not; return what is in it.

    **Errors**: `NothingToBackUp`, `FileExists`, `CopyFailed`.
    """
    if settings.database_url:
        raise NothingToBackUp("the databases are on the server of DATABASE_URL: back them up there, all at one moment")
    if not (settings.data / "postgres" / "PG_VERSION").exists():
        raise NothingToBackUp(f"the folder {settings.data} holds no claimlog; set CLAIMLOG_DATA to the one that does")
    if path.exists() and not replace:
        raise FileExists("a file of this name is there; say --yes to replace it, or take another name")
    with _aside(path) as folder:
        copy = folder / "copy"
        with DatabaseServer.running(settings.data / "postgres") as server:
            _refuse_half_made(settings.data, server)
            server.copy_to(copy)
        files = [(_BASE, copy / "base.tar"), (_WAL, copy / "pg_wal.tar"), *_beside(settings.data)]
        part = folder / "archive"
        manifest = _written(part, files, _log_of(settings.data), progress)
        part.chmod(0o600)  # the keys are in it
        part.replace(path)
    return {"path": str(path), "bytes": path.stat().st_size, **asdict(manifest)}


def _refuse_half_made(data: Path, server: DatabaseServer) -> None:
    """Refuse a backup that no restore would take. **Errors**: `NothingToBackUp`."""
    if missing := _without_store(asyncio.run(_positions(server))):
        raise NothingToBackUp(f"the folder {data} has no store of {missing} yet; let claimlog come up there once")


@contextmanager
def _aside(path: Path) -> Iterator[Path]:
    """Return a folder beside a path, on its disk, that is gone afterwards."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}-") as made:
        folder = Path(made)
        folder.chmod(0o711)  # the server's own user must pass
        yield folder


def _beside(data: Path) -> Iterator[tuple[str, Path]]:
    for name in _BESIDE:
        root = data / name
        for file in sorted(root.rglob("*")) if root.is_dir() else [root]:
            if file.is_file():
                yield str(file.relative_to(data)), file


def _log_of(data: Path) -> str:
    note = data / "log.json"
    return str(json.loads(note.read_text())["kind"]) if note.exists() else "table"


def _written(path: Path, files: Sequence[tuple[str, Path]], log: str, progress: Progress) -> Manifest:
    parts: dict[str, Part] = {}
    total, done = sum(file.stat().st_size for _, file in files), 0
    with ZipFile(path, "w", ZIP_DEFLATED, compresslevel=_COMPRESSION) as archive:
        for name, file in files:
            hashed, size = sha256(), 0
            with file.open("rb") as source, archive.open(name, "w", force_zip64=True) as target:
                while chunk := source.read(_CHUNK):
                    hashed.update(chunk)
                    target.write(chunk)
                    size += len(chunk)
                    progress("bytes", done + size, max(total, done + size))
            parts[name] = Part(sha256=hashed.hexdigest(), size=size)
            done += size
        manifest = Manifest(
            format=FORMAT,
            version=version("claimlog"),
            postgres=server_version(),
            made_at=now().isoformat(),
            log=log,
            parts=parts,
        )
        archive.writestr(_MANIFEST, json.dumps(asdict(manifest), indent=1))
    return manifest


def look(settings: Settings, path: Path, progress: Progress, *, replace: bool) -> dict[str, object]:
    """Check an archive and say what it would do; change nothing, and start no server of it.

    **Errors**: `DamagedBackup`, `BackupOfAnotherRelease`.
    """
    del replace
    with _aside(settings.data.resolve() / "restore") as aside:
        manifest = _unpacked(path, aside, progress)
    there = (settings.data / "postgres" / "PG_VERSION").exists()
    return {"path": str(path), "made_at": manifest.made_at, "log": manifest.log, "would_move_aside": there}


def restore(settings: Settings, path: Path, progress: Progress, *, replace: bool) -> dict[str, object]:
    """Put an archive in the place of a data folder; what was there is kept in a folder beside it.

    **Errors**: `AlreadyRunning`, `FolderNotEmpty`, `DamagedBackup`, `BackupOfAnotherRelease`, `ServerNotStarted`.
    """
    data = settings.data
    with only_one(data), _aside(data.resolve() / "restore") as aside:
        skipped = (LOCK, aside.name, _KEPT, _LOG)
        there = [each for each in sorted(data.iterdir()) if not each.name.startswith(skipped)]
        if there and not replace:
            raise FolderNotEmpty(f"the folder {data} is in use; say --yes to keep it aside, or set CLAIMLOG_DATA")
        manifest = _unpacked(path, aside, progress)
        give_to_server(aside / "postgres")
        positions = _proved(data, aside / "postgres")
        _stop_server(data / "postgres")
        kept = _swapped(data, aside, there)
    return {
        "path": str(path),
        "made_at": manifest.made_at,
        "log": manifest.log,
        "positions": positions,
        "kept": str(kept) if kept else "",
    }


def _unpacked(path: Path, folder: Path, progress: Progress) -> Manifest:
    """Check every part of an archive, then lay it out in a folder. **Errors**: `DamagedBackup`."""
    try:
        with ZipFile(path) as archive:
            manifest = _manifest(archive)
            for n, (name, part) in enumerate(manifest.parts.items(), 1):
                _check(archive.open(name), part)
                progress("parts checked", n, len(manifest.parts))
            for name in manifest.parts:
                archive.extract(name, folder)
    except FileNotFoundError as error:
        raise DamagedBackup("no file has this name") from error
    except (BadZipFile, zlib.error, KeyError, TypeError, ValueError, EOFError, OSError) as error:
        raise DamagedBackup("the archive is not whole, or none of ours; nothing of it was used") from error
    for name, target in ((_BASE, folder / "postgres"), (_WAL, folder / "postgres" / "pg_wal")):
        with tarfile.open(folder / name) as tar:
            tar.extractall(target, filter="data")
    for name in (_BASE, _WAL):
        (folder / name).unlink()
    for _, file in _beside(folder):
        file.chmod(0o600)  # an archive keeps no modes
    for name in _OF_A_RUN:
        (folder / "postgres" / name).unlink(missing_ok=True)
    return manifest


def _manifest(archive: ZipFile) -> Manifest:
    said = json.loads(archive.read(_MANIFEST))
    parts = {name: Part(**part) for name, part in said.pop("parts").items()}
    manifest = Manifest(**said, parts=parts)
    if manifest.format != FORMAT or not {_BASE, _WAL} <= set(parts):
        raise DamagedBackup("the archive has another form than this release reads")
    if any(name.startswith(("/", "..")) or "/../" in name for name in parts):
        raise DamagedBackup("the archive names a place outside of the folder")
    if manifest.postgres != server_version():
        raise BackupOfAnotherRelease(
            f"the archive was made with PostgreSQL {manifest.postgres}, this is {server_version()}; use that release"
        )
    return manifest


def _check(source: IO[bytes], part: Part) -> None:
    hashed, size = sha256(), 0
    while chunk := source.read(_CHUNK):
        hashed.update(chunk)
        size += len(chunk)
    if (hashed.hexdigest(), size) != (part.sha256, part.size):
        raise DamagedBackup("a part of the archive has other bytes than its manifest says; nothing of it was used")


def _proved(data: Path, postgres: Path) -> dict[str, int]:
    """Start the server aside, which makes it whole, and return how many facts each service has.

    Whatever comes of it, it does not run on in a folder that is about to go.
    **Errors**: `ServerNotStarted`, `DamagedBackup`.
    """
    log = data / _LOG
    try:
        with DatabaseServer.running(postgres) as server:
            positions = asyncio.run(_positions(server))
    except ServerNotStarted as error:
        with suppress(OSError):
            shutil.copyfile(postgres / "log", log)
        raise ServerNotStarted(
            f"the databases of the archive do not come up; nothing in {data} was touched, and what PostgreSQL said is"
            f" in {log}. Where it was still at work, try again when the machine has less to do"
        ) from error
    finally:
        end_at_once(postgres)
    log.unlink(missing_ok=True)
    if missing := _without_store(positions):
        raise DamagedBackup(f"the archive has no store of {missing}; nothing of it was used")
    return positions


async def _positions(server: DatabaseServer) -> dict[str, int]:
    """Return how many facts each service has; one without a store is left out."""
    found = {}
    for name in SERVICES:
        with suppress(asyncpg.InvalidCatalogNameError, asyncpg.UndefinedTableError):
            connection = await asyncpg.connect(server.url(f"claimlog_{name}"), timeout=10)
            try:
                position: int | None = await connection.fetchval("select position from store_head")
            finally:
                await connection.close()
            if position is not None:
                found[name] = position
    return found


def _without_store(positions: Mapping[str, int]) -> str:
    return ", ".join(name for name in SERVICES if name not in positions)


def _stop_server(postgres: Path) -> None:
    """End a server that a killed claimlog left behind. **Errors**: `ServerInUse`: somebody else works with it."""
    note = postgres / "postmaster.pid"
    if note.exists():
        with DatabaseServer.running(postgres):
            pass
    if note.exists():
        raise ServerInUse("another command works with the databases of this folder; wait until it ends")


def _swapped(data: Path, aside: Path, there: Sequence[Path]) -> Path | None:
    """Move what was there out and what came in to its place; the databases go first and come last."""
    kept = data / f"{_KEPT}{now():%Y%m%dT%H%M%SZ}" if there else None
    if kept:
        kept.mkdir()
        for each in sorted(there, key=lambda path: path.name != "postgres"):
            each.rename(kept / each.name)
    for each in sorted(aside.iterdir(), key=lambda path: path.name == "postgres"):
        shutil.move(each, data / each.name)
    return kept
