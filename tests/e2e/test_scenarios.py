"""Each scenario of the payers through all five services, as a readable file tells it: `scenarios/*.toml`.

A file has a `story`, `visits` (a member's number, procedures, a payer and a day where they matter), what is true
`before` time passes (`advance`), what happens `later`, and what is true `after` it, for each visit in order:

- the money of its account in dollars, and where its claim stands (`stage`, `adjudication`);
- `answers`: codes of the last acknowledgment of it;
- `clp02`, `reasons` (group and CARC) and `remarks` (RARC) of the last decision on it;
- `status`: what the payer answers to a 276 about it, with what it says that it paid;
- `decisions`: how often the payer's book has it: decided, reversed, decided anew;
- `check`: what the last check that has it is worth, and its entries besides claims (PLB).

`in_turn`: each visit's claim is decided before the next visit. `eligibility` is what a 271 says of members before and
`after` time passed. `next_payers`: the claim of the first visit goes on to them, one after the other, beside the
services. `exceptions`: what a person is shown. `reconciles`: the payers' book and the ledger agree when it is over.
Files that let time pass come last, for the payers' year goes on with them; what needs this year is `first` of those.
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
import stamina

from apps.simulator.scenario import SCENARIOS, named
from shared.kernel.dates import local_day
from shared.kernel.money import Money
from shared.runtime.clock import now
from tests.e2e.conftest import Demo, Served, serving
from tests.e2e.front_desk import PAYER, ZONE, FrontDesk
from tests.e2e.partner import Bill, Partner, billed
from tests.support.programs import claimlog, embedded

FILES: Final = Path(__file__).with_name("scenarios")
PARTS: Final = ("charged", "paid", "contractual", "patient", "denied", "open")
SECONDS_MAX: Final = 40
WAITING: Final = "quarantined"


def _told(path: Path) -> Mapping[str, Any]:
    return tomllib.loads(path.read_text())


def _place(path: Path) -> tuple[bool, bool, str]:
    told = _told(path)
    return "advance" in told, not told.get("first"), path.name


IN_ORDER: Final = sorted(FILES.glob("*.toml"), key=_place)
TOLD: Final = [_told(path) for path in IN_ORDER]


@pytest.fixture(scope="module")
def served(folder: Path, small_practice: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Yield a practice of its own, for what is told here stays where it is told; its payers have a file."""
    data = folder / "scenarios"
    payers = tmp_path_factory.mktemp("payers") / "payers.toml"
    year = local_day(now(), ZONE).year
    payers.write_text((FILES / "payers" / "payers.toml").read_text().format(year=year, year_before=year - 1))
    told = {"CLAIMLOG_SIMULATOR_SCENARIO_FILE": str(payers)}
    demo = Demo(data, embedded("demo", "--json", "--path", str(small_practice), data=data, **told))
    assert demo.finished.code == 0, demo.finished.err
    with serving(demo, **told) as served:
        _price_last_year(served)
        yield served


def _price_last_year(served: Served) -> None:
    """Publish what the practice charged before the prices of the sample practice held, and what these lack."""
    prices = {"27447": 420_000, "99213": 15_250, "99396": 25_500}
    version = {
        "schedule_name": "practice",
        "schedule_version": 2,
        "effective_from_on": str(date(local_day(now(), ZONE).year - 1, 1, 1)),
        "items": [{"procedure_code": code, "charge_cents": cents} for code, cents in prices.items()],
    }
    served.http.post("/claims/v1/fee-schedules", json=version).raise_for_status()


@pytest.fixture(scope="module")
def front(served: Served) -> FrontDesk:
    """Return a front desk of the sample practice."""
    claim = served.get(f"/claims/v1/claims/{served.claim['claim_id']}")
    providers = {
        name: claim[name] for name in ("rendering_provider_id", "billing_provider_id") if claim.get(name) is not None
    }
    return FrontDesk(served, providers)


@pytest.fixture(scope="module")
def partner(served: Served) -> Partner:
    """Return who sends beside the services."""
    return Partner(f"http://127.0.0.1:{served.port}/simulator", PAYER)


def test_every_scenario_has_a_file() -> None:
    """`AAA` answers an inquiry; its claims are those of `REJP`."""
    people = [each for told in TOLD for name in ("visits", "later", "eligibility") for each in told.get(name, ())]
    prefixes = {scenario.prefix for each in people if (scenario := named(each["member_id"])) is not None}

    assert prefixes == set(SCENARIOS)


