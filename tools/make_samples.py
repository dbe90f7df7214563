"""Write `samples/practice/` and `samples/fee-schedule.json`: a practice that never was, as FHIR R4 NDJSON.

`python -m tools.make_samples [--anchor 2026-11-23] [--seed 7] [--into samples]`. Same arguments, same bytes.
Visits lie 3 to 112 days before the anchor. All people, numbers and prices are made up; codes are numbers without words,
except ICD-10-CM titles, which are in the public domain. samples/README.md says what is in it and why.
"""

import argparse
import json
from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Any, Final
from zoneinfo import ZoneInfo

OURS: Final = "https://claimlog.dev/fhir/"
SOURCE: Final = "https://practice.example/fhir"
ZONE: Final = ZoneInfo("America/New_York")
ANCHOR: Final = date(2026, 11, 23)
SEED: Final = 7
VISITS_EACH: Final = 5
FIRST_DAY, LAST_DAY = 112, 3  # days before the anchor
_LATE_BEFORE: Final = 60  # days before the anchor, of visits to the payer that waits 30 days only
_SATURDAY: Final = 5

# procedure → price in cents, place of service, diagnoses that it suits are drawn freely; numbers only
PRICES: Final = {
    "99202": 145_00,
    "99203": 210_00,
    "99212": 95_00,
    "99213": 152_50,
    "99214": 221_75,
    "99395": 240_00,
    "99396": 255_00,
    "36415": 18_00,
    "80053": 42_35,
    "81002": 12_10,
    "85025": 31_00,
    "87880": 36_45,
    "90471": 35_00,
    "93000": 64_99,
    "96372": 38_00,
    "20610": 165_00,
    "71046": 88_80,
    "J1100": 3_25,
    "J1885": 6_40,
    "J3301": 14_15,
    "G0008": 30_00,
    "G0439": 175_00,
}
VISITS: Final = ("99202", "99203", "99212", "99213", "99213", "99213", "99214", "99214")
EXTRAS: Final = ("36415", "80053", "81002", "85025", "87880", "93000", "96372", "71046", "J1885", "J3301", "20610")
DIAGNOSES: Final = (
    ("E11.9", "Type 2 diabetes mellitus without complications"),
    ("E03.9", "Hypothyroidism, unspecified"),
    ("E78.5", "Hyperlipidemia, unspecified"),
    ("F41.1", "Generalized anxiety disorder"),
    ("G47.00", "Insomnia, unspecified"),
    ("H10.9", "Unspecified conjunctivitis"),
    ("I10", "Essential (primary) hypertension"),
    ("J02.9", "Acute pharyngitis, unspecified"),
    ("J06.9", "Acute upper respiratory infection, unspecified"),
    ("J45.909", "Unspecified asthma, uncomplicated"),
    ("K21.9", "Gastro-esophageal reflux disease without esophagitis"),
    ("K59.00", "Constipation, unspecified"),
    ("L30.9", "Dermatitis, unspecified"),
    ("M25.561", "Pain in right knee"),
    ("M54.2", "Cervicalgia"),
    ("M54.50", "Low back pain, unspecified"),
    ("N39.0", "Urinary tract infection, site not specified"),
    ("R05.9", "Cough, unspecified"),
    ("R51.9", "Headache, unspecified"),
)
WORDS: Final = (
    "sore throat since Tuesday",
    "tired, sleeps badly",
    "knee hurts after a walk",
    "sugar follow-up",
    "dizzy",
)
SNOMED: Final = (("44054006", "Diabetes mellitus type 2"), ("38341003", "Hypertension"), ("195967001", "Asthma"))
TREES: Final = (
    "Alder",
    "Birch",
    "Cedar",
    "Cypress",
    "Elm",
    "Hazel",
    "Juniper",
    "Larch",
    "Maple",
    "Rowan",
    "Spruce",
    "Willow",
)
ENDINGS: Final = ("sample", "test", "mock", "demo", "fixture")
GIVEN: Final = (
    ("Ada", "female"), ("Ben", "male"), ("Cleo", "female"), ("Dan", "male"), ("Eve", "female"), ("Finn", "male"),
    ("Gia", "female"), ("Hal", "male"), ("Ivy", "female"), ("Jon", "male"), ("Kay", "female"), ("Leo", "male"),
)  # fmt: skip
CITIES: Final = (("Tampa", "33602"), ("Orlando", "32801"), ("Miami", "33130"), ("Ocala", "34470"))

Resource = dict[str, Any]


