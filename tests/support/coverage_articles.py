"""The tables of a download of coverage articles, with a few made-up rows in the official layout."""

from collections.abc import Mapping, Sequence

from shared.codesets.official import Member

ZIP = "current_article.zip/current_article_csv.zip/"
HEADINGS = {
    "article": "article_id,article_version,article_type,title,article_eff_date,article_end_date,description,status,"
    "last_updated,article_rev_end_date,date_retired,display_id",
    "article_x_hcpc_code": "article_id,article_version,hcpc_code_id,hcpc_code_version,hcpc_code_group,range,"
    "last_updated,long_description,short_description",
    "article_x_icd10_covered": "article_id,article_version,icd10_code_id,icd10_code_version,icd10_covered_group,range,"
    "last_updated,sort_order,description,asterisk",
    "article_x_icd10_noncovered": "article_id,article_version,icd10_code_id,icd10_code_version,icd10_noncovered_group,"
    "range,last_updated,sort_order,description,asterisk",
    "article_x_contractor": "article_id,article_version,article_type,contractor_id,contractor_type_id,"
    "contractor_version,last_updated",
    "contractor": "contractor_id,contractor_type_id,contractor_version,contractor_bus_name,contractor_number",
}
Tables = Mapping[str, Sequence[str]]


def article(
    number: int, title: str = "Nerve blocks", *, first: str = "2019-10-01 00:00:00", last: str = "", status: str = "A"
) -> str:
    """Return one row of articles."""
    page = '"<p>A page,\r\nwith ""quotes"" and lines</p>"'
    return f'{number},7,6,"{title}",{first},{last},{page},{status},2026-11-05 10:11:12.130000000,,,A{number}'


def procedure(number: int, code: str, group: str = "1") -> str:
    """Return that an article lists a procedure in a group."""
    return f'{number},7,{code},90,{group},N,2026-11-05,"a text, not kept",short'


def diagnosis(number: int, code: str, group: str = "1") -> str:
    """Return that an article lists a diagnosis in a group."""
    return f'{number},7,{code},12,{group},N,2026-11-05,1,"a text, not kept",N'


def issued(number: int, contractor: str) -> str:
    """Return that a contractor issued an article."""
    return f"{number},7,6,{contractor},9,4,2026-11-05"


def members(tables: Tables) -> list[Member]:
    """Return the tables of one download."""
    found = []
    for name, rows in tables.items():
        content = "\r\n".join([",".join(f'"{each}"' for each in HEADINGS[name].split(",")), *rows, ""])
        found.append(Member(name=f"{ZIP}{name}.csv", lines=content.encode("cp1252").splitlines(keepends=True)))
    return found
