"""The mark between two turns, as given, when, then."""

from services.validation.domain.backlog import BACKLOGS, TURN_ENCOUNTERS_MAX, BacklogLeft, LeaveBacklog
from services.validation.domain.payer_rule.in_force import JUDGES_MAX
from services.validation.domain.rules import RULES
from services.validation.settings import Settings
from tests.unit.validation.samples import NOW

LEFT = BacklogLeft(thing="payer/PY-1", after="EN-40", left_at=NOW)


def test_marks_where_a_turn_ended() -> None:
    assert BACKLOGS.outcome(given=(), when=LeaveBacklog(thing="payer/PY-1", after="EN-40", now=NOW)) == (LEFT,)


def test_adds_nothing_for_a_repeat() -> None:
    assert BACKLOGS.outcome(given=[LEFT], when=LeaveBacklog(thing="payer/PY-1", after="EN-40", now=NOW)) == ()


def test_has_one_history_for_each_thing() -> None:
    assert BACKLOGS.stream(LeaveBacklog(thing="payer/PY-1", after="EN-40", now=NOW)) == "backlog-payer/PY-1"


def test_a_turn_fits_into_a_unit_whatever_the_rules_find() -> None:
    facts_of_an_encounter = len(RULES) + JUDGES_MAX + 2  # those of payers too, what arrived, and the outcome

    assert TURN_ENCOUNTERS_MAX * facts_of_an_encounter + 1 <= Settings().unit_events_max
