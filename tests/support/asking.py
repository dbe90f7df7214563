"""`lending.py` and `donating.py` behind HTTP: one writes what the other one reads."""

from dataclasses import replace
from typing import Any

from fastapi import APIRouter

from shared.kernel.errors import NotFound
from shared.runtime.definition import Api, Service
from shared.runtime.http import Access, Call
from tests.support.donating import Donate, donating
from tests.support.lending import DONORS, SHELVES, Donor, Lend, Shelf, lending


class DonorNotFound(NotFound):
    """No such donor."""

    slug = "donor-not-found"


def asking(**settings: object) -> Service:
    """Return lending, which learns of donors from registration."""
    router = APIRouter(prefix="/v1")

    @router.post("/loans", status_code=201)
    async def lend(body: list[str], call: Call) -> dict[str, Any]:
        await call.handle(*(Lend(copy_id=copy_id) for copy_id in body))
        return {}

    @router.get("/loans/{copy_id}")
    async def loan(copy_id: str, call: Call) -> Shelf | None:
        return await call.row(SHELVES, copy_id)

    @router.get("/donors/{donor_id}")
    async def donor(donor_id: str, call: Call) -> Donor:
        found = await call.row(DONORS, donor_id)
        if found is None:
            raise DonorNotFound("no donor has this id")
        return found

    @router.post("/donor-searches")
    async def search(call: Call) -> list[Donor]:
        return list(await call.rows(DONORS))

    access = {
        "POST /v1/loans": Access(scope="lending.write", does="Lend → CopyLent"),
        "GET /v1/loans/{copy_id}": Access(scope="lending.read", reads="shelves"),
        "GET /v1/donors/{donor_id}": Access(scope="lending.read", reads="donors"),
        "POST /v1/donor-searches": Access(scope="lending.read", reads="donors"),
    }
    return replace(lending(**settings), api=lambda: Api(router=router, access=access))


def giving(**settings: object) -> Service:
    """Return donating, in registration's name."""
    router = APIRouter(prefix="/v1")

    @router.post("/gifts", status_code=201)
    async def give(body: dict[str, str], call: Call) -> dict[str, Any]:
        await call.handle(Donate(donor_id=body["donor_id"], name=body["name"]))
        return {}

    access = {"POST /v1/gifts": Access(scope="registration.write", does="Donate → PayerAdded")}
    return replace(donating(**settings), api=lambda: Api(router=router, access=access))
