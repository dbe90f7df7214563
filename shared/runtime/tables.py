"""Tables of codes that users loaded: which are in force, kept in a folder by their hash, and mapped.

Owns: the read model of what is in force, the folder of starters, and the tables of a process. Refuses: building tables
(`official_files.py`), deciding which are in force (coding), fetching (`bringing.py`). A table that is not here yet is
"not loaded", and a command never waits for one: it asks for the library of the moment, which is in memory.
Next: `shared/codesets/library.py`.
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from mmap import ACCESS_READ, mmap
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, Final, Literal

from structlog import get_logger

from shared.codesets.edition import Edition
from shared.codesets.library import Library
from shared.codesets.packed import Buffer, plain
from shared.codesets.systems import STARTERS, SYSTEMS, starter_file, starters
from shared.events.coding import CodeSetEditionLoaded
from shared.kernel.errors import KnownError, Malformed
from shared.kernel.projection import AnyProjection, Projection

_LOG: Final = get_logger("tables")
_SYSTEMS: Final = {system.name: system for system in SYSTEMS}
EVERYTHING: Final = "all"
"""Key of the one row of the read model."""


class TableDamaged(Malformed):
    """A table is not the one whose hash its edition names. **Shape**: the message names the code set."""

    slug = "code-table-damaged"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class LoadedTable:
    """A table in force. **Shape**: `sha256` names it as it is mapped, `packed_sha256` as coding stores it."""

    system: str
    sha256: str
    packed_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedTables:
    """Every table that a user loaded and that no other replaced, in a fixed order."""

    tables: tuple[LoadedTable, ...]


def starter_files(folder: Path) -> tuple[Path, ...]:
    """Return the files of a folder that hold starters, whether they are there or not."""
    return tuple(folder / starter_file(system) for system in STARTERS)


def starters_in(folder: Path) -> Library:
    """Return the starters of a folder and those that ship as code; a missing file is "not loaded".

    **Errors**: `NotATable` for a damaged one.
    """

    def read(name: str) -> bytes | None:
        file = folder / name
        return file.read_bytes() if file.is_file() else None

    return starters(read)


def kept_key(table: LoadedTable) -> str:
    """Return the key of a table in the read model of the service that keeps it."""
    return f"{table.system}/{table.sha256}"


def file_of(folder: Path, table: LoadedTable) -> Path:
    """Return where a table is kept to be mapped."""
    return folder / f"{table.sha256}.table"


def loaded_tables(source: Literal["own", "foreign"]) -> Projection[LoadedTables, CodeSetEditionLoaded]:
    """Return the read model of what is in force, for a service that looks codes up; `own` in coding itself."""
    return Projection(
        name="loaded_tables",
        version=1,
        source=source,
        row=LoadedTables,
        events=(CodeSetEditionLoaded,),
        keys=_keys,
        apply=_apply,
    )


def _keys(event: CodeSetEditionLoaded) -> tuple[str, ...]:
    return (EVERYTHING,) if event.packed_sha256 is not None else ()


def _apply(row: LoadedTables | None, event: CodeSetEditionLoaded) -> LoadedTables | None:
    if event.packed_sha256 is None:
        return row
    table = LoadedTable(system=event.system, sha256=event.sha256, packed_sha256=event.packed_sha256)
    others = [each for each in (row.tables if row else ()) if each.sha256 not in {event.replaces, event.sha256}]
    return LoadedTables(tables=tuple(sorted((*others, table))))


class CodeTables:
    """The tables of one process. **Shape**: no folder: they are kept in memory (tests).

    `in_force` is the service's read model of what is in force, whose one row `library` is asked with; `kept_in` that of
    the one service that keeps tables among its files, by `kept_key`, with the hash of the file as `packed_sha256`.
    """

    def __init__(
        self,
        starters: Library,
        in_force: Projection[LoadedTables, CodeSetEditionLoaded],
        folder: str = "",
        *,
        kept_in: AnyProjection | None = None,
    ) -> None:
        self.starters: Final = starters
        self.in_force: Final = in_force
        self.kept_in: Final = kept_in
        self._folder = Path(folder) if folder else None
        self._open: dict[str, Any] = {}
        self._libraries: dict[tuple[LoadedTable, ...], Library] = {}

    def library(self, loaded: LoadedTables | None) -> Library:
        """Return what answers where these tables are in force; those that are not here yet do not."""
        asked = loaded.tables if loaded else ()
        found = self._libraries.get(asked)
        if found is None:
            found = self._libraries[asked] = self._built(asked)
        return found

    def edition(self, table: LoadedTable) -> Edition | None:
        """Return the edition that a table of these is; None while it is not here."""
        opened = self._open.get(table.sha256)
        return None if opened is None else opened.edition

    def missing(self, loaded: LoadedTables | None) -> tuple[LoadedTable, ...]:
        """Return the tables that are in force and not here; what the folder has is mapped first.

        A table of a code set that this release does not know is none of its business.
        """
        asked = [each for each in (loaded.tables if loaded else ()) if each.system in _SYSTEMS]
        return tuple(each for each in asked if each.sha256 not in self._open and not self._map(each))

    def keep(self, table: LoadedTable, packed: bytes) -> None:
        """Keep a table that was brought. **Errors**: `NotATable`, `TableDamaged`."""
        content = plain(packed)
        opened = _read(table, content)
        if self._folder is None:
            self._put(table, opened)
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=self._folder, prefix="coming-", delete=False) as file:
            try:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
                Path(file.name).replace(file_of(self._folder, table))
            except BaseException:
                Path(file.name).unlink(missing_ok=True)
                raise
        if not self._map(table):
            raise TableDamaged(f"the table of {table.system} that was kept cannot be read")

    def _map(self, table: LoadedTable) -> bool:
        """Map a table of the folder; return whether it is there. A damaged one is taken away, and brought anew."""
        if self._folder is None:
            return False
        path = file_of(self._folder, table)
        try:
            with path.open("rb") as file:
                opened = _read(table, mmap(file.fileno(), 0, access=ACCESS_READ))
        except FileNotFoundError:
            return False
        except (KnownError, ValueError, OSError) as error:
            _LOG.warning("code-table-damaged", system=table.system, sha256=table.sha256, kind=type(error).__name__)
            path.unlink(missing_ok=True)
            return False
        self._put(table, opened)
        return True

    def _put(self, table: LoadedTable, opened: object) -> None:
        self._open[table.sha256] = opened
        self._libraries.clear()

    def _built(self, tables: Iterable[LoadedTable]) -> Library:
        library = self.starters
        for table in tables:
            opened = self._open.get(table.sha256)
            if opened is not None:
                library = library.with_table(_SYSTEMS[table.system], opened)
        return library


def _read(table: LoadedTable, content: Buffer) -> Any:  # noqa: ANN401 (a table of whatever code set)
    opened = _SYSTEMS[table.system].read(content)
    if opened.edition.sha256 != table.sha256:
        raise TableDamaged(f"the table of {table.system} has another hash than its edition")
    return opened
