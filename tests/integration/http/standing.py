"""What stands in each service before it is tried: objects in every state that a route asks for. All are synthetic.

Owns: some dozen objects of each collection, made through routes, or by facts of others and what follows from them.
Refuses: trying anything. Next: `hooks.py` puts their ids into requests.
"""

from collections.abc import Callable, Coroutine, Mapping, Sequence
from datetime import date
from hashlib import sha256
from typing import Any, Final, TypeAlias

from msgspec.structs import replace

from services.claims.domain.assembly import claim_id_of
from services.claims.domain.fee_schedule import PublishFeeSchedule
from services.claims.effects import effects
from services.claims.settings import Settings
from services.validation.domain.rules import RULES
from shared.codesets.ncci_ptp import PRACTITIONER
from shared.events.claims import ClaimSubmitted
from shared.runtime.clearinghouse.port import SendRefused
from shared.runtime.store import OWN
from shared.runtime.taking import Consumed
from tests.support.memory import CLERK, TENANT, Running
from tests.support.pair_edits import built, row
from tests.unit.claims import examples as billed
from tests.unit.claims.answers import answer_277ca
from tests.unit.claims.driving import Driver, Outside
from tests.unit.claims.test_effects import Scripted
from tests.unit.payments.example import assembled, bytes_835, check, paid_claim, priced, submitted
from tests.unit.validation import samples as scrubbed
from tests.unit.validation.domain.payer_rule.rules import RULE_ID, raw

Json: TypeAlias = dict[str, Any]
Known: TypeAlias = Mapping[str, Any]
"""One object: what requests may say of it, by the names of parameters and of fields of bodies."""
Standing: TypeAlias = Mapping[str, Sequence[Known]]
"""Objects by collection: the first part of a path behind /v1."""
QUARTER: Final = built(row("11043", "11042", "19960101"), first=date(2026, 10, 1), last=date(2026, 12, 31))
EACH: Final = 20
"""Objects of one kind and state: what one request ends, the next one finds another of."""
ASKED: Final = 8
"""Authorizations of a patient that a payer was asked for."""


async def standing(svc: Running) -> Standing:
    """Fill a service; return what stands there."""
    own = await _OF[svc.engine.service.name](svc)
    await svc.settle()
    return {**own, **await _of_every_service(svc)}


async def _made(svc: Running, path: str, body: Json) -> Json:
    answer = await svc.client.post(path, json=body)
    assert answer.is_success, answer.text
    found: Json = answer.json()
    return found


async def _registered(svc: Running) -> Standing:
    payer = await _made(svc, "/v1/payers", {"payer_name": "Example Health Plan", "clearinghouse_payer_id": "EXHP1"})
    clinic = {"kind": "organization", "npi": "1234567893", "provider_name": "Example Clinic"}
    provider = await _made(svc, "/v1/providers", clinic)
    one = {"payer_id": payer["payer_id"], "provider_id": provider["provider_id"]}
    objects = [{**one, **await _patient(svc, n, one)} for n in range(EACH)]
    authorizations = [known for each in objects for known in await _authorizations(svc, each)]
    return {
        **dict.fromkeys(("payers", "providers", "patients", "appointments"), objects),
        "authorizations": authorizations,
    }


async def _patient(svc: Running, number: int, one: Known) -> Known:
    """Return a patient with a coverage and an appointment."""
    named = {"name": {"family": "Sample", "given": f"Ada{number}"}, "birth_on": "1970-05-15"}
    patient = await _made(svc, "/v1/patients", {"mrn": f"MRN-{number}", **named})
    patient_id = patient["patient_id"]
    card = {"payer_id": one["payer_id"], "member_id": f"PAID{number:04}", "effective_from_on": "2026-01-01"}
    coverage = await _made(svc, f"/v1/patients/{patient_id}/coverages", card)
    visit = {"patient_id": patient_id, "provider_id": one["provider_id"], "starts_at": "2026-03-03T09:00:00-05:00"}
    appointment = await _made(svc, "/v1/appointments", visit)
    return {
        "patient_id": patient_id,
        "coverage_id": coverage["coverage_id"],
        "appointment_id": appointment["appointment_id"],
    }


