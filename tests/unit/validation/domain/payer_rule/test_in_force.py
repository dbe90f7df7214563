"""Which rules of payers judge, as given, when, then."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

import pytest
from msgspec import json

from services.validation.domain.payer_rule.condition import Draft
from services.validation.domain.payer_rule.draft import Drafted
from services.validation.domain.payer_rule.in_force import (
    FINDINGS_MAX,
    JUDGES_MAX,
    NOBODY,
    PAYER_RULE_SETS,
    TERMS_MAX,
    ActivateRule,
    PayerRuleActivated,
    PayerRuleCommand,
    PayerRuleFact,
    PayerRuleInThePast,
    PayerRuleNotAdvised,
    PayerRuleNotInForce,
    PayerRuleOnlyWarns,
    PayerRules,
    PayerRulesFull,
    RetireRule,
    judges_of,
)
from services.validation.domain.person import PersonNeeded
from shared.events.envelope import Actor
from shared.kernel.errors import KnownError
from tests.unit.validation.domain.payer_rule.rules import RULE_ID, draft
from tests.unit.validation.samples import LINE, NOW, lined

BILLER: Final = Actor(kind="human", id="biller-2")
HOUR: Final = timedelta(hours=1)
WARNING: Final = draft(action={"kind": "warn"})
VACCINATED: Final = lined({"procedure": LINE.procedure}, {"procedure": LINE.procedure})


def version(number: int = 1, made: Draft | None = None, rule_id: str = RULE_ID) -> Drafted:
    return Drafted(rule_id=rule_id, version=number, draft=made or draft(), drafted_by="coder-7", drafted_at=NOW - HOUR)


def advise(drafted: Drafted | None = None, **changes: Any) -> ActivateRule:  # noqa: ANN401 (any field of the command)
    command = ActivateRule(drafted=drafted or version(), mode="advisory", in_force_from=None, actor=BILLER, now=NOW)
    return replace(command, **changes)


def enforce(drafted: Drafted | None = None, **changes: Any) -> ActivateRule:  # noqa: ANN401 (any field of the command)
    return advise(drafted, **{"mode": "enforcing", "now": NOW + HOUR} | changes)


def retire(**changes: Any) -> RetireRule:  # noqa: ANN401 (any field of the command)
    return replace(RetireRule(rule_id=RULE_ID, actor=BILLER, now=NOW + 2 * HOUR), **changes)


def after(*commands: PayerRuleCommand) -> tuple[PayerRuleFact, ...]:
    facts: tuple[PayerRuleFact, ...] = ()
    for command in commands:
        facts += PAYER_RULE_SETS.outcome(given=facts, when=command)
    return facts


def judging(assigned_at: datetime, *commands: PayerRuleCommand) -> tuple[int, list[tuple[str, int, str]]]:
    """Return number, and rule, version and mode of each that judges codes of an instant."""
    judges = judges_of(PAYER_RULE_SETS.state(after(*commands)), assigned_at)
    return judges.number, [(judge.rule_id, judge.version, mode) for judge, mode in judges.judges]


def test_a_version_advises_from_now_on() -> None:
    (event,) = after(advise())

    assert isinstance(event, PayerRuleActivated)
    assert (event.number, event.version, event.mode, event.in_force_from) == (1, 1, "advisory", NOW)
    assert (event.drafted_by, event.activated_by) == ("coder-7", "biller-2")
    assert event.rule == draft().rule


def test_what_advised_may_stop_claims() -> None:
    events = after(advise(), enforce())

    assert [each.number for each in events] == [1, 2]
    assert judging(NOW + HOUR, advise(), enforce()) == (2, [(RULE_ID, 1, "enforcing")])


@pytest.mark.parametrize(
    ("given", "command", "refusal"),
    [
        ((), enforce(), PayerRuleNotAdvised),
        ((advise(in_force_from=NOW + 2 * HOUR),), enforce(), PayerRuleNotAdvised),
        ((advise(),), enforce(version(2, draft(title="Another"))), PayerRuleNotAdvised),
        ((advise(), retire(now=NOW)), enforce(), PayerRuleNotAdvised),
        ((advise(version(made=WARNING)),), enforce(version(made=WARNING)), PayerRuleOnlyWarns),
        ((), advise(in_force_from=NOW - timedelta(seconds=1)), PayerRuleInThePast),
        ((), advise(actor=Actor(kind="ai", id="model-1")), PersonNeeded),
        ((advise(),), enforce(actor=Actor(kind="service", id="intake")), PersonNeeded),
        ((advise(),), retire(actor=Actor(kind="rule", id="intake")), PersonNeeded),
        ((), retire(), PayerRuleNotInForce),
        ((advise(), retire()), retire(), PayerRuleNotInForce),
    ],
)
def test_refuses(given: tuple[PayerRuleCommand, ...], command: PayerRuleCommand, refusal: type[KnownError]) -> None:
    facts = after(*given)

    with pytest.raises(refusal):
        PAYER_RULE_SETS.outcome(given=facts, when=command)


@pytest.mark.parametrize(
    "command", [advise(), advise(now=NOW + HOUR), advise(in_force_from=NOW + HOUR)], ids=["now", "later", "from later"]
)
def test_what_judges_so_already_adds_nothing(command: ActivateRule) -> None:
    assert PAYER_RULE_SETS.outcome(given=after(advise()), when=command) == ()


def test_a_version_judges_no_codes_that_were_assigned_before() -> None:
    before, then = NOW - timedelta(microseconds=1), NOW

    assert judging(before, advise()) == (0, [])
    assert judging(then, advise()) == (1, [(RULE_ID, 1, "advisory")])


def test_codes_stay_with_the_version_that_was_in_force_when_they_were_assigned() -> None:
    other = version(2, draft(title="Another"))
    commands = (
        advise(),
        enforce(),
        advise(other, now=NOW + 2 * HOUR),
        enforce(other, now=NOW + 3 * HOUR),
        advise(other, now=NOW + 4 * HOUR),
    )

    found = [judging(NOW + hours * HOUR, *commands) for hours in range(5)]

    assert found == [
        (1, [(RULE_ID, 1, "advisory")]),
        (2, [(RULE_ID, 1, "enforcing")]),
        (3, [(RULE_ID, 1, "enforcing"), (RULE_ID, 2, "advisory")]),
        (4, [(RULE_ID, 2, "enforcing")]),
        (5, [(RULE_ID, 2, "advisory")]),
    ]


def test_what_is_enforced_goes_on_however_many_advise_beside_it() -> None:
    beside = [
        advise(version(number, draft(title=f"Title {number}")), now=NOW + number * HOUR)
        for number in range(2, 2 * TERMS_MAX)
    ]
    last = 2 * TERMS_MAX - 1

    _, found = judging(NOW + last * HOUR, advise(), enforce(), *beside)

    assert found == [(RULE_ID, 1, "enforcing"), (RULE_ID, last, "advisory")]


def test_a_later_begin_waits_for_its_instant() -> None:
    commands = (advise(), advise(version(2, draft(title="Another")), in_force_from=NOW + HOUR))

    assert judging(NOW, *commands) == (1, [(RULE_ID, 1, "advisory")])
    assert judging(NOW + HOUR, *commands) == (2, [(RULE_ID, 2, "advisory")])


def test_an_earlier_begin_takes_the_place_of_one_that_waits() -> None:
    other = version(2, draft(title="Another"))
    commands = (advise(in_force_from=NOW + 2 * HOUR), advise(other, in_force_from=NOW + HOUR))

    assert judging(NOW + 3 * HOUR, *commands) == (2, [(RULE_ID, 2, "advisory")])
    assert [each.version for each in PAYER_RULE_SETS.state(after(*commands)).terms(RULE_ID)] == [2]


def test_a_retired_rule_judges_nothing_and_its_set_has_a_number_of_its_own() -> None:
    other = version(rule_id="payer-other")

    assert judging(NOW, advise(), advise(other), retire()) == (3, [("payer-other", 1, "advisory")])
    assert judging(NOW, advise(), retire()) == (2, [])
    assert judging(NOW - HOUR, advise(), retire()) == (0, [])


def test_a_retirement_changes_no_set_of_codes_that_the_rule_never_judged() -> None:
    later = advise(version(rule_id="payer-other"), now=NOW + HOUR)
    end = retire(rule_id="payer-other", now=NOW + 2 * HOUR)

    assert judging(NOW, advise(), later, end) == (1, [(RULE_ID, 1, "advisory")])
    assert judging(NOW + HOUR, advise(), later, end) == (3, [(RULE_ID, 1, "advisory")])
    assert judging(NOW, advise(), later, end, retire(now=NOW + 3 * HOUR)) == (4, [])


def test_all_rules_together_tell_so_much_and_each_something() -> None:
    lines = [{"procedure": LINE.procedure}] * 50
    wordy = draft(applies=None, finds={"kind": "present", "field": "line.procedure"}, action={"kind": "hold"})
    many = [advise(version(made=wordy, rule_id=f"payer-{number}")) for number in range(JUDGES_MAX // 2)]
    rules = PAYER_RULE_SETS.state(after(*many))

    findings = list(judges_of(rules, NOW).findings(lined(*lines)))

    assert len(findings) == FINDINGS_MAX
    assert len({each.rule_id for each in findings}) == len(many)
    assert [(each.line_no, len(each.inputs)) for each in findings[:2]] == [(1, 1), (None, 49)]


def test_keeps_of_retirements_what_counts_for_some_codes() -> None:
    again = (advise(), retire(), advise(now=NOW + 3 * HOUR), retire(now=NOW + 4 * HOUR))
    sooner = advise(version(rule_id="payer-other"), in_force_from=NOW + HOUR)
    rules = PAYER_RULE_SETS.state(after(*again, replace(sooner, in_force_from=NOW + 5 * HOUR)))
    over = PAYER_RULE_SETS.state(after(advise(), sooner, retire(rule_id="payer-other"), retire()))

    assert [(each.number, each.since) for each in rules.retired] == [(2, NOW), (4, NOW + 3 * HOUR)]
    assert [(each.number, each.since) for each in over.retired] == [(4, NOW)]


def test_rules_judge_in_the_order_of_their_ids() -> None:
    ids = [f"payer-{letter}" for letter in "cab"]

    _, found = judging(NOW, *(advise(version(rule_id=each)) for each in ids))

    assert [rule_id for rule_id, _, _ in found] == sorted(ids)


def test_keeps_so_many_terms_of_a_rule() -> None:
    versions = [
        advise(version(number, draft(title=f"Title {number}")), now=NOW + number * HOUR)
        for number in range(1, TERMS_MAX + 2)
    ]
    rules = PAYER_RULE_SETS.state(after(*versions))

    assert [each.version for each in rules.terms(RULE_ID)] == list(range(2, TERMS_MAX + 2))
    assert judging(NOW + HOUR, *versions)[1] == []


def test_a_version_may_advise_from_the_instant_on_which_another_is_enforced() -> None:
    second, begins = version(2, draft(title="Another")), NOW + 2 * HOUR
    commands = (advise(), enforce(in_force_from=begins), advise(second, in_force_from=begins, now=NOW + HOUR))

    assert judging(begins, *commands) == (3, [(RULE_ID, 1, "enforcing"), (RULE_ID, 2, "advisory")])
    assert judging(NOW + HOUR, *commands) == (1, [(RULE_ID, 1, "advisory")])


def test_so_many_versions_judge_and_one_that_advises_beside_the_enforced_counts() -> None:
    second = version(2, draft(title="Another"))
    others = (advise(version(rule_id=f"payer-{number}")) for number in range(JUDGES_MAX - 2))
    full = after(advise(), *others, enforce(), advise(second, now=NOW + 2 * HOUR))
    one_more = advise(version(rule_id="payer-one-more"), now=NOW + 2 * HOUR)

    for too_many in (one_more, replace(one_more, in_force_from=NOW + 9 * HOUR)):
        with pytest.raises(PayerRulesFull):
            PAYER_RULE_SETS.outcome(given=full, when=too_many)
    instead = (*full, *PAYER_RULE_SETS.outcome(given=full, when=enforce(second, now=NOW + 2 * HOUR)))
    assert PAYER_RULE_SETS.outcome(given=instead, when=one_more)


def test_says_which_set_judged_and_nothing_where_there_is_none() -> None:
    rules = PAYER_RULE_SETS.state(after(advise()))

    assert judges_of(rules, NOW).after("2026.11") == "2026.11+1"
    assert judges_of(None, NOW) == NOBODY
    assert NOBODY.after("2026.11") == "2026.11"


def test_finds_in_the_mode_in_which_it_judges() -> None:
    finds = {"kind": "present", "field": "procedures"}
    everyone = draft(applies=None, finds=finds, judges="claim", action={"kind": "hold"})
    commands = (advise(version(made=everyone)), enforce(version(made=everyone)))
    rules = PAYER_RULE_SETS.state(after(*commands))

    found = [
        [(each.severity, each.rule_version) for each in judges_of(rules, at).findings(VACCINATED)]
        for at in (NOW - HOUR, NOW, NOW + HOUR)
    ]

    assert found == [[], [("warning", 1)], [("error", 1)]]


def test_a_draft_says_whether_a_person_may_let_its_findings_pass() -> None:
    strict = version(made=draft(overridable=False))
    judges = judges_of(PAYER_RULE_SETS.state(after(advise(strict))), NOW)

    assert not judges.overridable(RULE_ID)
    assert judges.overridable("payer-retired")


def test_two_tenants_with_one_number_and_one_id_keep_their_own_rules() -> None:
    mine, theirs = (
        judges_of(PAYER_RULE_SETS.state(after(advise(version(made=made)))), NOW)
        for made in (draft(), draft(title="Of another practice"))
    )

    assert (mine.number, theirs.number) == (1, 1)
    assert [each.rule.title for judges in (mine, theirs) for each, _ in judges.judges] == [
        draft().rule.title,
        "Of another practice",
    ]


def test_what_is_stored_tells_the_same_set() -> None:
    facts = after(advise(), enforce(), advise(version(rule_id="payer-other")), retire())
    stored = [json.decode(json.encode(each), type=type(each)) for each in facts]
    rules = PAYER_RULE_SETS.state(facts)

    assert PAYER_RULE_SETS.state(stored) == rules
    assert json.decode(json.encode(rules), type=PayerRules) == rules
