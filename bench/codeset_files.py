"""Official files of code sets, made up: the layouts of their keepers, about as many rows as they publish, no content.

Owns: what the files look like. Refuses: measuring (`codesets.py`). Of the registry of providers it is 300,000 rows in
place of eight million: reading those takes minutes, and a look-up eight steps of thirty more.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any, Final

from shared.codesets import coverage_articles, hcpcs, mpfs, mue, nppes
from shared.codesets.library import System
from shared.codesets.official import Built, Member, Stated
from shared.codesets.systems import LAYOUTS

SINCE: Final = date(2026, 10, 1)
LEVEL_2: Final = tuple(f"{letter}{number:04d}" for letter in "AGJLQV" for number in range(1_400))
PROCEDURES: Final = tuple(f"{number:05d}" for number in range(10_000, 28_000))
NPIS: Final = tuple(str(number) for number in range(1_000_000_000, 2_500_000_000, 5_000))
DIAGNOSES: Final = tuple(
    f"{letter}{number:02d}{last}" for letter in "ABCDEFGHIJ" for number in range(100) for last in range(10)
)
LISTED: Final = PROCEDURES[:14_000]
"""Those that articles list."""
_ARTICLES: Final = 2_000
_PROCEDURES_OF_ONE: Final = 8
_DIAGNOSES_OF_ONE: Final = 120
_FOLDER: Final = "current_article.zip/"


def hcpcs_codes() -> Built:
    """Return the quarterly file of HCPCS Level II."""
    return _built(hcpcs.SYSTEM, "HCPC2026_OCT_ANWEB.txt", map(_level_2, LEVEL_2))


def unit_limits() -> Built:
    """Return the unit limits of practitioners."""
    headings = "HCPCS/CPT Code,Practitioner Services MUE Values,MUE Adjudication Indicator,MUE Rationale"
    kinds = ("1 Line Edit", "2 Date of Service Edit: Policy", "3 Date of Service Edit: Clinical")
    rows = (f"{code},{n % 9 + 1},{kinds[n % 3]},Nature of Service" for n, code in enumerate(PROCEDURES))
    return _built(mue.PRACTITIONER, "MCR_MUE_PractitionerServices_Eff_10-01-2026.csv", [headings, *rows])


def fee_schedule() -> Built:
    """Return the two files of relative values."""
    names = ("PPRRVU2026_Oct_nonQPP.csv", "PPRRVU2026_Oct_QPP.csv")
    return _made(mpfs.SYSTEM, [(name, [_FEE_TITLE, _FEE_COLUMNS, *map(_fee, PROCEDURES)]) for name in names])


def providers() -> Built:
    """Return the monthly file of the registry; every hundredth provider has given up the number."""
    place = "Provider Business Practice Location Address"
    numbers = range(1, 16)
    headings = ["NPI", "Entity Type Code", f"{place} State Name", f"{place} Country Code (If outside U.S.)"]
    headings += ["NPI Deactivation Date", "NPI Reactivation Date"]
    headings += [f"Healthcare Provider Taxonomy Code_{n}" for n in numbers]
    headings += [f"Healthcare Provider Primary Taxonomy Switch_{n}" for n in numbers]
    rows = (
        _quoted([npi, "1", "TX", "US", "" if n % 100 else "03/01/2020", "", "207Q00000X", *[""] * 14, "Y", *[""] * 14])
        for n, npi in enumerate(NPIS)
    )
    return _built(nppes.SYSTEM, "npidata_pfile_20050523-20261108.csv", [_quoted(headings), *rows])


def articles() -> Built:
    """Return a download of coverage articles."""
    numbers = range(50_000, 50_000 + _ARTICLES)
    tables = {
        "article": (
            _ARTICLE_COLUMNS,
            [f"{n},7,6,Made up,2019-10-01,,,A,2026-11-05,,,A{n}" for n in numbers],
        ),
        "article_x_hcpc_code": (
            "article_id,article_version,hcpc_code_id,hcpc_code_version,hcpc_code_group,range,last_updated",
            [f"{n},7,{LISTED[(n * 7 + k) % len(LISTED)]},90,1,N,2026-11-05"
             for n in numbers for k in range(_PROCEDURES_OF_ONE)],
        ),
        "article_x_icd10_covered": (
            "article_id,article_version,icd10_code_id,icd10_code_version,icd10_covered_group,range,last_updated",
            [f"{n},7,{DIAGNOSES[(n * 31 + k * 17) % len(DIAGNOSES)]},12,1,N,2026-11-05"
             for n in numbers for k in range(_DIAGNOSES_OF_ONE)],
        ),
        "article_x_icd10_noncovered": (
            "article_id,article_version,icd10_code_id,icd10_code_version,icd10_noncovered_group,range,last_updated",
            [],
        ),
        "article_x_contractor": (
            "article_id,article_version,article_type,contractor_id,contractor_type_id,contractor_version,last_updated",
            [],
        ),
    }  # fmt: skip
    members = [(f"{_FOLDER}{name}.csv", [headings, *rows]) for name, (headings, rows) in tables.items()]
    return _made(coverage_articles.SYSTEM, members)


_ARTICLE_COLUMNS: Final = (
    "article_id,article_version,article_type,title,article_eff_date,article_end_date,description,status,last_updated,"
    "article_rev_end_date,date_retired,display_id"
)
_FEE_COLUMNS: Final = (
    "HCPCS,MOD,DESCRIPTION,CODE,PAYMENT,RVU,PE RVU,INDICATOR,PE RVU,INDICATOR,RVU,TOTAL,TOTAL,IND,DAYS,OP,OP,OP,PROC,"
    "SURG,SURG,SURG,SURG,IND,BASE,FACTOR,PROCEDURES,FLAG,INDICATOR,AMOUNT,AMOUNT,AMOUNT"
)
_FEE_TITLE: Final = ",,2026 National Physician Fee Schedule Relative Value File October Release" + "," * 29


def _fee(code: str) -> str:
    said = f"{code},,made up,A,,1.30,1.33,,0.56,,0.10,0,0,0,XXX,0.10,0.80,0.10,2,1,0,1,0,1,43235,33.4009,"
    return f"{said}09,0,99,0.00,0.00,0.00"


def _level_2(code: str) -> str:
    fields = {1: code, 6: "00100", 11: "3", 12: "Made up", 92: "Made up", 230: "C", 269: "20110101", 277: "20110101"}
    line = bytearray(b" " * 293)
    for begin, value in {**fields, 293: "N"}.items():
        line[begin - 1 : begin - 1 + len(value)] = value.encode()
    return line.decode()


def _quoted(cells: Iterable[str]) -> str:
    return ",".join(f'"{cell}"' for cell in cells)


def _built(system: System[Any], name: str, lines: Iterable[str]) -> Built:
    return _made(system, [(name, lines)])


def _made(system: System[Any], files: Iterable[tuple[str, Iterable[str]]]) -> Built:
    layout = next(each for each in LAYOUTS if each.system is system)
    members = [Member(name=name, lines=(f"{line}\r\n".encode() for line in lines)) for name, lines in files]
    return layout.build(members, Stated(release="made up", effective_from=SINCE))
