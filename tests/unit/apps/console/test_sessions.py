"""Sessions end by themselves, and nothing about them can be guessed or is kept in the clear."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from apps.console.roles import OWNERS, ROLES
from apps.console.sessions import Sessions
from apps.console.sign_in import DevelopmentSignIn, NoProvider, NotAdmitted, Person
from shared.runtime.scopes import ALL_SCOPES
from shared.runtime.tokens import DevelopmentIssuer

NOW = datetime(2026, 3, 3, 9, tzinfo=UTC)
IDLE = timedelta(minutes=30)


def person(until: datetime = NOW + timedelta(hours=10)) -> Person:
    return Person(account="ann", role=ROLES["biller"], token=f"token of {until}", until=until)


def test_a_session_goes_on_while_it_is_used() -> None:
    sessions = Sessions(IDLE)
    session_id = sessions.begin(person(), NOW)

    for minutes in (20, 40, 60):
        assert sessions.of(session_id, NOW + timedelta(minutes=minutes)) is not None
    assert sessions.of(session_id, NOW + timedelta(minutes=91)) is None
    assert sessions.of(session_id, NOW + timedelta(minutes=61)) is None


def test_a_session_ends_with_its_token_and_when_it_is_ended() -> None:
    sessions = Sessions(IDLE)
    short, ended = sessions.begin(person(NOW + timedelta(minutes=5)), NOW), sessions.begin(person(), NOW)
    sessions.end(ended)

    assert sessions.of(short, NOW + timedelta(minutes=5)) is None
    assert sessions.of(ended, NOW) is None
    assert sessions.of("guessed", NOW) is None


def test_a_form_of_another_session_is_none_of_this_one() -> None:
    sessions = Sessions(IDLE)
    (one, other) = (sessions.of(sessions.begin(person(), NOW), NOW) for _ in range(2))

    assert one is not None
    assert other is not None
    assert one.has_form_token(one.form_token)
    assert not other.has_form_token(one.form_token)
    assert not one.has_form_token("")


def test_what_is_told_is_said_once() -> None:
    sessions = Sessions(IDLE)
    session = sessions.of(sessions.begin(person(), NOW), NOW)
    assert session is not None
    session.tell("Released.")

    assert (session.heard(), session.heard()) == (["Released."], [])


@pytest.mark.parametrize(("environment", "said"), [("production", "identity provider"), ("development", "make run")])
def test_nobody_chooses_a_name_in_production_or_without_a_key(tmp_path: Path, environment: str, said: str) -> None:
    with pytest.raises(NoProvider, match=said):
        DevelopmentSignIn(tmp_path / "issuer.json", "issuer", "demo", environment=environment)


@pytest.mark.parametrize("given", [{}, {"account": "ann"}, {"account": " ", "role": "biller"}, {"account": "a\nb"}])
def test_a_name_and_a_role_are_needed(tmp_path: Path, given: dict[str, str]) -> None:
    DevelopmentIssuer.from_folder(tmp_path, "issuer")

    with pytest.raises(NotAdmitted):
        DevelopmentSignIn(tmp_path / "issuer.json", "issuer", "demo", environment="development").admit(given, NOW)


def test_roles_may_what_their_work_takes_and_an_operator_sees_no_patient() -> None:
    assert all(set(role.scopes) <= set(ALL_SCOPES) for role in ROLES.values())
    assert "registration.read" not in ROLES["operator"].scopes
    assert {name for name, role in ROLES.items() if "payments.write" in role.scopes} == {"poster", "manager"}
    assert "denial specialist" in OWNERS
