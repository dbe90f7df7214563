"""Editions of code sets over HTTP: what is in force, the tables themselves, and a table that a user loads."""

import asyncio
from datetime import date, datetime
from typing import Annotated, Any, Final

from fastapi import Path, Query, Response
from pydantic import Field, StringConstraints

from services.coding.api.body import READ, ROUTER, Body, Text
from services.coding.domain.code_set import LoadTable
from services.coding.projections.code_set_editions import CODE_SET_EDITIONS, EditionRow
from shared.codesets.edition import Edition
from shared.codesets.library import System
from shared.codesets.packed import NotATable
from shared.codesets.systems import SYSTEMS
from shared.events.coding import LoadedFile
from shared.kernel.errors import Malformed, NotFound
from shared.runtime.access import Access
from shared.runtime.call import Call, OneCall
from shared.runtime.files import File, FileNotFound

LOAD: Final = "coding.code-sets"
ACCESS: Final = {
    "GET /v1/code-sets": Access(scope=READ, reads="code_set_editions"),
    "GET /v1/code-sets/{system}/tables/{sha256}": Access(scope=READ, reads="code_set_editions"),
    "POST /v1/code-sets/{system}/tables": Access(
        scope=LOAD, does="LoadTable → CodeSetEditionLoaded", reads="code_set_editions"
    ),
}
_OCTETS: Final = "application/octet-stream"
_TABLE: Final = {"content": {_OCTETS: {"schema": {"type": "string", "format": "binary"}}}}
Named = Annotated[str, Path(description="Which code set.", examples=["icd10cm"])]
_SHA256: Final = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
Hash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
TableHash = Annotated[Hash, Path(description="Hash of a table.", examples=[_SHA256])]


class UnknownCodeSet(NotFound):
    """The product knows no code set of this name."""

    slug = "unknown-code-set"


class TableNotFound(NotFound):
    """No table with this hash was loaded; those that the product carries stand in its own folder."""

    slug = "code-table-not-found"


class TableHashDiffers(Malformed):
    """What arrived is not the table whose hash was said."""

    slug = "code-table-hash-differs"


class FileAnswer(Body):
    """A file from which a table was built."""

    name: str
    sha256: str = Field(description="Hash of its bytes.", examples=[_SHA256])


class CodeSet(Body):
    """One edition of a code set. **Shape**: `replaced_by` is what took its place, null while in force."""

    system: str = Field(description="Which code set.", examples=["icd10cm"])
    release: str
    effective_from_on: date
    effective_to_on: date | None
    sha256: str = Field(description="Hash of its table.", examples=[_SHA256])
    source: str = Field(
        description="Where it comes from.", examples=["https://www.cms.gov/medicare/coding-billing/icd-10-codes"]
    )
    loaded_at: datetime
    licence_acknowledged: str | None
    is_starter: bool
    is_complete: bool
    files: tuple[FileAnswer, ...]
    rows: int | None
    rejected_rows: int
    replaced_by: str | None = Field(
        description="Hash of the edition that took its place, null while in force.",
        examples=[_SHA256],
    )


class KnownCodeSet(Body):
    """A code set that the product can use. **Shape**: `licence` has to be accepted before its files are loaded."""

    system: str = Field(description="Which code set.", examples=["icd10cm"])
    title: str = Field(description="What it is called.", examples=["ICD-10-CM"])
    source: str = Field(
        description="Where its files come from.", examples=["https://www.cms.gov/medicare/coding-billing/icd-10-codes"]
    )
    licence: str | None = Field(description="Which licence has to be accepted first; null: none.", examples=["ama-cpt"])


class CodeSets(Body):
    """The editions, by system; and every code set that there could be editions of."""

    items: tuple[CodeSet, ...]
    known: tuple[KnownCodeSet, ...] = Field(description="Every code set that there could be editions of.")


_SYSTEMS: Final = {each.name: each for each in SYSTEMS}
_KNOWN: Final = tuple(
    KnownCodeSet(system=each.name, title=each.title, source=each.source, licence=each.licence) for each in SYSTEMS
)


@ROUTER.get("/code-sets")
async def code_sets(call: Call) -> CodeSets:
    """Return which editions of code sets are in force, or were, and which code sets there could be."""
    return CodeSets(items=tuple(map(CodeSet.model_validate, await call.rows(CODE_SET_EDITIONS))), known=_KNOWN)


