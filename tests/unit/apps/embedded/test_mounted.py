"""A request reaches the application that the first part of its path names, with its own path behind that."""

import httpx
import pytest
from fastapi import FastAPI, Request

from apps.embedded.mounted import Mounted


def named(name: str) -> FastAPI:
    app = FastAPI()

    @app.get("/v1/things/{thing_id}")
    async def thing(thing_id: str, request: Request) -> list[str]:
        return [name, thing_id, request.url.path]

    return app


@pytest.fixture
def mounted() -> httpx.AsyncClient:
    apps = Mounted({name: named(name) for name in ("coding", "claims")})
    return httpx.AsyncClient(transport=httpx.ASGITransport(apps), base_url="http://test")


async def test_what_no_name_leads_to_goes_to_the_root_with_its_whole_path() -> None:
    apps = Mounted({"coding": named("coding")}, root=named("root"))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(apps), base_url="http://test") as client:
        answer = await client.get("/v1/things/t-1")

    assert answer.json() == ["root", "t-1", "/v1/things/t-1"]


@pytest.mark.parametrize("name", ["coding", "claims"])
async def test_an_application_answers_under_its_name(mounted: httpx.AsyncClient, name: str) -> None:
    answer = await mounted.get(f"/{name}/v1/things/t-1")

    assert answer.json() == [name, "t-1", f"/{name}/v1/things/t-1"]


@pytest.mark.parametrize("path", ["/coding", "/coding/", "/coding/coding/v1/things/t-1", "/coding/v2/things"])
async def test_a_path_that_an_application_lacks_is_its_own_404(mounted: httpx.AsyncClient, path: str) -> None:
    answer = await mounted.get(path)

    assert (answer.status_code, answer.json()) == (404, {"detail": "Not Found"})


async def test_what_the_type_of_a_problem_leads_to_lies_at_the_root() -> None:
    app = FastAPI()

    @app.get("/problems/{slug}")
    async def meaning(slug: str, request: Request) -> list[str]:
        return [slug, request.url.path]

    transport = httpx.ASGITransport(Mounted({"coding": app, "claims": named("claims")}))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
        answer = await http.get("/problems/name-taken")

    assert answer.json() == ["name-taken", "/problems/name-taken"]


@pytest.mark.parametrize(
    "path", ["/", "", "/v1/things/t-1", "/Coding/v1/things/t-1", "//coding/v1/things/t-1", "/%2Fcoding"]
)
async def test_a_path_that_names_nobody_is_a_problem(mounted: httpx.AsyncClient, path: str) -> None:
    answer = await mounted.get(path)

    assert answer.status_code == 404
    assert answer.json()["type"] == "/problems/not-found"
