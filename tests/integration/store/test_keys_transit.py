"""Data keys wrapped by a transit engine: bound to their context, many at once; what it answers else is told clearly."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import pytest
from starlette.responses import JSONResponse, PlainTextResponse, Response

from shared.runtime.keys_transit import BadKeyManagement, KeyManagementUnavailable, Transit
from shared.runtime.settings import RuntimeSettings
from tests.support.transit import Engine, transit

KEYS: Final = [(bytes([n]) * 32, f"context {n}".encode()) for n in range(3)]


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[Engine]:
    async with transit(tmp_path) as running:
        yield running


@pytest.fixture
async def kms(engine: Engine) -> AsyncIterator[Transit]:
    async with Transit.open(told(engine)) as opened:
        yield opened


def told(engine: Engine, **more: str) -> RuntimeSettings:
    return RuntimeSettings.model_validate(engine.settings(**more))


async def test_many_keys_are_wrapped_and_opened_by_one_question_each(engine: Engine, kms: Transit) -> None:
    wrapped = await kms.wrap(KEYS)
    asked = engine.asked
    again = await kms.unwrap([(block, context) for block, (_, context) in zip(wrapped, KEYS, strict=True)])

    assert list(again) == [key for key, _ in KEYS]
    assert not {key for key, _ in KEYS} & set(wrapped)
    assert (asked, engine.asked) == (2, 3), "the second one looks whether the key is derived"
    assert (await kms.wrap([]), await kms.unwrap([]), engine.asked) == ([], [], 3)


async def test_more_keys_than_one_question_takes_keep_their_order(
    engine: Engine, kms: Transit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.runtime.keys_transit._KEYS_AT_ONCE", 2)
    wrapped = await kms.wrap(KEYS)

    assert engine.contexts == [context for _, context in KEYS]
    assert await kms.unwrap([(wrapped[2], KEYS[2][1]), (wrapped[0], KEYS[0][1])]) == [KEYS[2][0], KEYS[0][0]]


async def test_key_opens_under_its_own_context_alone(kms: Transit) -> None:
    wrapped = await kms.wrap(KEYS)

    with pytest.raises(KeyManagementUnavailable, match="KMS_KEY_NAME"):
        await kms.unwrap([(wrapped[0], KEYS[0][1]), (wrapped[1], KEYS[2][1])])


async def test_key_that_was_not_made_derived_is_refused(engine: Engine, kms: Transit) -> None:
    engine.is_derived = False

    with pytest.raises(KeyManagementUnavailable, match="derived=true"):
        await kms.wrap(KEYS)


async def test_token_is_read_anew_each_time(engine: Engine, kms: Transit) -> None:
    await kms.wrap(KEYS)
    engine.token = "t-2"  # noqa: S105 (of nothing)
    with pytest.raises(KeyManagementUnavailable, match="KMS_TOKEN_FILE"):
        await kms.wrap(KEYS)
    engine.token_file.write_text("t-2\n")
    await kms.wrap(KEYS)
    engine.token_file.unlink()
    with pytest.raises(KeyManagementUnavailable, match="cannot be read"):
        await kms.wrap(KEYS)
    engine.token_file.write_text("t\n2")
    with pytest.raises(KeyManagementUnavailable):
        await kms.wrap(KEYS)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (JSONResponse({"errors": ["permission denied"]}, 403), "KMS_TOKEN_FILE"),
        (JSONResponse({"errors": ["Vault is sealed"]}, 503), "answers 503"),
        (PlainTextResponse("<html>"), "something else"),
        (JSONResponse({"data": {"batch_results": []}}), "something else"),
        (JSONResponse({"data": {"batch_results": [{"error": "?"}]}}), "something else"),
        (JSONResponse({"data": {"batch_results": [{"plaintext": "é"}]}}), "something else"),
        (JSONResponse([]), "something else"),
    ],
)
async def test_what_it_cannot_do_is_told(engine: Engine, kms: Transit, answer: Response, said: str) -> None:
    (wrapped,) = await kms.wrap(KEYS[:1])
    engine.answer = answer

    with pytest.raises(KeyManagementUnavailable, match=said):
        await kms.unwrap([(wrapped, KEYS[0][1])])


async def test_another_key_and_nobody_who_answers_are_told(engine: Engine) -> None:
    async with Transit.open(told(engine, kms_key_name="other")) as other:
        with pytest.raises(KeyManagementUnavailable, match="KMS_KEY_NAME"):
            await other.wrap(KEYS)
    async with Transit.open(told(engine, kms_url="http://127.0.0.1:1/v1/transit")) as nowhere:
        with pytest.raises(KeyManagementUnavailable, match="does not answer"):
            await nowhere.wrap(KEYS)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"environment": "production", "kms_url": "http://openbao:8200/v1/transit"}, "https://"),
        ({"kms_url": "openbao:8200"}, "KMS_URL"),
        ({"kms_token_file": ""}, "KMS_TOKEN_FILE"),
        ({"kms_ca_file": "/nowhere"}, "KMS_CA_FILE"),
    ],
)
async def test_settings_that_cannot_be_used_are_refused_at_the_start(
    engine: Engine, more: dict[str, str], said: str
) -> None:
    with pytest.raises(BadKeyManagement, match=said):
        async with Transit.open(told(engine, **more)):
            pass
