"""Codes over HTTP: looked up by how they begin, or by words of their titles, and titles of codes, many at once."""

import asyncio
from dataclasses import asdict
from typing import Annotated, Final, Self

from fastapi import Query
from pydantic import AfterValidator, Field

from services.coding.api.body import READ, ROUTER, Body, Code
from services.coding.domain.code_search import CodeSearch, Found, Searched, known
from services.coding.projections.loaded_tables import LOADED_TABLES
from shared.codesets.edition import Why
from shared.codesets.icd10cm import stored_form
from shared.runtime.access import Access
from shared.runtime.call import Call
from shared.runtime.days_and_instants import Day
from shared.runtime.tables import EVERYTHING, CodeTables

ACCESS: Final = {
    "GET /v1/codes": Access(scope=READ, reads="loaded_tables"),
    "POST /v1/code-titles": Access(scope=READ, reads="loaded_tables"),
}
TITLES_MAX: Final = 100


class CodeInWords(Body):
    """A code and what it is called."""

    code: str = Field(description="As it is stored, without a dot.", examples=["E119"])
    title: str | None = Field(
        description="As its edition words it; null where that may not be told.",
        examples=["Type 2 diabetes mellitus without complications"],
    )
    is_billable: bool | None = Field(
        description="Whether a claim may have it, and not only codes below it; null where a code set has no headings."
    )
    is_in_force: bool = Field(description="Whether it is one on that day.")


class Codes(Body):
    """The codes that a text may mean."""

    items: tuple[CodeInWords, ...] = Field(description="Those in force first, then the best first.")
    edition: str | None = Field(description="The edition of that day; null: none is loaded.", examples=["icd10cm 2027"])
    reason: Why | None = Field(
        description="Why no edition answers for that day; null: one does.", examples=["licensed"]
    )

    @classmethod
    def of(cls, found: Found) -> Self:
        """Return what is shown of a search."""
        return cls.model_validate(found)


@ROUTER.get("/codes")
async def codes(
    system: Annotated[Searched, Query(description="Which code set.", examples=["icd10cm"])],
    on: Annotated[Day, Query(description="The day of the service.", examples=["2026-03-03"])],
    search: Annotated[
        str,
        Query(
            min_length=1,
            max_length=100,
            description="How the code begins, with or without dots; else words, or beginnings of words, of its title.",
            examples=["diabetes without compl"],
        ),
    ],
    call: Call,
    limit: Annotated[int, Query(ge=1, le=50, description="Codes in the answer.", examples=[20])] = 20,
) -> Codes:
    """Return the codes of a day's edition that a text may mean; none, and why, where no edition is loaded."""
    loaded = await call.row(LOADED_TABLES, EVERYTHING)
    library = call.resource(CodeTables).library(loaded)
    searching = call.resource(CodeSearch)
    found = await asyncio.to_thread(searching.find, library, system, search, on, items_max=limit)
    return Codes.of(found)


class CodeToTitle(Body):
    """A code as somebody wrote it."""

    system: Searched = Field(description="Its code set.", examples=["icd10cm"])
    code: Annotated[Code, AfterValidator(stored_form)] = Field(
        description="With or without dots, in any case of letters.", examples=["E11.9"]
    )


class CodesToTitle(Body):
    """Which codes somebody needs in words: those of a visit."""

    on: Day = Field(description="The day of the service.", examples=["2026-03-03"])
    codes: Annotated[tuple[CodeToTitle, ...], Field(min_length=1, max_length=TITLES_MAX)] = Field(
        description="In any order; one that is there twice counts once."
    )


class TitledCode(CodeInWords):
    """A code in words, and of which code set it is."""

    system: Searched = Field(description="Its code set.", examples=["icd10cm"])


class TitledCodes(Body):
    """The codes of that question that are known."""

    items: tuple[TitledCode, ...] = Field(description="Each once, in the order of the question.")


@ROUTER.post("/code-titles")
async def titles(body: CodesToTitle, call: Call) -> TitledCodes:
    """Return what a day's editions say of up to 100 codes; one that they do not have is left out."""
    loaded = await call.row(LOADED_TABLES, EVERYTHING)
    library = call.resource(CodeTables).library(loaded)
    found = ((each.system, known(library, each.system, each.code, body.on)) for each in dict.fromkeys(body.codes))
    return TitledCodes(items=tuple(TitledCode(system=system, **asdict(each)) for system, each in found if each))
