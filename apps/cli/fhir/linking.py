"""Records to whole visits: references are resolved, and what belongs to a visit is put into it. Pure.

Owns: who refers to whom, and which coverages a visit has. A visit of which a part is missing or unreadable is held back
as a whole, for half of a record must not be billed; once the part is mended, the same import takes it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final
from urllib.parse import unquote

from apps.cli.fhir.records import (
    ConditionRecord,
    EncounterRecord,
    Failure,
    Mapped,
    NoteRecord,
    Place,
    ProcedureRecord,
)
from shared.events.registration import FilingOrder

_FILING_ORDERS: Final[tuple[FilingOrder, ...]] = ("primary", "secondary", "tertiary")


class Directory:
    """Which resource a reference means: by type and id, fullUrl, absolute address, or a search for its number."""

    def __init__(self, resources: Iterable[Mapped]) -> None:
        self._own: dict[str, str] = {}
        for each in resources:
            for name in (each.names.own, *each.names.others):
                self._own.setdefault(name, each.names.own)

    def find(self, reference: str | None) -> str | None:
        """Return the own name of what a reference means, None where it is not in this import."""
        if reference is None:
            return None
        plain = reference.partition("/_history/")[0]
        tail = "/".join(plain.rsplit("/", 2)[-2:])
        return next((self._own[each] for each in (plain, unquote(plain), tail) if each in self._own), None)


@dataclass(slots=True)
class _Parts:
    conditions: dict[str, ConditionRecord] = field(default_factory=dict)
    procedures: list[ProcedureRecord] = field(default_factory=list)
    notes: list[NoteRecord] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Visit:
    """An encounter with everything that belongs to it.

    **Shape**: `patient`, `rendering` and `billing` are own names of resources, None where they are not in this import.
    Each procedure comes with its pointers, which count conditions from 1.
    """

    place: Place
    encounter: EncounterRecord
    patient: str
    rendering: str | None
    billing: str | None
    conditions: tuple[ConditionRecord, ...]
    procedures: tuple[tuple[ProcedureRecord, tuple[int, ...]], ...]
    notes: tuple[NoteRecord, ...]


@dataclass(frozen=True, slots=True)
class Insurance:
    """A coverage that registration knows."""

    coverage_id: str
    filing_order: FilingOrder
    effective_from_on: date
    effective_to_on: date | None


def linked(resources: Sequence[Mapped], failures: Sequence[Failure]) -> tuple[tuple[Visit, ...], tuple[Failure, ...]]:
    """Return every visit that is whole, and a failure for each other one and for parts that belong to no visit."""
    linker = _Linker(resources)
    held_back = {linker.directory.find(reference) for failure in failures for reference in failure.belongs_to} - {None}
    visits: list[Visit] = []
    lost = linker.lost
    for each in resources:
        for record in each.records:
            if not isinstance(record, EncounterRecord):
                continue
            patient = linker.directory.find(record.patient)
            if patient is None:
                lost.append(Failure(each.place, each.resource_type, "the patient is not in this import"))
            elif not held_back.isdisjoint({each.names.own, patient}):
                reason = "a part of the visit or a coverage of the patient could not be read"
                lost.append(Failure(each.place, each.resource_type, reason))
            else:
                visits.append(linker.visit(each, record, patient))
    return tuple(visits), tuple(lost)


def coverages_on(day: date, insurances: Iterable[Insurance]) -> tuple[str, ...]:
    """Return the coverages that a visit is billed to, in filing order, the newest for each place.

    Where none holds on the day, those that had ended before it: the desk had seen that card, and validation says what
    is wrong with it. Only who never had a coverage is a self-pay patient. **Shape**: ids.
    """
    begun = sorted(
        (each for each in insurances if each.effective_from_on <= day),
        key=lambda each: (each.effective_from_on, each.coverage_id),
    )
    holding = [each for each in begun if each.effective_to_on is None or day <= each.effective_to_on]
    newest = {each.filing_order: each.coverage_id for each in holding or begun}
    return tuple(newest[place] for place in _FILING_ORDERS if place in newest)


class _Linker:
    """Everything that visits are put together from; `lost` are parts that belong to no visit of this import."""

    def __init__(self, resources: Sequence[Mapped]) -> None:
        self.directory = Directory(resources)
        self.lost: list[Failure] = []
        self._encounters = {each.names.own for each in resources if each.resource_type == "Encounter"}
        self._parts: defaultdict[str, _Parts] = defaultdict(_Parts)
        self._known: dict[str, ConditionRecord] = {}
        for each in resources:
            for record in each.records:
                if isinstance(record, ConditionRecord):
                    self._known[each.names.own] = record
                if isinstance(record, ConditionRecord | ProcedureRecord | NoteRecord):
                    self._sort(each, record)

    def visit(self, resource: Mapped, encounter: EncounterRecord, patient: str) -> Visit:
        """Return an encounter with its parts."""
        parts = self._parts[resource.names.own]
        procedures = [each for each in parts.procedures if each.counts]
        conditions = self._conditions(encounter, parts, procedures)
        order = {name: number for number, name in enumerate(conditions, start=1)}
        return Visit(
            place=resource.place,
            encounter=encounter,
            patient=patient,
            rendering=self.directory.find(encounter.rendering),
            billing=self.directory.find(encounter.billing),
            conditions=tuple(conditions.values()) or encounter.reasons,
            procedures=tuple((each, self._pointers(each, order)) for each in procedures),
            notes=tuple(each for each in parts.notes if each.text),
        )

    def _sort(self, resource: Mapped, record: ConditionRecord | ProcedureRecord | NoteRecord) -> None:
        references = record.encounters if isinstance(record, NoteRecord) else (record.encounter,)
        if isinstance(record, ProcedureRecord) and record.encounter is None:
            self.lost.append(Failure(resource.place, resource.resource_type, "the service names no visit"))
        for reference in references:
            encounter = self.directory.find(reference)
            if encounter in self._encounters:
                self._add(self._parts[encounter], resource.names.own, record)
            elif reference is not None:
                self.lost.append(Failure(resource.place, resource.resource_type, "the visit is not in this import"))

    def _add(self, parts: _Parts, name: str, record: ConditionRecord | ProcedureRecord | NoteRecord) -> None:
        match record:
            case ConditionRecord():
                parts.conditions[name] = record
            case ProcedureRecord():
                parts.procedures.append(record)
            case NoteRecord():
                parts.notes.append(record)

    def _conditions(
        self, encounter: EncounterRecord, parts: _Parts, procedures: Sequence[ProcedureRecord]
    ) -> dict[str, ConditionRecord]:
        """Return the conditions of a visit by name: as it ranks them, as recorded in it, then what services were for.

        A service may be for a condition of an earlier visit; the record says so, so it is a condition of this one too.
        """
        ranked = [self.directory.find(reference) for reference in encounter.diagnoses]
        reasons = [self.directory.find(reference) for each in procedures for reference in each.reasons]
        found = dict.fromkeys(name for name in [*ranked, *parts.conditions, *reasons] if name is not None)
        return {name: self._known[name] for name in found if name in self._known and self._known[name].counts}

    def _pointers(self, procedure: ProcedureRecord, order: Mapping[str, int]) -> tuple[int, ...]:
        found = (order.get(self.directory.find(reason) or "") for reason in procedure.reasons)
        return tuple(dict.fromkeys(number for number in found if number is not None))
