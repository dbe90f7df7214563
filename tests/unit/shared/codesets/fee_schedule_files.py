"""Small files of the physician fee schedule in the official layout, self-made."""

from collections.abc import Iterable, Sequence
from typing import Final

from shared.codesets.loaders.mpfs import LAYOUTS
from shared.codesets.mpfs import SYSTEM, FeeSchedule
from shared.codesets.official import Member, Stated

USUAL: Final = "rvu26d-updated-08-26-2026.zip/PPRRVU2026_Oct_nonQPP.csv"
QUALIFYING: Final = "rvu26d-updated-08-26-2026.zip/PPRRVU2026_Oct_QPP.csv"
LAST_HEADINGS: Final = (
    "HCPCS,MOD,DESCRIPTION,CODE,PAYMENT,RVU,PE RVU,INDICATOR,PE RVU,INDICATOR,RVU,TOTAL,TOTAL,IND,DAYS,OP,OP,OP,PROC,"
    "SURG,SURG,SURG,SURG,IND,BASE,FACTOR,PROCEDURES,FLAG,INDICATOR,AMOUNT,AMOUNT,AMOUNT\r\n"
)
HEADINGS: Final = (
    ",,2026 National Physician Fee Schedule Relative Value File October Release" + "," * 29 + "\r\n"
    ",,CPT codes and descriptions only are copyright of their owner" + "," * 29 + "\r\n"
    + "," * 31 + "\r\n"
    ",,RELEASED 08/26/2026" + "," * 29 + "\r\n"
    + ",,,STATUS,MEDICARE,WORK,NON-FAC,NA,FACILITY,NA,MP" + "," * 21 + "\r\n"
    + LAST_HEADINGS
)  # fmt: skip
PRICING_COLUMN: Final = 23


def row(  # noqa: PLR0913 (a row has as many columns)
    code: str,
    values: Sequence[str] = ("1.30", "1.33", "0.56", "0.10"),
    *,
    modifier: str = "",
    status: str = "A",
    components: str = "0",
    days: str = "XXX",
    factor: str = "33.4009",
    cap: Sequence[str] = ("0.00", "0.00", "0.00"),
    office: str = "",
    facility: str = "",
) -> str:
    work, office_expense, facility_expense, malpractice = values
    cells = [code, modifier, '"a text, not kept"', status, "", work, office_expense, office, facility_expense, facility]
    cells += [
        malpractice,
        "0",
        "0",
        components,
        days,
        "0.10",
        "0.80",
        "0.10",
        "2",
        "1",
        "0",
        "1",
        "0",
        "1",
        "43235",
        factor,
    ]
    return ",".join([*cells, "09", "0", "99", *cap]) + "\r\n"


def member(rows: Iterable[str], *, name: str = USUAL, headings: str = HEADINGS) -> Member:
    return Member(name=name, lines=(headings + "".join(rows)).encode("latin-1").splitlines(keepends=True))


def without_pricing_column(line: str) -> str:
    """Return a line of a file as before the column came."""
    cells = line.replace('"a text, not kept"', "text").split(",")
    return ",".join(cells[:PRICING_COLUMN] + cells[PRICING_COLUMN + 1 :])


def schedule(*rows: str, qualifying: Iterable[str] | None = None, stated: Stated | None = None) -> FeeSchedule:
    """Return the table of a file, and of the one for qualifying participants: without `qualifying`, the same rows."""
    second = rows if qualifying is None else qualifying
    members = [member(rows), member(second, name=QUALIFYING)]
    return SYSTEM.read(LAYOUTS[0].build(members, stated or Stated()).table)
