"""The kind of work of a provider is a code of the taxonomy."""

from collections.abc import Iterator
from typing import Final, assert_never

from services.validation.domain.rule import Failure, Result, Rule, not_loaded
from services.validation.domain.subject import ScrubSubject
from shared.codesets.edition import MoreDigitsNeeded, NotValidOnDate, TableNotLoaded, UnknownCode, Valid


def check(subject: ScrubSubject) -> Iterator[Result]:
    """Yield each taxonomy code that the list of the day lacks; then the gap, with all codes, where there is no list."""
    gaps: dict[TableNotLoaded, list[str]] = {}
    for role, taxonomy in subject.taxonomies:
        field, inputs = f"providers/{role}/taxonomy", (taxonomy.code, str(subject.service_on))
        match taxonomy.answer:
            case Valid():
                continue
            case TableNotLoaded() as answer:
                gaps.setdefault(answer, []).append(taxonomy.code)
            case UnknownCode(edition) | MoreDigitsNeeded(edition) | NotValidOnDate(edition):
                yield Failure(field=field, inputs=inputs, edition=edition.name)
            case _:
                assert_never(taxonomy.answer)
    for answer, codes in gaps.items():
        yield not_loaded(answer, field="providers", inputs=tuple(dict.fromkeys(codes)))


TAXONOMY_KNOWN: Final = Rule(
    id="taxonomy_known",
    version=1,
    about="The taxonomy codes of the rendering and the billing provider, where the master data has one, are on the list"
    " in force; the list is the user's own, since it may not ship.",
    citation="005010X222A1, loops 2000A and 2310B, PRV03 provider taxonomy code",
    source="NUCC Health Care Provider Taxonomy code set, judged by membership and never by shape",
    severity="error",
    owner="front-desk",
    mend="Enter the provider with a taxonomy code that is in force.",
    check=check,
    applies=lambda subject: bool(subject.taxonomies) and bool(subject.coverages),
)