async def _authorizations(svc: Running, of: Known) -> Sequence[Known]:
    """Return one that nobody asked the payer for, and some that somebody did.

    Approvals and cancellations end one of these with most of their requests, and deferrals come after them.
    """
    days = {"service_from_on": "2026-03-03", "service_to_on": "2026-03-31"}
    needed = {name: of[name] for name in ("patient_id", "coverage_id")} | {"procedure_codes": ["97110"], **days}
    found = [await _made(svc, "/v1/authorizations", needed | {"source": "payer-rule"}) for _ in range(1 + ASKED)]
    for each in found[1:]:
        await _made(svc, f"/v1/authorizations/{each['authorization_id']}/requests", {"channel": "portal"})
    return [{**of, "authorization_id": each["authorization_id"]} for each in found]


async def _coded(svc: Running) -> Standing:
    visit = {
        "patient_id": "PT-1",
        "service_from_on": "2026-03-03",
        "place_of_service": "11",
        "rendering_provider_id": "PR-1",
        "billing_provider_id": "PR-2",
        "coverage_ids": ["CV-1"],
        "conditions": [{"text": "feels tired"}],  # for a coder
        "procedures": [],
        "note": "Feels well.",
        "signed_at": "2026-03-03T20:30:00-05:00",
    }
    identified = [{"source_identifier": {"system": "urn:example:ehr", "value": f"Encounter/{n}"}} for n in range(EACH)]
    encounters = [await _made(svc, "/v1/encounters", visit | each) for each in identified]
    table: Json = {"sha256": QUARTER.edition.sha256, "rows": QUARTER.rows, "file": [f"example.zip:{'f' * 64}"]}
    path = f"/v1/code-sets/{PRACTITIONER.name}/tables"
    loaded = await svc.client.post(path, params={**table, "licence": "AMA"}, content=QUARTER.table)
    assert loaded.is_success, loaded.text
    return {
        "encounters": [{"encounter_id": each["encounter_id"], "patient_id": "PT-1"} for each in encounters],
        "code-sets": [{"system": PRACTITIONER.name, **table}],
        "codes": [{"system": "icd10cm", "on": "2026-03-03", "search": "E11"}],
    }


async def _validated(svc: Running) -> Standing:
    await svc.deliver(scrubbed.PATIENT, scrubbed.COVERAGE, scrubbed.PAYER, scrubbed.RENDERING, scrubbed.BILLING)
    refused = {"rule_id": "diagnosis_billable", "coding_version": 1}
    encounters: list[Known] = []
    for number in range(2 * EACH):
        visit, codes = scrubbed.visit_and_codes(number)
        await svc.deliver(visit, replace(codes, diagnoses=scrubbed.assigned("E11").diagnoses))
        encounters.append({"encounter_id": visit.encounter_id, **refused})
        if number % 2:  # has something that may be withdrawn
            passed = {**refused, "reason": "payer-allows", "note": "payer agreed by phone"}
            await _made(svc, f"/v1/scrubs/{visit.encounter_id}/overrides", passed)
    rules = [await _rule(svc, number) for number in range(2 * EACH)]
    return {
        "scrubs": encounters,
        "payer-rules": rules,
        "payer-rule-checks": [raw()],
        "rules": [{"rule_id": each.id} for each in RULES],
        "findings": [{"by": "rule_id"}],
    }


async def _rule(svc: Running, number: int) -> Known:
    """Return a rule of a payer, of every second one a version that advises."""
    rule_id = f"{RULE_ID}-{number}"
    await _made(svc, f"/v1/payer-rules/{rule_id}/versions", raw())
    if number % 2:
        await _made(svc, f"/v1/payer-rules/{rule_id}/advisories", {"version": 1})
    return {"rule_id": rule_id, "version": 1, "in_force_from": "2999-01-01T00:00:00Z", **raw()}


