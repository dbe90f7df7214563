"""A practice of any size: the sample practice of this repository, again and again, each time with other people.

Owns: the requests that the importer would send, learned from the importer itself, and their copies with new names and
numbers. The member ids keep their prefixes, so that the simulator pays and denies as in the sample. Refuses: sending
(`load.py`). The same seed makes the same practice.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from itertools import count
from pathlib import Path
from random import Random
from typing import Any, Final

import httpx

from apps.cli.fhir.importing import import_fhir
from apps.cli.fhir.over_http import HttpServices
from shared.clients.coding import CodingClient
from shared.clients.registration import RegistrationClient

SAMPLES: Final = Path(__file__).resolve().parents[1] / "samples"
_ADJUDICATED: Final = ("PAID", "DENY", "DEDU")
_REFERENCES: Final = ("patient_id", "payer_id", "rendering_provider_id", "billing_provider_id")
_ID_OF: Final = {
    "payers": "payer_id",
    "providers": "provider_id",
    "patients": "patient_id",
    "coverages": "coverage_id",
    "encounters": "encounter_id",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One POST. **Shape**: `place` stands for the id that the answer brings; references in it are places of others."""

    kind: str
    path: str
    body: Mapping[str, Any]
    place: str

    def with_ids(self, ids: Mapping[str, str]) -> "Request":
        """Return the request with the ids that its references stand for."""
        body = dict(self.body)
        for name in _REFERENCES:
            if body.get(name):
                body[name] = ids[body[name]]
        if "coverage_ids" in body:
            body["coverage_ids"] = [ids[each] for each in body["coverage_ids"]]
        path = "/".join(ids.get(part, part) for part in self.path.split("/"))
        return Request(kind=self.kind, path=path, body=body, place=self.place)

    def id_in(self, answer: Mapping[str, Any]) -> str:
        """Return the id that an answer brings."""
        return str(answer[_ID_OF[self.kind]])


@dataclass(frozen=True, slots=True)
class Batch:
    """What is sent, in order of kinds."""

    patients: list[Request] = field(default_factory=list)
    coverages: list[Request] = field(default_factory=list)
    encounters: list[Request] = field(default_factory=list)


class Practice:
    """The sample practice as requests."""

    def __init__(self, requests: list[Request], seed: int) -> None:
        self.of = {kind: [each for each in requests if each.kind == kind] for kind in _ID_OF}
        self._random = Random(seed)  # noqa: S311 (an order of visits, no secret)
        self._numbers = count(1)

    @classmethod
    async def read(cls, seed: int, path: Path = SAMPLES / "practice") -> "Practice":
        """Learn the requests of an import by answering them ourselves."""
        requests: list[Request] = []

        def answer(request: httpx.Request) -> httpx.Response:
            kind = request.url.path.rsplit("/", 1)[-1]
            place = f"{kind}-{len(requests)}"
            service = "coding" if kind == "encounters" else "registration"
            body = json.loads(request.content)
            requests.append(Request(kind=kind, path=f"/{service}{request.url.path}", body=body, place=place))
            return httpx.Response(HTTPStatus.CREATED, json={_ID_OF[kind]: place, "state": "documented"})

        async with httpx.AsyncClient(base_url="http://practice", transport=httpx.MockTransport(answer)) as http:
            await import_fhir(path, HttpServices(RegistrationClient(http), CodingClient(http)))
        return cls(requests, seed)

    def batch(self, encounters: int, *, adjudicated_only: bool = False) -> Batch:
        """Return so many encounters with their patients and coverages, of people who never came before."""
        made = Batch()
        while len(made.encounters) < encounters:
            self._add_copy(made, encounters - len(made.encounters), adjudicated_only=adjudicated_only)
        return made

    def imported_anew(self) -> Iterator[Request]:
        """Yield the encounters again and again, each from another record of the same people."""
        for number in count():
            for each in self.of["encounters"]:
                source = each.body["source_identifier"]
                body = {**each.body, "source_identifier": {**source, "value": f"{source['value']}-{number}"}}
                yield Request(kind=each.kind, path=each.path, body=body, place=each.place)

    def _add_copy(self, made: Batch, encounters_max: int, *, adjudicated_only: bool) -> None:
        number = next(self._numbers)
        visits = [each for each in self.of["encounters"] if not adjudicated_only or self._is_adjudicated(each)]
        self._random.shuffle(visits)
        visits = visits[:encounters_max]
        people = {visit.body["patient_id"] for visit in visits}
        made.encounters.extend(_copied(visit, number) for visit in visits)
        made.patients.extend(_copied(each, number) for each in self.of["patients"] if each.place in people)
        made.coverages.extend(_copied(each, number) for each in self.of["coverages"] if _holder(each) in people)

    def _is_adjudicated(self, visit: Request) -> bool:
        """Return whether a payer will decide on a visit, whatever else may be in its way."""
        members = [each.body["member_id"] for each in self.of["coverages"] if each.place in visit.body["coverage_ids"]]
        return bool(members) and all(member.startswith(_ADJUDICATED) for member in members)


def _holder(coverage: Request) -> str:
    return coverage.path.split("/")[-2]


def _copied(request: Request, number: int) -> Request:
    """Return a request of other people: new numbers and names, references to the copies."""
    body = dict(request.body)
    for name in ("mrn", "member_id"):
        if body.get(name):
            body[name] = f"{body[name]}N{number}"
    if body.get("source_identifier"):
        body["source_identifier"] = body["source_identifier"] | {
            "value": f"{body['source_identifier']['value']}-{number}"
        }
    if request.kind == "patients":
        body["name"] = body["name"] | {"family": body["name"]["family"] + "".join(_letters(number))}
    if body.get("patient_id"):
        body["patient_id"] = f"{body['patient_id']}~{number}"
    if body.get("coverage_ids"):
        body["coverage_ids"] = [f"{each}~{number}" for each in body["coverage_ids"]]
    path = request.path
    if request.kind == "coverages":
        path = path.replace(_holder(request), f"{_holder(request)}~{number}")
    return Request(kind=request.kind, path=path, body=body, place=f"{request.place}~{number}")


def _letters(number: int) -> Iterator[str]:
    while number:
        number, rest = divmod(number - 1, 26)
        yield chr(ord("a") + rest)
