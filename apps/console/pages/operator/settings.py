"""Settings: what each service was told, and by whom; passwords are masked by the service."""

from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from apps.console.desk import AtDesk
from apps.console.pages.operator.figures import shared
from apps.console.pages.operator.services import READS

ROUTER: Final = APIRouter(include_in_schema=False)


@ROUTER.get("/operator/settings")
async def settings(desk: AtDesk) -> Response:
    """Show what was set, and apart from it what has its default."""
    if not desk.may(READS):
        return desk.page("operator/closed.html")
    found = await desk.together(**{name: (name, desk.service(name).settings) for name in desk.console.settings.urls})
    every = shared({name: told for name, told in found.items() if told})
    return desk.page(
        "operator/settings.html",
        given=[each for each in every if each.source != "default"],
        defaults=[each for each in every if each.source == "default"],
    )
