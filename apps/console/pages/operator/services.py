"""Services: who is ready, how far facts got, what is late, what waits, what touches the world, what needs a look."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final

from fastapi import APIRouter
from starlette.responses import Response

from apps.console.desk import AtDesk, Desk
from apps.console.pages.operator.figures import Seen, remarks

ROUTER: Final = APIRouter(include_in_schema=False)
READS: Final = "operations.read"


@ROUTER.get("/operator")
async def services(desk: AtDesk) -> Response:
    """Show a row per service, and below what needs a look."""
    if not desk.may(READS):
        return desk.page("operator/closed.html")
    found = await every_service(desk)
    waiting = [
        {"service": each.name, **row} for each in found for row in (each.status["waiting"] if each.status else ())
    ]
    return desk.page("operator/services.html", services=found, remarks=remarks(found), waiting=waiting)


async def every_service(desk: Desk) -> Sequence[Seen]:
    """Return every service as it is found; one that is silent holds up no other, and is shown as such."""
    return await asyncio.gather(*(_seen(desk, name) for name in desk.console.settings.urls))


async def _seen(desk: Desk, name: str) -> Seen:
    client = desk.service(name)
    readiness: Mapping[str, Any] | None = await desk.asked(name, client.readiness)
    has_store = readiness is not None and readiness["status"] != "not-ready"
    status = await desk.asked(name, client.status) if has_store else None
    return Seen(name=name, readiness=readiness, status=status)