@dataclass(frozen=True)
class SamplePayer:
    """A payer. **Units**: the filing limit in days or in months."""

    number: str
    name: str
    indicator: str
    limit: tuple[str, int]


PAYERS: Final = (
    SamplePayer("SIMCI", "Sunrise Commercial Plan", "CI", ("days", 730)),
    SamplePayer("SIMBL", "Blue Harbor Shield", "BL", ("days", 730)),
    SamplePayer("SIMMC", "Palm State Medicaid", "MC", ("months", 24)),
    SamplePayer("SIMHM", "Lagoon Care HMO", "HM", ("months", 36)),
)
REJECTED_SET: Final = SamplePayer("SIM99", "Tiny Mutual of the Keys", "CI", ("months", 24))
SHORT_LIMIT: Final = SamplePayer("SIM30", "Thirty Days Trust", "CI", ("days", 30))


@dataclass(frozen=True)
class Group:
    """Patients who are alike: how many, the start of their member id, and what is special about their cover."""

    count: int
    prefix: str
    special: str = ""


GROUPS: Final = (
    Group(14, "PAID"),
    Group(8, "DEDU"),
    Group(2, "DENY50A"),
    Group(2, "DENY27A"),
    Group(1, "DENY197A"),
    Group(1, "DENYA"),
    Group(3, "REJP"),
    Group(3, "REJC"),
    Group(2, "R999", "rejected-set"),
    Group(9, "SIM"),
    Group(5, "", "self-pay"),
    Group(3, "PAID", "terminated"),
    Group(2, "PAID", "short-limit"),
    Group(2, "PAID", "secondary"),
    Group(2, "PAID", "child"),
    Group(1, "DEDU", "spouse-of-relative"),
)

# what the documentation of the n-th visit of the practice is like, where it is not complete
ODD_VISITS: Final = {
    0: "title-only",
    5: "words-only",
    11: "title-only",
    17: "snomed-only",
    23: "title-only",
    29: "heading",
    41: "no-place",
    47: "external-cause-first",
    53: "uncertain",
    58: "duplicate-line",
    59: "units-slip",
}
_ODD_EVERY: Final = 60


@dataclass
class Practice:
    """The files while they are written."""

    random: Random
    anchor: date
    files: dict[str, list[Resource]] = field(default_factory=dict)
    visits: int = 0

    @property
    def first_on(self) -> date:
        """Return the first day on which there may be a visit."""
        return self.anchor - timedelta(days=FIRST_DAY)

    def add(self, resource: Resource) -> str:
        """Append a resource to the file of its type; return how others refer to it."""
        kind = resource["resourceType"]
        self.files.setdefault(kind, []).append(resource)
        return f"{kind}/{resource['id']}"

    def number(self, kind: str) -> int:
        """Return the number of the next resource of a type, from 1."""
        return len(self.files.get(kind, ())) + 1


def practice(anchor: date, seed: int) -> dict[str, list[Resource]]:
    """Return every resource by type."""
    made = Practice(Random(seed), anchor)  # noqa: S311 (synthetic data, not secrets)
    clinic, clinicians = _staff(made)
    payers = {each.number: made.add(_payer(each)) for each in (*PAYERS, REJECTED_SET, SHORT_LIMIT)}
    for group in GROUPS:
        for _ in range(group.count):
            patient = _insured_patient(made, group, payers)
            for _ in range(VISITS_EACH):
                _visit(made, group, patient, clinic, made.random.choice(clinicians))
    return made.files


def npi(nine_digits: str) -> str:
    """Return an NPI: nine digits and the Luhn digit over 80840 and them."""
    total = 24
    for place, digit in enumerate(reversed(nine_digits)):
        doubled = int(digit) * (1 if place % 2 else 2)
        total += doubled // 10 + doubled % 10
    return nine_digits + str(-total % 10)


# -- who is there --------------------------------------------------------------------------------------------------


