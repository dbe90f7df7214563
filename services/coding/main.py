"""Everything that coding runs, on one screen.

Owns: the wiring, and opening the code tables. Refuses: behaviour; each line names something explained elsewhere.
Next: any of those names.
"""

from pathlib import Path
from typing import Final

from services.coding import effects, reactors
from services.coding.domain.code_search import CodeSearch
from services.coding.domain.code_set import CODE_SETS, CodeTableKept
from services.coding.domain.coding_case import CODING_CASES, CodingCaseOpened
from services.coding.domain.encounter import ENCOUNTERS, EncounterSourced
from services.coding.projections import check_ins, code_set_editions, coding_cases, encounters
from services.coding.projections.loaded_tables import LOADED_TABLES
from services.coding.settings import PREFIX, Settings
from shared.codesets import icd10cm
from shared.codesets.library import Library
from shared.codesets.systems import starter_file
from shared.runtime.definition import Api, Service, Worklist
from shared.runtime.settings import TablesMissing
from shared.runtime.tables import CodeTables, starter_files, starters_in

ICD10CM_FILE: Final = starter_file(icd10cm.SYSTEM)


def service(settings: Settings, starters: Library) -> Service:
    """Return coding as a value: what it decides, what it reacts to, what it answers."""
    code_tables = CodeTables(
        starters, LOADED_TABLES, settings.tables_cache, kept_in=code_set_editions.CODE_SET_EDITIONS
    )
    return Service(
        name="coding",
        title="Coding: encounters, coding cases, code sets",
        api=_api,
        settings=settings,
        deciders=(ENCOUNTERS, CODING_CASES, CODE_SETS),
        reactions=reactors.reactions(code_tables.library),
        projections=(
            encounters.ENCOUNTERS,
            coding_cases.CODING_CASES,
            code_set_editions.CODE_SET_EDITIONS,
            check_ins.CHECK_INS,
            LOADED_TABLES,
        ),
        effects=(effects.load_editions(starters.editions()),),
        private_events=(EncounterSourced, CodingCaseOpened, CodeTableKept),
        worklists={
            "coder-queue": Worklist(
                projection=coding_cases.CODING_CASES,
                where={"status": "open"},
                owner="coder",
                about="Encounters whose documentation does not carry a complete set of codes.",
                reason="reason",
            ),
            "not-codable": Worklist(
                projection=coding_cases.CODING_CASES,
                where={"status": "refused"},
                owner="manager",
                about="Encounters of a date that no loaded edition of the diagnosis codes covers.",
                reason="reason",
            ),
        },
        resources={Settings: settings, CodeTables: code_tables, CodeSearch: CodeSearch()},
        tables=starter_files(Path(settings.tables_folder)),
        body_limits={"POST /v1/code-sets/{system}/tables": settings.table_bytes_max},
    )


def _api() -> Api:
    from services.coding import api  # noqa: PLC0415 (slow to load, and operators' commands do without)

    return Api(router=api.ROUTER, access=api.ACCESS, intakes=api.INTAKES)


def opened(settings: Settings) -> Library:
    """Return the starters of the settings' folder and those that ship as code. **Errors**: `TablesMissing`."""
    folder = Path(settings.tables_folder)
    if not (folder / ICD10CM_FILE).is_file():
        raise TablesMissing(f"{PREFIX}TABLES_FOLDER must name the folder that holds {ICD10CM_FILE}")
    return starters_in(folder)


def configured() -> Service:
    """Return coding as the environment configures it; every process that runs it starts here."""
    settings = Settings.read(PREFIX)
    return service(settings, opened(settings))