async def _billed(svc: Running) -> Standing:
    """Return claims that are ready, held, sent and rejected, encounters that are held, and files that never left."""
    settings = Settings(batch_wait_seconds=0)
    house = Scripted()
    driver = Driver(svc, Outside(svc.engine), effects(house, settings))
    prices = PublishFeeSchedule(
        fee_schedule_id="F-1",
        schedule_name="practice",
        schedule_version=1,
        effective_from_on=billed.PRICES.effective_from_on,
        effective_to_on=None,
        items=billed.PRICES.items,
        now=billed.NOW,
    )
    await svc.engine.handle(TENANT, CLERK, prices, at=billed.NOW)
    await svc.deliver(*billed.REGISTERED)

    for number in range(EACH):
        house.outcomes.append(SendRefused("no"))
        await _to_bill(svc, f"unsent-{number}")
        await driver.look("batches")
    for number in range(EACH):
        await _to_bill(svc, f"sent-{number}")
    await driver.look("batches")
    sent = [fact for fact in await svc.facts() if isinstance(fact, ClaimSubmitted)]
    house.mail.append(answer_277ca(*((each.patient_control_number, "A3") for each in sent)))
    await driver.look("mailbox")
    for number in range(EACH):
        await _to_bill(svc, f"ready-{number}")
        await _to_bill(svc, f"held-{number}")
        await _made(svc, f"/v1/claims/{claim_id_of(f'held-{number}')}/holds", {"reason": "ask-the-payer"})
        await _to_bill(svc, f"nowhere-{number}", place_of_service=None)

    batches = (await svc.client.get("/v1/batches", params={"status": "failed-for-good"})).json()["items"]
    kinds = ("unsent", "ready", "held")
    claims: list[Known] = [{"claim_id": claim_id_of(f"{each}-{n}")} for each in kinds for n in range(EACH)]
    return {
        "claims": [*claims, *({"claim_id": each.claim_id, "sha256": each.file_sha256} for each in sent)],
        "batches": [{"batch_id": each["batch_id"]} for each in batches],
        "encounter-billings": [{"encounter_id": f"nowhere-{number}"} for number in range(EACH)],
        "fee-schedules": [{"fee_schedule_id": "F-1"}],
    }


async def _to_bill(svc: Running, encounter_id: str, **documented: str | None) -> None:
    """Take an encounter with codes that may be billed."""
    await svc.deliver(
        replace(billed.ENCOUNTER, encounter_id=encounter_id, **documented),
        replace(billed.CODES, encounter_id=encounter_id),
        replace(billed.VALIDATED, encounter_id=encounter_id),
    )


async def _paid(svc: Running) -> Standing:
    remittances: list[Known] = []
    for number in range(EACH):
        claim_id, control_number = f"C{number}", f"PCN{number}"
        await svc.deliver(assembled(claim_id), priced(claim_id), submitted(claim_id, control_number))
        file = bytes_835(check(paid_claim(control_number), trace=f"EFT{number:04}"))
        answer = await svc.client.post("/v1/remittances", content=file)
        (received,) = answer.json()["remittances"]
        remittances.append({"remittance_id": received["remittance_id"], "sha256": sha256(file).hexdigest()})
    return {
        "remittances": remittances,
        "claim-accounts": [{"claim_id": f"C{number}"} for number in range(EACH)],
        "patient-balances": [{"patient_id": "P1"}],
    }


def files() -> Mapping[str, Sequence[bytes]]:
    """Return files that may be sent, by media type: checks for claims that stand there, and the table that does."""
    checks = [bytes_835(check(paid_claim(f"PCN{number}"), trace=f"EFT9{number:03}")) for number in range(EACH)]
    return {"application/edi-x12": checks, "application/octet-stream": [QUARTER.table]}


_OF: Final[Mapping[str, Callable[[Running], Coroutine[Any, Any, Standing]]]] = {
    "registration": _registered,
    "coding": _coded,
    "validation": _validated,
    "claims": _billed,
    "payments": _paid,
}


async def _of_every_service(svc: Running) -> Standing:
    """Return what stands behind the routes that every service has."""
    service, store = svc.engine.service, svc.engine.store
    facts = [envelope for envelope in await store.events(0, events_max=EACH) if envelope.public]
    countable = {each.name: each.countable for each in service.projections if each.countable}
    models = [{"name": name, "by": field} for name, fields in countable.items() for field in fields]
    rebuilds = [await _made(svc, f"/v1/read-models/{models[0]['name']}/rebuilds", {}) for _ in range(EACH)]
    return {
        "streams": [{"stream": each.stream} for each in facts],
        "worklists": [{"name": name} for name in service.worklists],
        "read-models": models,
        "operations": [{"operation_id": each["operation_id"]} for each in rebuilds],
        "parked-records": [{"event_id": each} for each in await _parked(svc)],
    }


async def _parked(svc: Running) -> Sequence[str]:
    """Return the ids of facts that are parked, each of a key of its own, as if this release could not read them."""
    facts = await svc.engine.store.events(0, events_max=1_000)
    first = {each.key: each for each in reversed(facts)}
    at = await svc.engine.store.checkpoint(OWN)
    records = [
        Consumed(place=OWN, offset=each.position, read_from=at, moved=at, envelope=each, cause="example")
        for each in list(first.values())[: 3 * EACH]  # those of `_APART` in `hooks.py`
    ]
    assert not any(await svc.engine.consume(records))
    return [each.envelope.event_id for each in records if each.envelope]