def _staff(made: Practice) -> tuple[str, list[str]]:
    clinic: Resource = {
        "resourceType": "Organization",
        "id": "clinic",
        "identifier": [
            {"system": "http://hl7.org/fhir/sid/us-npi", "value": npi("199999910")},
            {"system": "urn:oid:2.16.840.1.113883.4.4", "value": "00-1234567"},
        ],
        "active": True,
        "type": [_concept("http://nucc.org/provider-taxonomy", "261QP2300X")],
        "name": "Sample Family Practice",
        "address": [_address("100 Example Plaza", ("Tampa", "33602"), 9)],
    }
    organization = made.add(clinic)
    people = (("Oakley", "Nora", "207Q00000X"), ("Reed", "Paul", "207R00000X"), ("Thorn", "Ruth", "363LF0000X"))
    clinicians = []
    for number, (family, given, taxonomy) in enumerate(people, start=1):
        clinician: Resource = {
            "resourceType": "Practitioner",
            "id": f"clinician-{number}",
            "identifier": [{"system": "http://hl7.org/fhir/sid/us-npi", "value": npi(f"19999992{number}")}],
            "active": True,
            "name": [{"use": "official", "family": family, "given": [given]}],
            "qualification": [{"code": _concept("http://nucc.org/provider-taxonomy", taxonomy)}],
        }
        clinicians.append(made.add(clinician))
    return organization, clinicians


def _payer(payer: SamplePayer) -> Resource:
    unit, limit = payer.limit
    return {
        "resourceType": "Organization",
        "id": f"payer-{payer.number.lower()}",
        "extension": [
            {"url": f"{OURS}claim-filing-indicator", "valueCode": payer.indicator},
            {"url": f"{OURS}filing-limit-{unit}", "valuePositiveInt": limit},
            {"url": f"{OURS}zone", "valueString": "America/New_York"},
        ],
        "identifier": [{"system": f"{OURS}clearinghouse-payer-id", "value": payer.number}],
        "active": True,
        "type": [_concept("http://terminology.hl7.org/CodeSystem/organization-type", "pay")],
        "name": payer.name,
    }


def _insured_patient(made: Practice, group: Group, payers: dict[str, str]) -> str:
    number = made.number("Patient")
    adult = group.special != "child"
    reference = made.add(_person(made, "Patient", number, adult=adult))
    if group.special == "self-pay":
        return reference
    payer = {"rejected-set": REJECTED_SET, "short-limit": SHORT_LIMIT}.get(group.special, PAYERS[number % len(PAYERS)])
    coverage: Resource = {
        "resourceType": "Coverage",
        "id": f"coverage-{number}",
        "status": "active",
        "subscriberId": f"{group.prefix}{number:04d}",
        "beneficiary": {"reference": reference},
        "relationship": _concept("http://terminology.hl7.org/CodeSystem/subscriber-relationship", "self"),
        "period": {"start": date(made.first_on.year - 1, 1, 1).isoformat()},
        "payor": [{"reference": payers[payer.number]}],
        "class": [{"type": _concept("http://terminology.hl7.org/CodeSystem/coverage-class", "group"), "value": "GRP7"}],
        "order": 1,
    }
    if group.special == "terminated":
        coverage["period"]["end"] = (made.first_on.replace(day=1) - timedelta(days=1)).isoformat()
    if group.special in {"child", "spouse-of-relative"}:
        _insure_by(made, coverage, group.special, number)
    made.add(coverage)
    if group.special == "secondary":
        second = {**coverage, "id": f"coverage-{number}-2", "order": 2, "subscriberId": f"SIM{number:04d}S"}
        second["payor"] = [{"reference": payers[PAYERS[(number + 1) % len(PAYERS)].number]}]
        made.add(second)
    return reference


def _insure_by(made: Practice, coverage: Resource, special: str, number: int) -> None:
    """Let somebody else be the subscriber: a parent who is a patient too, or a relative who is none."""
    relationship = "child" if special == "child" else "spouse"
    coverage["relationship"] = _concept("http://terminology.hl7.org/CodeSystem/subscriber-relationship", relationship)
    if special == "child":
        coverage["subscriber"] = {"reference": f"Patient/{made.files['Patient'][0]['id']}"}
    else:
        relative = _person(made, "RelatedPerson", number, adult=True)
        relative["patient"] = coverage["beneficiary"]
        relative["id"] = f"relative-{number}"
        coverage["subscriber"] = {"reference": made.add(relative)}


