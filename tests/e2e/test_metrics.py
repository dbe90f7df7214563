"""What five services that have run the sample practice say to a scraper."""

from typing import Any, Final

import stamina
from prometheus_client.parser import text_string_to_metric_families

from apps.embedded.settings import SERVICES
from tests.e2e.conftest import Served

SECONDS_MAX: Final = 30


def scraped(served: Served, service: str) -> dict[tuple[str, ...], Any]:
    """Return the samples that a service tells of itself, by name and the values of their other labels."""
    text = served.http.get(f"/{service}/metrics").raise_for_status().text
    return {
        (sample.name, *(value for name, value in sorted(sample.labels.items()) if name != "service")): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.labels.get("service") == service
    }


@stamina.retry(on=AssertionError, timeout=SECONDS_MAX, wait_initial=1, wait_max=5, attempts=None)
def answered(served: Served, service: str) -> dict[tuple[str, ...], Any]:
    """Return its samples once each question had an answer in time: right after a start one may have none."""
    found = scraped(served, service)
    assert {value for name, value in found.items() if name[0] == "claimlog_gauge_answered"} == {1}
    return found


def test_every_service_answers_every_question(served: Served) -> None:
    for service in SERVICES:
        found = answered(served, service)

        assert found["claimlog_position_facts",] > 0
        assert {value for name, value in found.items() if name[0] == "claimlog_projection_broken"} == {0}


def test_books_are_balanced_and_effects_are_told(served: Served) -> None:
    payments, claims = answered(served, "payments"), answered(served, "claims")

    assert (payments["claimlog_payments_clearing_cents",], payments["claimlog_payments_unbalanced_cents",]) == (0, 0)
    assert claims["claimlog_effects_held",] == 0
    assert [name[1] for name in claims if name[0] == "claimlog_effects_unknown"] != []


def test_nobody_is_named(served: Served) -> None:
    texts = [served.http.get(f"/{service}/metrics").text for service in SERVICES]
    claim = served.claim

    assert all(claim[name] not in text for text in texts for name in ("claim_id", "patient_id", "encounter_id"))
