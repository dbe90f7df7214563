"""The run of an import: read, map, link, send; payers and providers, then patients, coverages, encounters.

Owns: the order, how many at a time, and the report. Refuses: to stop for a bad resource. A service that does not answer
does stop it, for every resource would fail for the same reason; started again, the import goes on where it was, since
whatever a service has already it answers with what is there.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Final, Protocol, TypeVar

from apps.cli.fhir.linking import Directory, Insurance, Visit, coverages_on, linked
from apps.cli.fhir.mapping import mapped
from apps.cli.fhir.reader import Found, read
from apps.cli.fhir.records import (
    CoverageRecord,
    Failure,
    ImportReport,
    Mapped,
    PayerRecord,
    PersonRecord,
    Place,
    ProviderRecord,
)
from shared.kernel.errors import KnownError, Rejected, Unavailable

AT_A_TIME: Final = 32
_CHUNK: Final = 500  # resources that are validated on a thread in one go, so that the loop stays alive
Item = TypeVar("Item")
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Stored:
    """What a service says of something that was sent: its id there, and whether it is new."""

    id: str
    created: bool


@dataclass(frozen=True, slots=True)
class InsuredBy:
    """A coverage with its references resolved. **Shape**: `subscriber` where it is not the patient."""

    patient_id: str
    payer_id: str
    coverage: CoverageRecord
    subscriber: PersonRecord | None


@dataclass(frozen=True, slots=True)
class DocumentedVisit:
    """A visit with its references resolved to ids of ours."""

    patient_id: str
    rendering_provider_id: str | None
    billing_provider_id: str | None
    coverage_ids: tuple[str, ...]
    visit: Visit


class Services(Protocol):
    """The services as an import needs them. **Errors** of each: a `KnownError` whose message is the reason."""

    async def add_payer(self, payer: PayerRecord) -> Stored:
        """Let claims be sent to a payer."""

    async def add_provider(self, provider: ProviderRecord) -> Stored:
        """Let somebody render or bill."""

    async def register_patient(self, patient: PersonRecord) -> Stored:
        """Give a person a record."""

    async def add_coverage(self, insured: InsuredBy) -> Stored:
        """Keep what an insurance card says."""

    async def document_encounter(self, documented: DocumentedVisit) -> Stored:
        """Hand over a visit's documentation."""


def no_progress(_stage: str, _done: int, _total: int) -> None:
    """Show nothing."""


async def import_fhir(
    path: Path, services: Services, *, progress: Progress = no_progress, at_a_time: int = AT_A_TIME
) -> ImportReport:
    """Import everything below a path. **Errors**: as `reader.read`; `Unavailable` where a service does not answer."""
    run = _Run(services, progress, at_a_time)
    await run.read(path)
    directory = Directory(run.resources)
    await run.send_organizations()
    await run.send_patients()
    await run.send_coverages(directory)
    await run.send_visits()
    return run.report()


