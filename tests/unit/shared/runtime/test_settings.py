"""Settings are read in one place, by prefix, and what is unknown or bad is named without its value."""

from pathlib import Path

import pytest

from shared.runtime.settings import BadSettings, RuntimeSettings, failpoint, masked

PREFIX = "CLAIMLOG_CLAIMS_"


def test_reads_its_own_variables_and_no_others() -> None:
    environment = {
        f"{PREFIX}TOPIC_PARTITIONS": "8",
        f"{PREFIX}LOG_URL": "kafka://h:1",
        "CLAIMLOG_CODING_X": "1",
        "CLAIMS_PORT": "tcp://10.0.0.1",
    }
    settings = RuntimeSettings.read(PREFIX, environment)

    assert (settings.topic_partitions, settings.log_url) == (8, "kafka://h:1")


def test_defaults_serve_without_an_environment() -> None:
    assert RuntimeSettings.read(PREFIX, {}) == RuntimeSettings()


def test_names_every_bad_setting_and_no_value() -> None:
    environment = {f"{PREFIX}TOPIC_PARTITIONS": "0", f"{PREFIX}TOPIC_PARTITION": "4", f"{PREFIX}POLL_SIZE": "secret"}

    with pytest.raises(BadSettings) as raised:
        RuntimeSettings.read(PREFIX, environment)
    for name in environment:
        assert name in str(raised.value)
    assert "secret" not in str(raised.value)


def test_told_says_where_each_value_came_from_and_keeps_passwords_to_itself() -> None:
    told = RuntimeSettings.told(
        PREFIX, {f"{PREFIX}DATABASE_URL": "postgresql://writer:s3cret@db/claims", f"{PREFIX}TOPIC_PARTITION": "4"}
    )
    by_name = {each.variable: each for each in told.settings}

    assert by_name[f"{PREFIX}DATABASE_URL"].value == "postgresql://writer:***@db/claims"
    assert by_name[f"{PREFIX}DATABASE_URL"].source == "environment"
    assert (by_name[f"{PREFIX}POLL_SIZE"].value, by_name[f"{PREFIX}POLL_SIZE"].source) == ("1000", "default")
    assert told.unknown == (f"{PREFIX}TOPIC_PARTITION",)


def test_told_marks_a_value_that_cannot_be() -> None:
    told = RuntimeSettings.told(PREFIX, {f"{PREFIX}POLL_SIZE": "many"})

    assert [each.variable for each in told.settings if each.is_wrong] == [f"{PREFIX}POLL_SIZE"]


def test_a_setting_may_come_from_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "uri"
    secret.write_text("postgresql://writer:s3cret@db/claims\n")
    environment = {f"{PREFIX}DATABASE_URL_FILE": str(secret), f"{PREFIX}KMS_KEY_FILE": "/run/kms/key"}
    told = {each.variable: each for each in RuntimeSettings.told(PREFIX, environment).settings}

    settings = RuntimeSettings.read(PREFIX, environment)
    assert (settings.database_url, settings.kms_key_file) == ("postgresql://writer:s3cret@db/claims", "/run/kms/key")
    assert told[f"{PREFIX}DATABASE_URL"].value == "postgresql://writer:***@db/claims"
    assert told[f"{PREFIX}DATABASE_URL"].source == "file"


def test_a_file_that_cannot_be_read_is_named_by_its_setting(tmp_path: Path) -> None:
    environment = {f"{PREFIX}DATABASE_URL_FILE": str(tmp_path / "nobody")}

    with pytest.raises(BadSettings, match=f"cannot be read: {PREFIX}DATABASE_URL$"):
        RuntimeSettings.read(PREFIX, environment)
    told = {each.variable: each for each in RuntimeSettings.told(PREFIX, environment).settings}
    assert told[f"{PREFIX}DATABASE_URL"].is_wrong


def test_a_value_besides_its_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "uri").write_text("postgresql://db/claims")
    environment = {f"{PREFIX}LOG_URL": "kafka://h:1", f"{PREFIX}LOG_URL_FILE": str(tmp_path / "uri")}

    with pytest.raises(BadSettings, match=f"{PREFIX}LOG_URL"):
        RuntimeSettings.read(PREFIX, environment)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("postgresql://u:p@h/d", "postgresql://u:***@h/d"),
        ("postgresql://u:p@ss:w/rd@h:5432/d", "postgresql://u:***@h:5432/d"),
        ("postgresql://u@h/d?password=p&host=/run", "postgresql://u@h/d?password=***&host=/run"),
        ("kafka://h:9092", "kafka://h:9092"),
        ("postgresql://postgres@/d?host=/a@b", "postgresql://postgres@/d?host=/a@b"),
    ],
)
def test_password_within_an_address_is_masked(value: str, shown: str) -> None:
    assert masked(value) == shown


def test_every_setting_says_what_it_is() -> None:
    assert all(field.description for field in RuntimeSettings.model_fields.values())


@pytest.mark.parametrize(
    ("text", "parts"),
    [("", ("", "", 1)), ("relay.read:kill", ("relay.read", "kill", 1)), ("a.b:raise:3", ("a.b", "raise", 3))],
)
def test_failpoint_is_named_by_the_environment(
    text: str, parts: tuple[str, str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLAIMLOG_FAILPOINT", text)

    assert failpoint() == parts


def test_production_has_no_failpoints(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLAIMLOG_FAILPOINT", "relay.read:kill")
    monkeypatch.setenv("CLAIMLOG_ENVIRONMENT", "production")

    assert failpoint()[0] == ""
