"""The NPIs of whoever rendered and bills are registered, in use, and of the right kind."""

from collections.abc import Iterator
from typing import Final, assert_never

from services.validation.domain.rule import Failure, Result, Rule, not_loaded
from services.validation.domain.subject import Registered, ScrubSubject
from shared.codesets import nppes
from shared.codesets.edition import TableNotLoaded, UnknownCode

_KINDS: Final = {"person": nppes.EntityType.INDIVIDUAL, "organization": nppes.EntityType.ORGANIZATION}


def check(subject: ScrubSubject) -> Iterator[Result]:
    """Yield each NPI that the registry does not know, or knows otherwise; then the gap, if there is none."""
    gaps: dict[TableNotLoaded, list[str]] = {}
    for registered in subject.registered:
        field = f"providers/{registered.role}"
        inputs: tuple[str, ...] = (registered.npi, str(subject.service_on))
        match registered.found:
            case TableNotLoaded() as answer:
                gaps.setdefault(answer, []).append(registered.npi)
            case UnknownCode(edition):
                mend = "Check the NPI with the registry: it may have been given out after the edition that is loaded."
                yield Failure(field=field, inputs=inputs, edition=edition.name, severity="warning", mend=mend)
            case nppes.Provider() as provider:
                yield from _of_known(registered, provider, subject)
            case _:
                assert_never(registered.found)
    for answer, npis in gaps.items():
        yield not_loaded(answer, field="providers", inputs=tuple(npis))


def _of_known(registered: Registered, provider: nppes.Provider, subject: ScrubSubject) -> Iterator[Failure]:
    field, edition = f"providers/{registered.role}", provider.edition.name
    if not provider.active(subject.service_on):
        inputs = (registered.npi, str(subject.service_on), f"deactivated {provider.deactivated}")
        yield Failure(field=field, inputs=inputs, edition=edition)
    elif provider.entity_type not in {None, _KINDS[registered.kind]}:
        yield Failure(
            field=f"{field}/kind",
            inputs=(registered.npi, registered.kind),
            edition=edition,
            severity="warning",
            mend="Enter the provider as the registry has it, a person or an organization.",
        )


NPI_REGISTERED: Final = Rule(
    id="npi_registered",
    version=1,
    about="The NPIs of the rendering and the billing provider were not deactivated on the first day of service (error);"
    " the registry knows them, and as a person or an organization as the master data does (warning: it is of one day,"
    " which the edition names).",
    citation="45 CFR 162.408 (National Provider System) and 162.410(a)",
    source="NPPES downloadable file of the month",
    severity="error",
    owner="front-desk",
    mend="Bill with an NPI that is in use, or have it reactivated.",
    check=check,
    applies=lambda subject: bool(subject.registered) and bool(subject.coverages),
)