@dataclass(slots=True)
class _Run:
    services: Services
    progress: Progress
    at_a_time: int
    resources: list[Mapped] = field(default_factory=list)
    kept: dict[str, Mapped] = field(default_factory=dict)
    failed: list[Failure] = field(default_factory=list)
    counted: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    created: Counter[str] = field(default_factory=Counter)
    existing: Counter[str] = field(default_factory=Counter)
    payers: dict[str, str] = field(default_factory=dict)
    providers: dict[str, str] = field(default_factory=dict)
    patients: dict[str, str] = field(default_factory=dict)
    insurances: dict[str, list[Insurance]] = field(default_factory=dict)

    async def read(self, path: Path) -> None:
        """Read and map everything."""
        everything = read(path)
        while chunk := await asyncio.to_thread(_mapped_chunk, everything):
            for resource_type, result in chunk:
                self.counted[resource_type] += 1
                self._take(resource_type, result)
            self.progress("read", self.counted.total(), 0)

    def _take(self, resource_type: str, result: Mapped | Failure | None) -> None:
        """Keep a resource; one that two files hold is kept once, and one that contradicts another is a failure."""
        if isinstance(result, Failure):
            self.failed.append(result)
        elif result is None or not result.records:
            self.left_out[resource_type] += 1
        else:
            first = self.kept.setdefault(result.names.own, result)
            if first is result:
                self.resources.append(result)
            elif first.records == result.records:
                self.left_out[resource_type] += 1
            else:
                reason = "another resource has this id and other content"
                self.failed.append(Failure(result.place, resource_type, reason))

    async def send_organizations(self) -> None:
        """Send payers and providers; an organization may be both."""

        async def send(each: Mapped) -> list[Stored]:
            answers = []
            for record in each.records:
                if isinstance(record, PayerRecord):
                    answers.append(await self.services.add_payer(record))
                    self.payers[each.names.own] = answers[-1].id
                elif isinstance(record, ProviderRecord):
                    answers.append(await self.services.add_provider(record))
                    self.providers[each.names.own] = answers[-1].id
            return answers

        await self._send_all("payers and providers", self._of_type("Organization", "Practitioner"), send)

    async def send_patients(self) -> None:
        """Send patients."""

        async def send(each: Mapped) -> list[Stored]:
            answer = await self.services.register_patient(_person(each))
            self.patients[each.names.own] = answer.id
            return [answer]

        await self._send_all("patients", self._of_type("Patient"), send)

    async def send_coverages(self, directory: Directory) -> None:
        """Send coverages; one that is refused holds the visits of its patient back, lest they become self-pay."""
        people = {each.names.own: _person(each) for each in self._of_type("Patient", "RelatedPerson")}

        async def send(each: Mapped) -> list[Stored]:
            coverage = next(record for record in each.records if isinstance(record, CoverageRecord))
            patient = directory.find(coverage.patient) or ""
            insured = self._insured(coverage, patient, directory, people)
            answer = await self.services.add_coverage(insured)
            self.insurances.setdefault(patient, []).append(
                Insurance(answer.id, coverage.filing_order, coverage.effective_from_on, coverage.effective_to_on)
            )
            return [answer]

        await self._send_all("coverages", self._of_type("Coverage"), send)

    async def send_visits(self) -> None:
        """Send encounters with all that belongs to them."""
        visits, lost = linked(self.resources, self.failed)
        self.failed.extend(lost)

        async def send(visit: Visit) -> list[Stored]:
            patient_id = self.patients.get(visit.patient)
            if patient_id is None:
                raise NotLinked("the patient was not imported")
            insurances = self.insurances.get(visit.patient, ())
            documented = DocumentedVisit(
                patient_id=patient_id,
                rendering_provider_id=self.providers.get(visit.rendering or ""),
                billing_provider_id=self.providers.get(visit.billing or ""),
                coverage_ids=coverages_on(visit.encounter.service_from_on, insurances),
                visit=visit,
            )
            return [await self.services.document_encounter(documented)]

        await self._send_all("encounters", visits, send)

    def report(self) -> ImportReport:
        """Return what became of everything."""
        failed = sorted(self.failed, key=lambda each: (each.place.file, each.place.number))
        return ImportReport(
            read=dict(self.counted),
            created=dict(self.created),
            existing=dict(self.existing),
            left_out=dict(self.left_out),
            failed=tuple(failed),
        )

    def _of_type(self, *resource_types: str) -> list[Mapped]:
        return [each for each in self.resources if each.resource_type in resource_types]

    def _insured(
        self, coverage: CoverageRecord, patient: str, directory: Directory, people: dict[str, PersonRecord]
    ) -> InsuredBy:
        patient_id = self.patients.get(patient)
        payer_id = self.payers.get(directory.find(coverage.payer) or "")
        subscriber = people.get(directory.find(coverage.subscriber) or "")
        if patient_id is None:
            raise NotLinked("the beneficiary was not imported")
        if payer_id is None:
            raise NotLinked("the payor is no payer in this import")
        if coverage.relationship == "self":
            subscriber = None
        elif subscriber is None or subscriber.birth_on is None or subscriber.address is None:
            raise NotLinked("the subscriber is not in this import with birth date and address")
        return InsuredBy(patient_id, payer_id, coverage, subscriber)

    async def _send_all(
        self, stage: str, items: Sequence[Item], send: Callable[[Item], Awaitable[list[Stored]]]
    ) -> None:
        """Send many at a time. A refusal is reported and the rest goes on; silence of a service ends the import."""
        waiting, done = iter(items), 0

        async def work() -> None:
            nonlocal done
            for item in waiting:
                place, resource_type = _where(item)
                try:
                    answers = await send(item)
                except Unavailable:
                    raise
                except KnownError as refused:
                    self._refuse(item, place, resource_type, refused)
                else:
                    new = any(answer.created for answer in answers)
                    (self.created if new else self.existing)[resource_type] += 1
                done += 1
                self.progress(stage, done, len(items))

        workers = [asyncio.create_task(work()) for _ in range(min(self.at_a_time, len(items)))]
        try:
            await asyncio.gather(*workers)
        finally:
            for worker in workers:
                worker.cancel()

    def _refuse(self, item: object, place: Place, resource_type: str, refused: KnownError) -> None:
        belongs_to: tuple[str, ...] = ()
        if isinstance(item, Mapped) and isinstance(item.records[0], CoverageRecord):
            belongs_to = (item.records[0].patient,)
        self.failed.append(Failure(place, resource_type, str(refused), belongs_to))


class NotLinked(Rejected):
    """A resource refers to one that is not there, so that it cannot be sent."""

    slug = "import-not-linked"


def _mapped_chunk(everything: Iterator[Found | Failure]) -> list[tuple[str, Mapped | Failure | None]]:
    """Return the next resources, each as its type and what it means."""
    return [
        (each.resource_type, each) if isinstance(each, Failure) else (each.resource["resourceType"], mapped(each))
        for each in islice(everything, _CHUNK)
    ]


def _person(resource: Mapped) -> PersonRecord:
    return next(record for record in resource.records if isinstance(record, PersonRecord))


def _where(item: object) -> tuple[Place, str]:
    match item:
        case Mapped(place=place, resource_type=resource_type):
            return place, resource_type
        case Visit(place=place):
            return place, "Encounter"
        case _:
            raise TypeError("only resources and visits are sent")