@pytest.mark.parametrize("path", IN_ORDER, ids=lambda path: path.stem)
def test_ends_as_told(path: Path, front: FrontDesk, partner: Partner) -> None:
    told, served = _told(path), front.served
    visits, after = told["visits"], told["after"]
    if "outage" in told:
        _simulator(served, "outage", told["outage"])
    encounters = []
    for visit, expected in zip(visits, told.get("before", after), strict=True):
        encounters.append(front.visit(visit))
        if told.get("in_turn"):
            expect(partner, served, encounters[-1], visit, expected)
    all_stand(partner, served, encounters, visits, told.get("before", after))
    are_eligible(partner, told.get("eligibility", ()), "says")
    for span in told.get("advance", ()):
        _simulator(served, "advance", span)
        all_stand(partner, served, encounters, visits, after)
    for visit, expected in zip(told.get("later", ()), told.get("after_later", ()), strict=True):
        expect(partner, served, front.visit(visit), visit, expected)
    are_eligible(partner, told.get("eligibility", ()), "says_after")
    if "next_payers" in told:
        are_billed(partner, served, encounters[0], told["next_payers"], after[0])
    for kind in told.get("exceptions", ()):
        is_listed(served, kind)
    if told.get("reconciles"):
        agree(served)


def all_stand(
    partner: Partner,
    served: Served,
    encounters: Sequence[str],
    visits: Sequence[Mapping[str, Any]],
    expected: Sequence[Mapping[str, Any]],
) -> None:
    """Return once each visit's claim stands as told."""
    for encounter, visit, each in zip(encounters, visits, expected, strict=True):
        expect(partner, served, encounter, visit, each)


@stamina.retry(on=(AssertionError, httpx.HTTPError), timeout=SECONDS_MAX, wait_initial=0.1, wait_max=0.5, attempts=None)
def expect(
    partner: Partner, served: Served, encounter: str, visit: Mapping[str, Any], expected: Mapping[str, Any]
) -> None:
    """Return once a visit's claim stands as told. **Units**: dollars."""
    claim = _claim(served, encounter)
    account = served.get(f"/payments/v1/claim-accounts/{claim['claim_id']}")
    found = {"charged" if name == "charge" else name: account[f"{name}_cents"] for name in ("charge", *PARTS[1:])}
    told = {name: _cents(expected[name]) for name in PARTS if name in expected}
    assert {name: found[name] for name in told} == told
    assert found["charged"] == sum(found[name] for name in PARTS[1:])
    assert expected.get("stage", "accepted-by-payer") in {"any", claim["submission"]["stage"]}
    if "adjudication" in expected:
        assert claim["adjudication"] == expected["adjudication"]
    if "decisions" in expected:
        number = claim["submission"]["patient_control_number"]
        assert len(_booked(served, number)) == expected["decisions"]
    if "answers" in expected:
        assert claim["submission"]["status_codes"] == expected["answers"]
    said = {name: expected[name] for name in ("clp02", "reasons", "remarks") if name in expected}
    if said:
        decided = _decided(served, account)
        assert {name: decided[name] for name in said} == said
    if "check" in expected:
        assert _check(served, account) == {name: _cents(dollars) for name, dollars in expected["check"].items()}
    if "status" in expected:
        assert partner.status(visit["member_id"], claim["submission"]["patient_control_number"]) == expected["status"]


def are_eligible(partner: Partner, members: Sequence[Mapping[str, Any]], said: str) -> None:
    """Look whether a payer says of members what is told."""
    asked = [each for each in members if said in each]
    assert [partner.eligibility(each["member_id"]) for each in asked] == [each[said] for each in asked]


def are_billed(
    partner: Partner,
    served: Served,
    encounter: str,
    payers: Sequence[Mapping[str, Any]],
    expected: Mapping[str, Any],
) -> None:
    """Send the claim of a visit on to payer after payer, and look at 835, book and ledger after each."""
    claim = _claim(served, encounter)
    bill = _first_bill(served, claim)
    for payer in payers:
        bill = partner.billed_on(bill, payer_id=payer["payer"], member_id=payer["member_id"])
        decided = bill.decided
        all_adjustments = [*decided.adjustments, *(one for line in decided.lines for one in line.adjustments)]
        prior = sum(one.amount_cents for one in all_adjustments if (one.group, one.reason) == ("OA", "23"))
        told = {name: _cents(payer[name]) for name in ("paid", "prior", "patient")}
        assert decided.status == payer["clp02"]
        assert {"paid": decided.paid_cents, "prior": prior, "patient": decided.patient_responsibility_cents} == told
        book = _booked(served, decided.patient_control_number)
        (entry,) = (each for each in book if each["payer_id"] == payer["payer"])
        assert {name: entry[f"{name}_cents"] for name in told} == told
        is_listed(served, WAITING, reason=payer["waits_for"], paid_cents=told["paid"])
        expect(partner, served, encounter, {}, expected)


