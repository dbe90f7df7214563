"""Registration as production runs it: data keys of patients are wrapped by a transit engine, or nothing is told."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Final

import httpx
from starlette.responses import JSONResponse

from apps.embedded.database_server import DatabaseServer
from services.registration.main import service
from services.registration.settings import Settings
from shared.events.envelope import Actor
from shared.runtime.clock import now
from shared.runtime.http import http_app
from shared.runtime.scopes import ALL_SCOPES
from shared.runtime.tokens import DevelopmentIssuer
from tests.support.careless import CARELESS
from tests.support.databases import fresh_database
from tests.support.transit import transit
from tools.processes.rolling import patient

ISSUER: Final = "https://login.example"
SEALED: Final = JSONResponse({"errors": ["Vault is sealed"]}, 503)


@asynccontextmanager
async def registration(settings: Settings, issuer: DevelopmentIssuer) -> AsyncIterator[httpx.AsyncClient]:
    """Start registration, and ask it as a clerk."""
    app = http_app(service(settings))
    clerk = Actor(kind="human", id="clerk-1")
    token = issuer.token(tenant_id="demo", actor=clerk, scopes=ALL_SCOPES, now=now(), lifetime=timedelta(hours=1))
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app),
            base_url="http://registration",
            headers={"Authorization": f"Bearer {token}"},
            event_hooks=CARELESS,
        ) as client,
    ):
        yield client


async def test_patient_is_written_and_read_and_nothing_is_told_while_key_management_is_sealed(
    tmp_path: Path, database_server: DatabaseServer
) -> None:
    issuer = DevelopmentIssuer.from_folder(tmp_path / "keys", ISSUER)
    async with transit(tmp_path) as engine:
        settings = Settings.model_validate(
            {
                "environment": "production",
                "database_url": await fresh_database(database_server),
                "keys_database_url": await fresh_database(database_server),
                "token_keys_file": str(tmp_path / "keys" / "token-keys.json"),
                "token_issuer": ISSUER,
                **engine.settings(),
            }
        )
        async with registration(settings, issuer) as client:
            written = await client.post("/v1/patients", json=patient())
            path = f"/v1/patients/{written.json()['patient_id']}"
            read = await client.get(path)
        assert (written.status_code, read.status_code) == (201, 200), written.text
        engine.answer = SEALED
        async with registration(settings, issuer) as client:
            sealed = [
                await client.get(path, params={"as_of": now().isoformat()}),
                await client.post("/v1/patients", json=patient()),
            ]
            open_still = [await client.get("/v1/worklists"), await client.get("/readyz")]
        engine.answer = None
        async with registration(settings, issuer) as client:
            again = await client.get(path, params={"as_of": now().isoformat()})

    assert [each.json()["type"] for each in sealed] == ["/problems/key-management-unavailable"] * 2
    assert {each.status_code for each in sealed} == {503}
    assert [each.status_code for each in open_still] == [200, 200]
    assert again.json()["name"] == read.json()["name"]
    assert not [each for each in engine.contexts if b"Sample" in each or b"Ada" in each]