def _person(made: Practice, kind: str, number: int, *, adult: bool) -> Resource:
    given, gender = GIVEN[(number + (kind != "Patient")) % len(GIVEN)]
    family = TREES[number % len(TREES)] + ENDINGS[number // len(TREES) % len(ENDINGS)]
    born_year = made.random.randint(1950, 2000) if adult else made.random.randint(2010, 2018)
    born = date(born_year, made.random.randint(1, 12), made.random.randint(1, 28))
    person: Resource = {"resourceType": kind, "id": f"patient-{number}"}
    if kind == "Patient":
        person["identifier"] = [
            {"system": SOURCE, "value": f"P-{number:04d}"},
            {
                "type": _concept("http://terminology.hl7.org/CodeSystem/v2-0203", "MR"),
                "system": "https://practice.example/mrn",
                "value": f"MRN-{1000 + number}",
            },
        ]
    person["name"] = [{"use": "official", "family": family, "given": [given]}]
    person["gender"] = gender
    person["birthDate"] = born.isoformat()
    person["address"] = [_address(f"{number} Mockingbird Lane", CITIES[number % len(CITIES)], number)]
    return person


# -- what happened -------------------------------------------------------------------------------------------------


def _visit(made: Practice, group: Group, patient: str, clinic: str, clinician: str) -> None:
    odd = ODD_VISITS.get(made.visits % _ODD_EVERY, "") if not group.special else ""
    made.visits += 1
    number = made.number("Encounter")
    start = _start(made, group)
    end = start + timedelta(minutes=made.random.choice((15, 20, 30, 45)))
    encounter: Resource = {"resourceType": "Encounter", "id": f"visit-{number}"}
    if odd != "no-place":
        system = "https://www.cms.gov/Medicare/Coding/place-of-service-codes/Place_of_Service_Code_Set"
        place = {"url": f"{OURS}place-of-service", "valueCoding": {"system": system, "code": "11"}}
        encounter["extension"] = [place]
    conditions: list[Resource] = [
        {"condition": {"reference": reference}, "rank": rank}
        for rank, reference in enumerate(_conditions(made, odd, patient, number), start=1)
    ]
    encounter |= {
        "identifier": [{"system": SOURCE, "value": f"V-{number:05d}"}],
        "status": "finished",
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"},
        "subject": {"reference": patient},
        "participant": [
            {
                "type": [_concept("http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "PPRF")],
                "individual": {"reference": clinician},
            }
        ],
        "period": {"start": start.isoformat(), "end": end.isoformat()},
        "diagnosis": conditions,
        "serviceProvider": {"reference": clinic},
    }
    made.add(encounter)
    reasons = [each["condition"]["reference"] for each in conditions]
    for line in _lines(made, odd):
        _procedure(made, line, patient, number, start, reasons)
    if odd in {"words-only", "uncertain", "snomed-only"} or made.random.random() < 0.1:  # noqa: PLR2004 (one in ten)
        _note(made, patient, number, end)


def _start(made: Practice, group: Group) -> datetime:
    """Return when a visit begins: on a weekday, sometimes so late that UTC has the next day."""
    nearest = _LATE_BEFORE if group.special == "short-limit" else LAST_DAY
    while True:
        day = made.anchor - timedelta(days=made.random.randint(nearest, FIRST_DAY))
        if day.weekday() < _SATURDAY:
            break
    hour = made.random.choice((8, 9, 10, 11, 13, 14, 15, 16, 17, 21))
    return datetime.combine(day, time(hour, made.random.choice((0, 15, 30, 45))), ZONE)


def _conditions(made: Practice, odd: str, patient: str, visit: int) -> Iterator[str]:
    """Add the conditions of a visit; yield their references, the reason of the visit first."""
    drawn = made.random.sample(DIAGNOSES, made.random.choice((1, 1, 2, 3)))
    for place, (code, title) in enumerate(drawn, start=1):
        concept: Resource = {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": code}], "text": title}
        if place == 1:
            concept = _odd_concept(made, odd, concept)
        condition: Resource = {
            "resourceType": "Condition",
            "id": f"condition-{visit}-{place}",
            "clinicalStatus": _concept("http://terminology.hl7.org/CodeSystem/condition-clinical", "active"),
            "verificationStatus": _concept(
                "http://terminology.hl7.org/CodeSystem/condition-ver-status",
                "provisional" if odd == "uncertain" and place == 1 else "confirmed",
            ),
            "code": concept,
            "subject": {"reference": patient},
            "encounter": {"reference": f"Encounter/visit-{visit}"},
        }
        yield made.add(condition)


def _odd_concept(made: Practice, odd: str, concept: Resource) -> Resource:
    match odd:
        case "title-only":
            return {"text": concept["text"]}
        case "words-only":
            return {"text": made.random.choice(WORDS)}
        case "snomed-only":
            code, words = made.random.choice(SNOMED)
            return {"coding": [{"system": "http://snomed.info/sct", "code": code, "display": words}]}
        case "heading":
            return {**_concept("http://hl7.org/fhir/sid/icd-10-cm", "E11"), "text": "Type 2 diabetes mellitus"}
        case "external-cause-first":
            return {
                **_concept("http://hl7.org/fhir/sid/icd-10-cm", "W19.XXXA"),
                "text": "Unspecified fall, initial encounter",
            }
        case _:
            return concept


@dataclass(frozen=True)
class SampleLine:
    """One service: procedure, modifiers, units."""

    code: str
    modifiers: tuple[str, ...] = ()
    units: int = 1


def _lines(made: Practice, odd: str) -> list[SampleLine]:
    extras = made.random.sample(EXTRAS, made.random.choice((0, 1, 1, 2, 3)))
    lines = [SampleLine(made.random.choice(VISITS), ("25",) if {"96372", "20610"} & set(extras) else ())]
    for code in extras:
        units = made.random.randint(1, 4) if code.startswith("J") else 1
        lines.append(SampleLine(code, ("RT",) if code == "20610" else (), units))
    if odd == "duplicate-line":
        lines.append(lines[0])
    if odd == "units-slip":
        lines.append(SampleLine("J1100", (), 1_000))
    return lines


def _procedure(  # noqa: PLR0913, PLR0917 (a resource has that many parts)
    made: Practice, line: SampleLine, patient: str, visit: int, start: datetime, reasons: Sequence[str]
) -> None:
    system = "http://www.ama-assn.org/go/cpt"
    if line.code[0].isalpha():
        system = "https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"
    procedure: Resource = {"resourceType": "Procedure", "id": f"service-{made.number('Procedure')}"}
    extensions: list[Resource] = [{"url": f"{OURS}modifier", "valueCode": modifier} for modifier in line.modifiers]
    if line.units > 1:
        extensions.append({"url": f"{OURS}units", "valuePositiveInt": line.units})
    if extensions:
        procedure["extension"] = extensions
    procedure |= {
        "status": "completed",
        "code": _concept(system, line.code),
        "subject": {"reference": patient},
        "encounter": {"reference": f"Encounter/visit-{visit}"},
        "performedDateTime": start.isoformat(),
        "reasonReference": [{"reference": reference} for reference in reasons],
    }
    made.add(procedure)


def _note(made: Practice, patient: str, visit: int, at: datetime) -> None:
    text = "Synthetic note. The patient was seen and the plan was discussed. Follow-up as needed."
    note: Resource = {
        "resourceType": "DocumentReference",
        "id": f"note-{visit}",
        "status": "current",
        "type": _concept("http://loinc.org", "11506-3"),
        "subject": {"reference": patient},
        "date": at.isoformat(),
        "content": [{"attachment": {"contentType": "text/plain", "data": b64encode(text.encode()).decode()}}],
        "context": {"encounter": [{"reference": f"Encounter/visit-{visit}"}]},
    }
    made.add(note)


def _concept(system: str, code: str) -> Resource:
    return {"coding": [{"system": system, "code": code}]}


def _address(line: str, city: tuple[str, str], number: int) -> Resource:
    name, five = city
    return {
        "use": "home",
        "line": [line],
        "city": name,
        "state": "FL",
        "postalCode": f"{five}-{number:04d}",
        "country": "US",
    }


# -- files ---------------------------------------------------------------------------------------------------------


def fee_schedule(anchor: date) -> Resource:
    """Return the prices of the year of the visits, as the body of `POST /v1/fee-schedules`. **Units**: cents."""
    first_on = anchor - timedelta(days=FIRST_DAY)
    return {
        "schedule_name": "practice",
        "schedule_version": 1,
        "effective_from_on": date(first_on.year, 1, 1).isoformat(),
        "items": [{"procedure_code": code, "charge_cents": cents} for code, cents in sorted(PRICES.items())],
    }


def write(into: Path, *, anchor: date, seed: int) -> None:
    """Write the practice and its prices into a folder."""
    folder = into / "practice"
    folder.mkdir(parents=True, exist_ok=True)
    for kind, resources in practice(anchor, seed).items():
        lines = "".join(json.dumps(each, separators=(",", ":")) + "\n" for each in resources)
        (folder / f"{kind}.ndjson").write_text(lines)
    (into / "fee-schedule.json").write_text(json.dumps(fee_schedule(anchor), indent=2) + "\n")


def main() -> None:
    """Write what the arguments ask for."""
    parser = argparse.ArgumentParser(description="Write a synthetic practice as FHIR R4.")
    parser.add_argument("--anchor", type=date.fromisoformat, default=ANCHOR, help="visits lie 3 to 112 days before it")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--into", type=Path, default=Path(__file__).parents[1] / "samples")
    asked = parser.parse_args()
    write(asked.into, anchor=asked.anchor, seed=asked.seed)


if __name__ == "__main__":
    main()
