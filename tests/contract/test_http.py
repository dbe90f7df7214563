"""What callers rely on: routes and route table agree, the open routes are open, slugs are unique and for ever."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.events.registry import EVENTS
from shared.runtime.common_routes import COMMON_ACCESS, OPEN_ROUTES
from shared.runtime.definition import Service
from shared.runtime.problems import OF_THE_SHELL, catalogue
from tests.support.memory import running
from tools.service_values import ROOT, services
from tools.write_problems_doc import errors

EACH = pytest.mark.parametrize("service", services(), ids=lambda service: service.name)
SLUG = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
PATH = re.compile(r"(/v1)(/[a-z0-9]+(-[a-z0-9]+)*|/\{[a-z][a-z0-9_]*\})+")
CHANGE_NOTHING_THAT_IS_THERE = {
    "POST /v1/patients/{patient_id}/coverages": "adds by natural key; a repeat finds what is there",
    "POST /v1/code-sets/{system}/tables": "adds by hash; a table never changes",
    "POST /v1/payer-rules/{rule_id}/versions": "adds a version, or the first; none takes another's place",
    "POST /v1/parked-records/{event_id}/releases": "handles what is parked then; a record has no version",
    "POST /v1/operations/{operation_id}/cancellations": "ends what runs; an operation has no version",
    "POST /v1/read-models/{name}/rebuilds": "fills it anew from its facts; what is in it stays the same",
    "POST /v1/parked-records/{event_id}/discards": "gives up what is parked; a second one finds nothing",
}
"""Routes below an object that do not ask which version of it their caller saw, and why."""
ASK_FOR_A_KEY = {
    "POST /v1/appointments": "each call books a visit",
    "POST /v1/authorizations": "each call notes one",
    "POST /v1/encounters/{encounter_id}/code-assignments": "each call signs another set of codes, which is billed",
    "POST /v1/claims/{claim_id}/holds": "keeps money from being asked for",
    "POST /v1/claims/{claim_id}/releases": "lets money be asked for",
    "POST /v1/claims/{claim_id}/resubmissions": "asks for money again",
    "POST /v1/encounter-billings/{encounter_id}/releases": "lets a claim be made",
    "POST /v1/batches/{batch_id}/requeues": "asks for the money of all its claims again",
    "POST /v1/fee-schedules": "says what is charged",
    "POST /v1/remittances": "moves money",
}
NEED_NO_KEY = {
    "POST /v1/patients/bulk": "each line has its key",
    "POST /v1/coverages/bulk": "each line has its key",
    "POST /v1/encounters/bulk": "each line has its key",
    "POST /v1/patients": "adds by natural key: MRN, numbers of others",
    "POST /v1/patients/{patient_id}/coverages": "adds by natural key: payer, order, begin, member id",
    "POST /v1/payers": "adds by natural key: the clearinghouse's number",
    "POST /v1/providers": "adds by natural key: the NPI",
    "POST /v1/appointments/{appointment_id}/check-ins": "a visit begins once; a repeat gets its encounter",
    "POST /v1/encounters": "adds by id or source; asks for a key itself where the body has neither",
    "POST /v1/code-sets/{system}/tables": "adds by hash",
    "POST /v1/payer-rules/{rule_id}/versions": "the same content again adds nothing",
    "POST /v1/payer-rules/{rule_id}/advisories": "says what stands; again changes nothing",
    "POST /v1/payer-rules/{rule_id}/enforcements": "says what stands; again changes nothing",
    "POST /v1/payer-rules/{rule_id}/retirements": "says what stands; again finds nothing to retire",
    "POST /v1/authorizations/{authorization_id}/requests": "says what stands; again changes nothing",
    "POST /v1/authorizations/{authorization_id}/approvals": "says what stands; again changes nothing",
    "POST /v1/authorizations/{authorization_id}/deferrals": "says what stands; again changes nothing",
    "POST /v1/authorizations/{authorization_id}/denials": "says what stands; again changes nothing",
    "POST /v1/authorizations/{authorization_id}/cancellations": "says what stands; again changes nothing",
    "POST /v1/scrubs": "judges what is known; the same facts add nothing",
    "POST /v1/scrubs/{encounter_id}/overrides": "says what may pass; again changes nothing",
    "POST /v1/scrubs/{encounter_id}/withdrawals": "again finds nothing to withdraw",
    "POST /v1/parked-records/{event_id}/releases": "a record is handled once",
    "POST /v1/operations/{operation_id}/cancellations": "again finds nothing to cancel",
    "POST /v1/read-models/{name}/rebuilds": "again fills it with the same",
    "POST /v1/parked-records/{event_id}/discards": "a record is given up once",
    "POST /v1/patient-searches": "a question",
    "POST /v1/patient-names": "a question",
    "POST /v1/code-titles": "a question",
    "POST /v1/payer-rule-checks": "a question",
}
OTHERS = {"events", "files", "parked", "rules"}
"""What a route may read that is no read model."""


@EACH
async def test_every_route_has_one_entry_in_the_route_table(service: Service) -> None:
    async with running(service) as running_:  # http_app refuses to start where they differ
        schema = (await running_.client.get("/openapi.json")).json()

    found = {f"{method.upper()} {path}" for path, item in schema["paths"].items() for method in item}
    assert found == set(service.api().access) | set(COMMON_ACCESS) | (set(OPEN_ROUTES) - {"GET /metrics"})
    assert not set(service.api().access) & set(COMMON_ACCESS)


@EACH
async def test_every_route_but_the_open_ones_wants_a_token(service: Service) -> None:
    async with running(service) as running_:
        del running_.client.headers["Authorization"]
        answers = {
            route: await running_.client.request(*asked(route)) for route in {**service.api().access, **COMMON_ACCESS}
        }
        opened = [await running_.client.request(*asked(route)) for route in sorted(OPEN_ROUTES)]
        known = await running_.client.get("/problems/unauthenticated")

    assert {route: answer.status_code for route, answer in answers.items()} == dict.fromkeys(answers, 401)
    assert {answer.json()["type"] for answer in answers.values()} == {"/problems/unauthenticated"}
    assert {answer.headers["content-type"] for answer in answers.values()} == {"application/problem+json"}
    assert [answer.status_code for answer in opened] == [200, 200, 404, 200]  # no problem is called x
    assert (known.status_code, known.json()["status"]) == (200, 401)


def asked(route: str) -> tuple[str, str]:
    """Return method and path of a route, with something in the place of its parameters."""
    method, path = route.split()
    return method, re.sub(r"\{\w+\}", "x", path)


@EACH
def test_paths_are_plural_nouns_in_kebab_case(service: Service) -> None:
    routes = {**service.api().access, **COMMON_ACCESS}

    assert all(PATH.fullmatch(route.split()[1]) for route in routes)
    assert {route.split()[0] for route in routes} <= {"GET", "POST"}


@EACH
def test_entries_name_scopes_commands_events_and_read_models_that_exist(service: Service) -> None:
    commands = {command.__name__ for decider in service.deciders for command in decider.commands}
    events = set(EVENTS) | {event.__name__ for event in service.private_events}
    models = {projection.name for projection in service.projections} | OTHERS

    for route, entry in service.api().access.items():
        command, _, outcome = entry.does.partition(" → ")
        assert entry.scope.startswith(f"{service.name}."), route
        assert entry.does or entry.reads, route
        assert not command or command in commands, route
        assert set(filter(None, re.split(r"[ ,|]+", outcome))) <= events, route
        assert set(filter(None, entry.reads.split(", "))) <= models, route


def slugs() -> Iterator[tuple[str, Path]]:
    """Yield every slug that a class declares, with its file; apps too."""
    for root in ("services", "shared", "apps"):
        for path in sorted((ROOT / root).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                match node:
                    case ast.Assign(targets=[ast.Name(id="slug")], value=ast.Constant(value=str(slug))):
                        yield slug, path
                    case _:
                        pass


def test_every_slug_is_unique_and_in_kebab_case() -> None:
    counted = Counter(slug for slug, _ in slugs())

    assert [slug for slug in counted if not SLUG.fullmatch(slug)] == []
    assert [slug for slug, count in counted.items() if count > 1] == []


def test_every_reason_stands_in_the_catalogue_once_with_a_status_of_its_kind() -> None:
    declared = errors()
    known = catalogue()

    assert {error.slug for error in declared}.isdisjoint(OF_THE_SHELL)
    assert {error.slug for error in declared} <= set(known)
    assert {each.status for each in known.values()} <= {400, 401, 403, 404, 405, 409, 412, 413, 422, 428, 429, 500, 503}
    assert all(each.means and each.mend and each.title for each in known.values())


def test_every_expected_failure_has_a_slug_and_says_what_it_means() -> None:
    declared = errors()

    assert {error.slug for error in declared} == {slug for slug, path in slugs() if "apps" not in path.parts}
    assert all((error.__doc__ or "").strip() for error in declared)


@EACH
def test_every_question_about_one_object_can_be_asked_as_of_an_instant(service: Service) -> None:
    asked_now = {route for route, entry in service.api().access.items() if "{" in route and not entry.as_of}

    assert {route for route in asked_now if route.startswith("GET")} <= {
        "GET /v1/claims/{claim_id}/files/{sha256}",  # what has its hash for a name never changes
        "GET /v1/remittances/{remittance_id}/files/{sha256}",
        "GET /v1/code-sets/{system}/tables/{sha256}",
        "GET /v1/rules/{rule_id}",  # what judges now; a rule of a payer has a route of its own
        "GET /v1/rules/{rule_id}/statistics",  # counts over all encounters, told by month
    }
    assert all(route.startswith("GET") for route, entry in service.api().access.items() if entry.as_of)


@EACH
def test_every_answer_about_one_object_tells_the_version_that_the_next_command_names(service: Service) -> None:
    shown = {route: entry.version_of for route, entry in service.api().access.items() if entry.as_of}

    assert [route for route, stream in shown.items() if not stream] == []


def test_every_command_below_an_object_asks_for_the_version_that_was_seen() -> None:
    table = {**COMMON_ACCESS, **{route: entry for each in services() for route, entry in each.api().access.items()}}
    below = {route for route in table if route.startswith("POST") and "{" in route}

    assert {route for route in below if not table[route].changes} == set(CHANGE_NOTHING_THAT_IS_THERE)
    assert below >= {route for route, entry in table.items() if entry.changes}


def test_every_command_whose_repeat_would_do_it_again_asks_for_a_key() -> None:
    table = {**COMMON_ACCESS, **{route: entry for each in services() for route, entry in each.api().access.items()}}

    assert {route for route, entry in table.items() if entry.keyed} == set(ASK_FOR_A_KEY)
    assert {route for route in table if route.startswith("POST")} == {*ASK_FOR_A_KEY, *NEED_NO_KEY}


@EACH
def test_commands_about_an_object_and_questions_about_it_mean_the_same_version(service: Service) -> None:
    """Not so, a version that was read could by chance be that of another history, and a change would be lost."""
    objects = {
        route.removeprefix("GET "): entry.version_of for route, entry in service.api().access.items() if entry.as_of
    }
    unlike = {
        route: entry.version_of
        for route, entry in service.api().access.items()
        if entry.changes and objects.get(route.removeprefix("POST ").rsplit("/", 1)[0]) != entry.version_of
    }

    assert unlike == {}
