"""Segments that many guides write alike: NM1, N3, N4, PER, PRV, REF, TRN, DTP, C003 and C022 composites.

Owns: their values, `read_…` from elements, `write_…` into a set. Refuses: which of them a loop may hold. Codes are kept
as they are, known or not; what identifies a person is not shown by `repr`. Next: `sets/`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from shared.x12.elements import days
from shared.x12.hierarchy import Portion
from shared.x12.party import Address
from shared.x12.writer import CannotBeWritten, SetWriter, identifier, required, sanitize, written_day

_MODIFIERS_MAX: Final = 4
_NUMBERS_MAX: Final = 3  # of a PER
_POSTAL_CODE_MIN: Final = 3  # N403


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """Who somebody is (NM1). **Shape**: `role` NM101; `kind` 1 for a person, 2 otherwise; `name` the last one of it."""

    role: str
    name: str = field(default="", repr=False)
    kind: str = "2"
    first_name: str = field(default="", repr=False)
    middle_name: str = field(default="", repr=False)
    prefix: str = field(default="", repr=False)
    suffix: str = field(default="", repr=False)
    id_qualifier: str = ""
    id: str = field(default="", repr=False)
    relationship: str = ""

    @property
    def npi(self) -> str:
        """Return the NPI, nothing where another number or none identifies it."""
        return self.id if self.id_qualifier == "XX" else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Whom to ask (PER). **Shape**: `numbers` as (qualifier, number), such as ("TE", "8005551213"), at most three."""

    name: str = ""
    numbers: tuple[tuple[str, str], ...] = ()
    function: str = "IC"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderRole:
    """What a provider does here (PRV). **Shape**: `role` PRV01; `qualifier` PXC with a taxonomy as `number`."""

    role: str
    qualifier: str = ""
    number: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A number by which somebody knows something (REF)."""

    qualifier: str
    number: str = field(repr=False)
    description: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """A number that the answer brings back (TRN). **Shape**: `kind` 1 in what is asked, 2 in what is answered."""

    number: str
    kind: str = "1"
    originator: str = ""
    subdivision: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A day or days (DTP). **Shape**: both inclusive; `last` is `first` where one day is meant."""

    qualifier: str
    first: date
    last: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Procedure:
    """A procedure or product (C003). **Shape**: `qualifier` such as HC; `through` ends a range of codes."""

    code: str
    qualifier: str = "HC"
    modifiers: tuple[str, ...] = ()
    description: str = ""
    through: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """A diagnosis (C022). **Shape**: `qualifier` ABK for the principal ICD-10 code, ABF for others; no dot."""

    qualifier: str
    code: str


def read_entity(nm1: Sequence[str]) -> Entity:
    """Return what an NM1 says."""
    return Entity(
        role=nm1[1],
        kind=nm1[2],
        name=nm1[3],
        first_name=nm1[4],
        middle_name=nm1[5],
        prefix=nm1[6],
        suffix=nm1[7],
        id_qualifier=nm1[8],
        id=nm1[9],
        relationship=nm1[10],
    )


def write_entity(out: SetWriter, entity: Entity) -> None:
    """Append an NM1. **Errors**: `CannotBeWritten`, also for a number without its kind."""
    if not entity.role or bool(entity.id) != bool(entity.id_qualifier):
        raise CannotBeWritten("an entity has a role, and both or neither of a number and its kind")
    out.add(
        "NM1",
        entity.role,
        entity.kind,
        sanitize(entity.name),
        sanitize(entity.first_name, length_max=35),
        sanitize(entity.middle_name, length_max=25),
        sanitize(entity.prefix, length_max=10),
        sanitize(entity.suffix, length_max=10),
        entity.id_qualifier,
        identifier(entity.id, length_max=80, required=False),
        entity.relationship,
    )


def read_address(portion: Portion) -> Address | None:
    """Return the address of a portion, None where it has neither N3 nor N4."""
    if not portion.has("N3", "N4"):
        return None
    n3, n4 = portion.first("N3"), portion.first("N4")
    return made_address(n3, n4)


def made_address(n3: Sequence[str], n4: Sequence[str]) -> Address:
    """Return what an N3 and an N4 say, either of them blank where it is not there."""
    return Address(
        line=n3[1], line_2=n3[2], city=n4[1], state=n4[2], postal_code=n4[3], country=n4[4], subdivision=n4[7]
    )


def write_address(out: SetWriter, address: Address | None, *, whole: bool = False) -> None:
    """Append N3 and N4, as far as they are there. **Errors**: `CannotBeWritten`.

    **Shape**: `whole` where a guide wants street, city, and at home the ZIP.
    """
    if address is None:
        return
    text = required if whole else sanitize
    line = text(address.line, length_max=55)
    if line:
        out.add("N3", line, sanitize(address.line_2, length_max=55))
    if 0 < len(address.postal_code) < _POSTAL_CODE_MIN:
        raise CannotBeWritten("a postal code has three characters or more")
    place = (
        text(address.city, length_max=30),
        sanitize(address.state),
        identifier(address.postal_code, length_max=15, required=whole and not address.country),
    )
    if address.country or address.subdivision:
        country = identifier(address.country, length_max=3, required=whole)
        out.add("N4", *place, country, "", "", identifier(address.subdivision, length_max=3, required=False))
    elif any(place):
        out.add("N4", *place)


