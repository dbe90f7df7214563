"""What becomes a version of a rule of a payer, as given, when, then."""

from typing import Any, Final

import pytest
from msgspec import json, structs

from services.validation.domain.payer_rule.condition import Draft
from services.validation.domain.payer_rule.draft import (
    PAYER_RULE_DRAFTS,
    VERSIONS_MAX,
    Drafted,
    DraftRule,
    PayerRuleCasesFail,
    PayerRuleDrafted,
    PayerRuleVersionsFull,
)
from shared.events.envelope import Actor
from tests.unit.validation.domain.payer_rule.rules import RULE_ID, draft
from tests.unit.validation.samples import NOW

BILLER: Final = Actor(kind="human", id="biller-2")


def write(made: Draft, **changes: Any) -> DraftRule:  # noqa: ANN401 (any field of the command)
    fields: dict[str, Any] = {"rule_id": RULE_ID, "draft": made, "actor": BILLER, "now": NOW}
    return DraftRule(**fields | changes)


def drafted(version: int, made: Draft) -> PayerRuleDrafted:
    return PayerRuleDrafted(
        rule_id=RULE_ID, version=version, rule=made.rule, cases=made.cases, drafted_by="biller-2", drafted_at=NOW
    )


def test_counts_versions() -> None:
    other = draft(title="Another title")

    assert PAYER_RULE_DRAFTS.outcome(given=(), when=write(draft())) == (drafted(1, draft()),)
    assert PAYER_RULE_DRAFTS.outcome(given=(drafted(1, draft()),), when=write(other)) == (drafted(2, other),)


def test_the_same_draft_again_adds_nothing() -> None:
    assert PAYER_RULE_DRAFTS.outcome(given=(drafted(1, draft()),), when=write(draft())) == ()


def test_a_program_may_write_a_draft() -> None:
    (event,) = PAYER_RULE_DRAFTS.outcome(
        given=(), when=write(draft(), actor=Actor(kind="service", id="rules-of-practice"))
    )

    assert event.drafted_by == "rules-of-practice"


def test_refuses_a_rule_that_contradicts_its_cases_and_says_which() -> None:
    made = draft()
    turned = structs.replace(made, cases=(made.cases[0], structs.replace(made.cases[1], expects="found")))

    with pytest.raises(PayerRuleCasesFail) as refused:
        PAYER_RULE_DRAFTS.outcome(given=(), when=write(turned))

    assert refused.value.errors == (
        {"pointer": "/cases/1", "code": "case-fails", "why": "the rule says of it: nothing"},
    )


def test_has_a_limit_of_versions() -> None:
    full = drafted(VERSIONS_MAX, draft())

    with pytest.raises(PayerRuleVersionsFull):
        PAYER_RULE_DRAFTS.outcome(given=(full,), when=write(draft(title="One more")))


def test_what_is_stored_is_what_was_drafted() -> None:
    event = drafted(1, draft())

    assert json.decode(json.encode(event), type=PayerRuleDrafted) == event
    assert PAYER_RULE_DRAFTS.state((event,)) == Drafted(
        rule_id=RULE_ID, version=1, draft=draft(), drafted_by="biller-2", drafted_at=NOW
    )
