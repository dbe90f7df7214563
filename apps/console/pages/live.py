"""What changes, as server-sent events to whoever is signed in."""

from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response, StreamingResponse

from apps.console.desk import AtDesk
from apps.console.live import Live

ROUTER: Final = APIRouter(include_in_schema=False)


@ROUTER.get("/live")
async def live(request: Request, _: AtDesk) -> Response:
    """Tell when a service has recorded something."""
    watched: Live = request.app.state.live
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(watched.events(), media_type="text/event-stream", headers=headers)