def read_contact(per: Sequence[str]) -> Contact:
    """Return what a PER says."""
    numbers = tuple((per[at], per[at + 1]) for at in (3, 5, 7) if per[at] or per[at + 1])
    return Contact(function=per[1], name=per[2], numbers=numbers)


def write_contacts(out: SetWriter, contacts: Iterable[Contact]) -> None:
    """Append a PER each. **Errors**: `CannotBeWritten`."""
    for contact in contacts:
        if len(contact.numbers) > _NUMBERS_MAX:
            raise CannotBeWritten("a contact has at most three numbers")
        numbers = [part for kind, number in contact.numbers for part in (kind, identifier(number, length_max=256))]
        out.add("PER", contact.function, sanitize(contact.name), *numbers)


def read_provider_role(prv: Sequence[str]) -> ProviderRole | None:
    """Return what a PRV says, None where there is none."""
    return ProviderRole(role=prv[1], qualifier=prv[2], number=prv[3]) if prv[0] else None


def write_provider_role(out: SetWriter, provider: ProviderRole | None) -> None:
    """Append a PRV, where there is one."""
    if provider:
        number = identifier(provider.number, length_max=50, required=False)
        out.add("PRV", provider.role, provider.qualifier, number)


def read_references(portion: Portion) -> tuple[Reference, ...]:
    """Return every REF of a portion."""
    return tuple(Reference(qualifier=ref[1], number=ref[2], description=ref[3]) for ref in portion.all("REF"))


def write_references(out: SetWriter, references: Iterable[Reference]) -> None:
    """Append a REF each. **Errors**: `CannotBeWritten`."""
    for reference in references:
        number = identifier(reference.number, length_max=50)
        out.add("REF", reference.qualifier, number, sanitize(reference.description, length_max=80))


def number_of(references: Iterable[Reference], qualifier: str) -> str:
    """Return the first number of a kind, nothing where there is none."""
    return next((reference.number for reference in references if reference.qualifier == qualifier), "")


def read_traces(portion: Portion) -> tuple[Trace, ...]:
    """Return every TRN of a portion."""
    return tuple(map(read_trace, portion.all("TRN")))


def read_trace(trn: Sequence[str]) -> Trace:
    """Return what a TRN says."""
    return Trace(kind=trn[1], number=trn[2], originator=trn[3], subdivision=trn[4])


def write_traces(out: SetWriter, traces: Iterable[Trace]) -> None:
    """Append a TRN each. **Errors**: `CannotBeWritten`."""
    for trace in traces:
        originator = identifier(trace.originator, length_max=10, required=False)
        subdivision = identifier(trace.subdivision, length_max=50, required=False)
        out.add("TRN", trace.kind, identifier(trace.number, length_max=50), originator, subdivision)


def read_periods(portion: Portion) -> tuple[Period, ...]:
    """Return every DTP of a portion. **Errors**: `NotAnX12Value`."""
    return tuple(map(read_period, portion.all("DTP")))


def read_period(dtp: Sequence[str]) -> Period:
    """Return what a DTP says. **Errors**: `NotAnX12Value`."""
    first, last = days(dtp[2], dtp[3])
    return Period(qualifier=dtp[1], first=first, last=last)


def write_periods(out: SetWriter, periods: Iterable[Period]) -> None:
    """Append a DTP each: one day as D8, more as RD8. **Errors**: `CannotBeWritten` for days that run backwards."""
    for period in periods:
        first, last = written_day(period.first), written_day(period.last)
        if last < first:
            raise CannotBeWritten("a period ends on its first day or later")
        out.add("DTP", period.qualifier, *(("D8", first) if first == last else ("RD8", f"{first}-{last}")))


def read_procedure(parts: Sequence[str]) -> Procedure | None:
    """Return what the parts of a composite say, None where it is empty."""
    if not any(parts):
        return None
    modifiers = tuple(filter(None, parts[2:6]))
    return Procedure(qualifier=parts[0], code=parts[1], modifiers=modifiers, description=parts[6], through=parts[7])


def written_procedure(procedure: Procedure | None) -> tuple[str, ...]:
    """Return the composite of a procedure, empty for None. **Errors**: `CannotBeWritten`."""
    if procedure is None:
        return ()
    if len(procedure.modifiers) > _MODIFIERS_MAX:
        raise CannotBeWritten("a procedure has at most four modifiers")
    code = identifier(procedure.code, length_max=48)
    modifiers = (*procedure.modifiers, *[""] * (_MODIFIERS_MAX - len(procedure.modifiers)))
    return (procedure.qualifier, code, *modifiers, sanitize(procedure.description, length_max=80), procedure.through)