@stamina.retry(on=(LookupError, httpx.HTTPError), timeout=SECONDS_MAX, wait_initial=0.1, wait_max=0.5, attempts=None)
def _first_bill(served: Served, claim: Mapping[str, Any]) -> Bill:
    account = served.get(f"/payments/v1/claim-accounts/{claim['claim_id']}")
    file_sha256 = str(account["batches"][-1]["file_sha256"])
    return billed(served.data / "exchange", claim["submission"]["patient_control_number"], file_sha256)


@stamina.retry(on=(AssertionError, httpx.HTTPError), timeout=SECONDS_MAX, wait_initial=0.1, wait_max=0.5, attempts=None)
def is_listed(served: Served, kind: str, **what: object) -> None:
    """Return once a person is shown something of a kind."""
    items = served.get("/payments/v1/exceptions", kind=kind)["items"]
    assert [each for each in items if what.items() <= each.items()]


def agree(served: Served) -> None:
    """Look whether book and ledger agree to the cent, but for checks that wait for a person; and the ledger by itself.

    A check of which a part waits is smaller in payments by that part.
    """
    finished = claimlog("simulator", "reconcile", "--json", data=served.data, CLAIMLOG_PORT=served.port)
    waiting: dict[str, int] = {}
    for each in served.get("/payments/v1/exceptions", kind=WAITING, page_size="500")["items"]:
        trace = served.get(f"/payments/v1/remittances/{each['remittance_id']}")["trace_number"]
        waiting[trace] = waiting.get(trace, 0) + each["paid_cents"]
    differences = finished.outcome["differences"]
    trial = served.get("/payments/v1/trial-balance")

    assert finished.code == (1 if waiting else 0)
    assert {each["trace_number"] for each in differences} == set(waiting)
    for each in differences:
        if each["what"] == "amount":
            assert each["book_cents"] - each["payments_cents"] == waiting[each["trace_number"]]
    assert trial["total_cents"] == 0
    assert trial["money_cents"]["charged"] * 2 == sum(trial["money_cents"].values())


def _decided(served: Served, account: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what the last check on an account says of its claim."""
    claims = [each for each in _last_check(served, account)["claims"] if each["claim_id"] == account["claim_id"]]
    adjustments = [*claims[-1]["adjustments"], *(one for line in claims[-1]["lines"] for one in line["adjustments"])]
    return {
        "clp02": claims[-1]["claim_status_code"],
        "reasons": sorted({f"{each['group']}-{each['reason_code']}" for each in adjustments}),
        "remarks": sorted({code for line in claims[-1]["lines"] for code in line["remark_codes"]}),
    }


def _check(served: Served, account: Mapping[str, Any]) -> Mapping[str, int]:
    """Return what the last check on an account is worth, and the sum of its entries by reason. **Units**: cents."""
    check = _last_check(served, account)
    found = {"paid": check["paid_cents"]}
    for entry in check["provider_adjustments"]:
        found[entry["plb_code"]] = found.get(entry["plb_code"], 0) + entry["amount_cents"]
    return found


def _last_check(served: Served, account: Mapping[str, Any]) -> Mapping[str, Any]:
    remittances = [each["remittance_id"] for each in account["batches"] if each["remittance_id"]]
    assert remittances, "nothing was paid yet"
    check: Mapping[str, Any] = served.get(f"/payments/v1/remittances/{remittances[-1]}")
    return check


def _booked(served: Served, number: str) -> Sequence[Mapping[str, Any]]:
    """Return what the payers' own book has of a claim."""
    return [each for each in served.get("/simulator/book")["claims"] if each["patient_control_number"] == number]


def _cents(dollars: str) -> int:
    return Money.of_decimal(dollars).cents


def _simulator(served: Served, *words: str) -> None:
    done = claimlog("simulator", *words, data=served.data, CLAIMLOG_PORT=served.port)
    assert done.code == 0, done.err


def _claim(served: Served, encounter: str) -> Mapping[str, Any]:
    billing = served.get(f"/claims/v1/encounter-billings/{encounter}")
    assert billing.get("claim_id"), billing
    claim: Mapping[str, Any] = served.get(f"/claims/v1/claims/{billing['claim_id']}")
    return claim


def test_book_and_ledger_differ_only_in_what_waits_for_a_person(served: Served) -> None:
    agree(served)
