"""What one provider billed for a patient on one day: the lines of an encounter, and those of others beside them.

Owns: which lines count together, and the pair edits between them. Edits ask for the same patient, provider and day,
across claims. Refuses: opinions; those are `rules/`.
**Source**: Medicare NCCI Policy Manual, chapter I, sections A and V.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from itertools import islice

from msgspec import Struct

from services.validation.domain.facts import Facts
from services.validation.domain.tables import Told
from shared.codesets.edition import TableNotLoaded
from shared.codesets.ncci_ptp import PairEdit
from shared.events.coding import CodedLine


class Service(Struct, frozen=True, kw_only=True, gc=False):
    """A line as it counts on its day.

    **Shape**: no `encounter_id`: it is one of the encounter that is scrubbed; `under_way`: a payer has that of another.
    """

    encounter_id: str | None = None
    line_no: int
    code: str
    modifiers: tuple[str, ...]
    units: int
    service_from_on: date
    service_to_on: date
    under_way: bool = False

    @property
    def units_a_day(self) -> int:
        """Return the units of each day of the line, in whole units.

        **Source**: CMS transmittal 1421 (change request 8853): units divided by the days of the span, rounded.
        """
        days = (self.service_to_on - self.service_from_on).days + 1
        return self.units if days <= 1 else (2 * self.units + days) // (2 * days)

    @property
    def place(self) -> str:
        """Return where the line stands, as findings write it."""
        return f"line {self.line_no}" + ("" if self.encounter_id is None else f" of encounter {self.encounter_id}")


class Pair(Struct, frozen=True, kw_only=True, gc=False):
    """Two services of a day that an edit speaks of. **Shape**: at least one of them is of this encounter."""

    column1: Service
    column2: Service
    edit: PairEdit
    edition: str

    @property
    def own(self) -> Service:
        """Return the line of this encounter: the one that is not paid, if both are."""
        return self.column1 if self.column1.encounter_id is None and self.column2.encounter_id else self.column2


def services_of(facts: Facts) -> tuple[Service, ...]:
    """Return the lines of an encounter, then those of others that the same provider rendered on the same days."""
    own = tuple(service_of(line, None) for line in facts.codes.lines)
    if not facts.same_day or facts.npi is None:
        return own
    days = {service.service_from_on for service in own}
    others = (
        service_of(other.line, other.encounter_id, under_way=other.under_way)
        for other in facts.same_day
        if other.npi == facts.npi and other.line.service_from_on in days
    )
    return (*own, *others)


PairOf = Callable[[str, str, date], Told[PairEdit] | TableNotLoaded | None]


def pairs_of(services: tuple[Service, ...], pair_of: PairOf) -> tuple[tuple[Pair, ...], tuple[TableNotLoaded, ...]]:
    """Return the edits between services of a day, and the tables that were not there to ask."""
    if len(services) < 2:  # noqa: PLR2004 (it takes two)
        return (), ()
    pairs: list[Pair] = []
    gaps: dict[TableNotLoaded, None] = {}
    for column1, column2 in _couples(services):
        found = pair_of(column1.code, column2.code, column1.service_from_on)
        if isinstance(found, TableNotLoaded):
            gaps[found] = None
        elif found is not None:
            pairs.append(Pair(column1=column1, column2=column2, edit=found.row, edition=found.edition))
    return tuple(pairs), tuple(gaps)


def _couples(services: tuple[Service, ...]) -> Iterator[tuple[Service, Service]]:
    """Yield two services of one day in both orders, where one of them is of this encounter."""
    for at, one in enumerate(services):
        if one.encounter_id is not None:
            return
        for other in _others(one, islice(services, at + 1, None)):
            yield one, other
            yield other, one


def _others(one: Service, services: Iterable[Service]) -> Iterator[Service]:
    return (each for each in services if each.service_from_on == one.service_from_on and each.code != one.code)


def service_of(line: CodedLine, encounter_id: str | None, *, under_way: bool = False) -> Service:
    """Return a line as it counts on its day. **Shape**: no `encounter_id`: of the encounter that is scrubbed."""
    return Service(
        encounter_id=encounter_id,
        line_no=line.line_no,
        code=line.procedure_code,
        modifiers=line.modifiers,
        units=line.units,
        service_from_on=line.service_from_on,
        service_to_on=line.service_to_on,
        under_way=under_way,
    )
