"""`claimlog show claim` as a person calls it, on the sample practice: what is known now, and what was at submission."""

import json
from datetime import datetime, timedelta

import pytest

from shared.events.envelope import Actor
from shared.runtime.clock import now
from shared.runtime.tokens import DevelopmentIssuer
from tests.e2e.conftest import Served
from tests.support.programs import claimlog


def test_composes_what_five_services_know_now(served: Served) -> None:
    found = served.shown()
    claim = served.get(f"/claims/v1/claims/{served.claim['claim_id']}")
    scrub = served.get(f"/validation/v1/scrubs/{served.claim['encounter_id']}")

    assert (found["claim"], found["as_of"], found["submission"]) == (claim, None, None)
    assert found["patient"]["patient_id"] == claim["patient_id"]
    assert [each["coverage_id"] for each in found["coverages"] if each["on_claim"]] == [claim["coverage_id"]]
    assert found["coverages"][0]["order"] == 1
    assert found["prices"]["charge_cents"] == sum(line["charge_cents"] for line in found["prices"]["lines"])
    assert found["rules"]["rule_set_version"] == scrub["rule_set_version"]
    assert found["findings"] == scrub["findings"]
    assert found["account"]["open_cents"] == 0


def test_shows_as_submitted_what_was_known_before_a_coverage_was_added_and_money_came(served: Served) -> None:
    before = served.shown()
    path = f"/registration/v1/patients/{served.claim['patient_id']}"
    payer_id = before["coverages"][0]["payer_id"]
    card = {"payer_id": payer_id, "member_id": "LATER1", "filing_order": "primary", "effective_from_on": "2020-01-01"}
    added = served.http.post(f"{path}/coverages", json=card).raise_for_status().json()
    after, then = served.shown(), served.shown("--as-submitted")
    again = served.shown("--as-of", then["as_of"])

    assert added["coverage_id"] in [each["coverage_id"] for each in after["coverages"]]
    assert added["coverage_id"] not in [each["coverage_id"] for each in then["coverages"]]
    assert then["coverages"][0]["order"] == 1
    assert then["claim"]["submission"]["stage"] == "queued"
    assert then["claim"]["money"] is None
    assert then["account"] is None or then["account"]["paid_cents"] == 0
    assert (after["claim"]["submission"]["stage"], after["account"]["open_cents"]) == ("accepted-by-payer", 0)
    assert then["submission"]["queued_at"] == then["as_of"] < then["submission"]["submitted_at"]
    assert {**then, "submission": None} == again


def test_is_readable_for_people(served: Served) -> None:
    finished = served.show(served.claim["claim_id"], "--as-submitted")

    assert finished.code == 0, finished.err
    assert all(word in finished.out for word in ("Coverages", "Prices", "Findings", "rule set", "order"))


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (("--as-of", "yesterday"), 2),
        (("--as-of", "2026-01-01T00:00:00"), 2),
        (("--as-of", "2999-01-01T00:00:00Z"), 2),
        (("--as-of", "2026-01-01T00:00:00Z", "--as-submitted"), 2),
        (("--as-of", "2001-01-01T00:00:00Z"), 1),
    ],
)
def test_says_what_is_wrong_with_a_question(served: Served, options: tuple[str, ...], code: int) -> None:
    finished = served.show(served.claim["claim_id"], *options)

    assert finished.code == code, finished.err
    assert (code == 2) != ("no fact of it was recorded up to" in " ".join(finished.err.split()))


def test_says_that_a_claim_is_unknown(served: Served) -> None:
    finished = served.show("none")

    assert finished.code == 1
    assert "claim-not-found" in finished.err


def test_leaves_out_a_service_that_refuses_and_says_so(served: Served) -> None:
    issuer = DevelopmentIssuer.from_folder(served.data / "keys", "claimlog-development")
    scopes = ("claims.read", "coding.read", "validation.read", "registration.read")
    clerk = Actor(kind="human", id="clerk-1")
    signed = issuer.token(tenant_id="demo", actor=clerk, scopes=scopes, now=now(), lifetime=timedelta(hours=1))
    more = {"CLAIMLOG_PORT": served.port, "CLAIMLOG_TOKEN": signed}
    finished = claimlog("show", "claim", served.claim["claim_id"], "--json", data=served.data, **more)
    found = json.loads(finished.out)

    assert finished.code == 3
    assert (found["account"], list(found["unanswered"])) == (None, ["payments"])
    assert "payments is left out" in finished.err


def test_instants_of_a_claim_are_listed_without_what_its_facts_say(served: Served) -> None:
    facts = served.get(f"/claims/v1/streams/claim-{served.claim['claim_id']}")["facts"]
    missing = served.http.get("/claims/v1/streams/claim-none")

    assert [fact["version"] for fact in facts] == list(range(1, len(facts) + 1))
    assert {"ClaimAssembled", "ClaimQueued", "ClaimSubmitted"} <= {fact["type"] for fact in facts}
    assert all(datetime.fromisoformat(fact["recorded_at"]) for fact in facts)
    assert missing.json()["type"] == "/problems/stream-not-found"
