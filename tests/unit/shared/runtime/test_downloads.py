"""Downloads of prices, coverage articles and providers, archives as they are published: each becomes its own table."""

import io
import zipfile
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import pytest

from shared.codesets import clfs, coverage_articles, gpci, mpfs, nppes
from shared.codesets.edition import Interval
from shared.codesets.official import Member, Stated
from shared.codesets.systems import LAYOUTS
from shared.runtime.official_files import built, groups_in
from tests.support.coverage_articles import members as articles
from tests.unit.shared.codesets import test_clfs, test_coverage_articles, test_gpci, test_nppes
from tests.unit.shared.codesets.fee_schedule_files import QUALIFYING, member, row

PRICES = [
    member([row("99213")]),
    member([row("99213", factor="33.5675")], name=QUALIFYING),
    test_gpci.member(test_gpci.HEADINGS + test_gpci.ROWS + test_gpci.FOOTNOTES),
]
FEES = [test_clfs.member(*test_clfs.ROWS)]
PROVIDERS = [test_nppes.member(test_nppes.DOCTOR)]
ARTICLES = articles(test_coverage_articles.TABLES)
OF_OTHERS = {
    "ANES2026.csv": "Contractor,Locality,Locality Name,2026 Anesthesia CF\r\n10112,00,ALABAMA,20.01\r\n",
    "OPPSCAP_Oct.csv": "HCPCS,MOD,PROCSTAT,CARRIER,LOCALITY,FACILITY PRICE,NON-FACILITY PRICE\r\n",
    "othername_pfile_20050523-20261108.csv": '"NPI","Provider Other Organization Name"\r\n',
    "state_lookup.csv": '"state_id","state_abbrev"\r\n',
    "readme.txt": "Dear reader",
}


def content(of: Member) -> bytes:
    return b"".join(of.lines)


def archive(members: Iterable[Member]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as written:
        for each in members:
            written.writestr(each.name.rpartition("/")[2], content(each))
        for name, text in OF_OTHERS.items():
            written.writestr(name, text)
    return file.getvalue()


def nested(members: Iterable[Member]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as written:
        written.writestr("current_article_csv.zip", archive(members))
    return file.getvalue()


@pytest.mark.parametrize("each", [*PRICES, *FEES, *PROVIDERS, *ARTICLES], ids=lambda each: each.name.rpartition("/")[2])
def test_a_file_has_one_layout(each: Member) -> None:
    assert sum(layout.recognises(each.name, content(each)[:8_192]) for layout in LAYOUTS) == 1


def test_each_download_becomes_its_tables(tmp_path: Path) -> None:
    (tmp_path / "rvu26d-updated-08-26-2026.zip").write_bytes(archive(PRICES))
    (tmp_path / "26clabq4.zip").write_bytes(archive(FEES))
    (tmp_path / "NPPES_Data_Dissemination_November_2026_V2.zip").write_bytes(archive(PROVIDERS))
    (tmp_path / "current_article.zip").write_bytes(nested(ARTICLES))
    groups, others = groups_in(sorted(tmp_path.iterdir()))
    editions = {group.layout.system.name: built(group, Stated()).edition for group in groups}
    quarter = Interval(date(2026, 10, 1), date(2026, 12, 31))

    assert {name: (edition.release, edition.covers) for name, edition in editions.items()} == {
        mpfs.SYSTEM.name: ("2026Q4", quarter),
        gpci.SYSTEM.name: ("2026", Interval(date(2026, 1, 1), date(2026, 12, 31))),
        clfs.SYSTEM.name: ("2026Q4", quarter),
        nppes.SYSTEM.name: ("2026-11-08", Interval(date(2005, 5, 23), date(2026, 12, 31))),
        coverage_articles.SYSTEM.name: ("2026-11-05", quarter),
    }
    assert all(edition.complete for edition in editions.values())
    assert len(others) == 4 * len(OF_OTHERS)
