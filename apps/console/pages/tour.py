"""A tour for newcomers: one claim that was paid, one that was denied, one that was rejected, wherever they are now."""

from typing import Any, Final

from fastapi import APIRouter
from starlette.responses import Response

from apps.console.desk import AtDesk
from shared.clients.problem import ProblemAnswered

ROUTER: Final = APIRouter(include_in_schema=False)
STOPS: Final[dict[str, dict[str, Any]]] = {
    "paid": {"submission": "accepted-by-payer", "work_owner": "nobody"},
    "denied": {"work_owner": "denial-specialist"},
    "rejected": {"submission": "rejected"},
}


@ROUTER.get("/tour/{stop}")
async def tour(stop: str, desk: AtDesk) -> Response:
    """Lead to a claim of a kind."""
    async for row in desk.claims.claims(**STOPS.get(stop, STOPS["paid"]), page_size=1):
        return desk.go(f"/claim/{row['claim_id']}")
    raise ProblemAnswered(404, "claim-not-found", "no claim has come that far yet; the sample practice takes a minute")