@ROUTER.get("/code-sets/{system}/tables/{sha256}", response_class=Response, responses={200: _TABLE})
async def table(system: Named, sha256: TableHash, call: Call) -> Response:
    """Return a table that was loaded, packed. **Errors**: 404 `code-table-not-found`."""
    row: EditionRow | None = await call.row(CODE_SET_EDITIONS, f"{system}/{sha256}")
    if row is None or row.packed_sha256 is None:
        raise TableNotFound("no table with this hash was loaded")
    return call.sent(await call.file(row.packed_sha256), _OCTETS)


def _file(text: str) -> LoadedFile:
    name, _, digest = text.rpartition(":")
    return LoadedFile(name=name, sha256=digest)


SourceFile = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]{1,200}:[0-9a-f]{64}$")]


class Loading(Body):
    """What is said of a table that is loaded.

    **Shape**: `sha256` is that of the table when it is not packed; `file` is what it was built from, each as
    name:sha256; `licence` the one that the caller accepts; `replaces` the hash of the edition whose place it takes.
    """

    sha256: Hash = Field(description="Hash of the table, unpacked.", examples=[_SHA256])
    rows: Annotated[int, Field(ge=0, le=1_000_000_000)]
    file: Annotated[tuple[SourceFile, ...], Field(min_length=1, max_length=50)] = Field(
        description="What it was built from, each as name:sha256.",
        examples=[[f"codes.txt:{_SHA256}"]],
    )
    rejected_rows: Annotated[int, Field(ge=0, le=1_000_000_000)] = 0
    licence: Text | None = Field(default=None, description="The licence that the caller accepts.", examples=["ama-cpt"])
    replaces: Hash | None = Field(
        default=None, description="Hash of the edition whose place it takes.", examples=[_SHA256]
    )

    def command(self, edition: Edition, packed_sha256: str, call: OneCall, *, is_lost: bool) -> LoadTable:
        """Return the command that puts the table in force."""
        return LoadTable(
            edition=edition,
            packed_sha256=packed_sha256,
            files=tuple(map(_file, self.file)),
            rows=self.rows,
            rejected_rows=self.rejected_rows,
            licence_needed=_SYSTEMS[edition.system].licence,
            licence=self.licence,
            replaces=self.replaces,
            now=call.now,
            is_lost=is_lost,
        )


@ROUTER.post(
    "/code-sets/{system}/tables",
    status_code=201,
    openapi_extra={"requestBody": {"required": True, **_TABLE}},
    responses={200: {"model": CodeSet}},
)
async def load(system: Named, said: Annotated[Loading, Query()], call: Call) -> CodeSet:
    """Put a table in force: 201, or 200 where it is already. Where its file was lost it is kept again: 201 too.

    **Errors**: 404 `unknown-code-set`; 422 `not-a-code-table`, `code-table-hash-differs`; 409 `licence-not-accepted`,
    `editions-overlap`, `nothing-to-replace`.
    """
    if system not in _SYSTEMS:
        raise UnknownCodeSet("GET /v1/code-sets lists the code sets that can be loaded")
    stored = File(kind="code-table", content=await call.request.body())
    edition = await asyncio.to_thread(_edition, _SYSTEMS[system], stored.content)
    if edition.sha256 != said.sha256:
        raise TableHashDiffers("the table that arrived has another hash than was said: send it again")
    key = f"{edition.system}/{edition.sha256}"
    before: EditionRow | None = await call.row(CODE_SET_EDITIONS, key)
    is_lost = before is not None and await _is_lost(before, call)
    if before is not None and not is_lost:
        call.response.status_code = 200
    await call.handle(said.command(edition, stored.sha256, call, is_lost=is_lost), files=(stored,))
    row = await call.row(CODE_SET_EDITIONS, key)
    if row is None:
        raise TableNotFound("no table with this hash was loaded")
    return CodeSet.model_validate(row)


async def _is_lost(row: EditionRow, call: OneCall) -> bool:
    """Return whether the file of a table is not there any more: a restore brings facts back, and no files."""
    if row.packed_sha256 is None:
        return False
    try:
        await call.file(row.packed_sha256)
    except FileNotFound:
        return True
    return False


def _edition(system: System[Any], content: bytes) -> Edition:
    if not content:
        raise NotATable("no table arrived")
    edition: Edition = system.read(content).edition
    return edition
