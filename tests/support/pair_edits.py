"""Small files of NCCI pair edits in the layout that CMS publishes, and tables of them."""

import zipfile
from datetime import date
from pathlib import Path

from shared.codesets.loaders.ncci_ptp import LAYOUTS
from shared.codesets.official import Built, Member, Stated

HEADINGS = (
    "CPT only copyright of its owner\t\t\t\t\t\t\r\n"
    "Column1/Column2 Edits\t\t\t\t\t\t\r\n"
    "Column 1\tColumn 2\t*=in existence\tEffective\tDeletion\tModifier\tPTP Edit Rationale\r\n"
    "\t\tprior to 1996\tDate\tDate\t0=not allowed\t\r\n"
    "\t\t\t\t*=no data\t1=allowed\t\r\n"
    "\t\t\t\t\t9=not applicable\t\r\n"
)
ARCHIVE = "medicare-ncci-2026q4-practitioner-ptp-edits-ccipra-v323r0-f{0}.zip"
NAMED = ARCHIVE + "/ccipra-v323r0-f{0}.TXT"


def row(first: str, second: str, since: str, until: str = "*", indicator: str = "1") -> str:
    """Return one row of a file."""
    return f"{first}\t{second}\t\t{since}\t{until}\t{indicator}\tMore extensive procedure\r\n"


def member(*rows: str, name: str = "ccipra.txt", headings: str = HEADINGS) -> Member:
    """Return a file of rows."""
    return Member(name=name, lines=(headings + "".join(rows)).encode("latin-1").splitlines(keepends=True))


def built(*rows: str, first: date = date(1996, 1, 1), last: date | None = None) -> Built:
    """Return the table of rows, for these days."""
    stated = Stated(release="example", effective_from=first, effective_to=last)
    return LAYOUTS[0].build([member(*rows)], stated)


def archives(folder: Path, *rows: str) -> list[Path]:
    """Write the four archives of a quarter, with the rows in the first; return their paths."""
    paths = [folder / ARCHIVE.format(number) for number in range(1, 5)]
    for number, path in enumerate(paths, start=1):
        text = HEADINGS + ("".join(rows) if number == 1 else row(f"2000{number}", "99213", "20200101"))
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(f"ccipra-v323r0-f{number}.TXT", text.encode("latin-1"))
            archive.writestr("readme.txt", "Read me first")
    return paths
