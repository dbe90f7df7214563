"""Read models and long work: where each stands, filling one anew beside the one that serves, ending what runs."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final

from fastapi import APIRouter
from starlette.responses import Response

from apps.console.desk import AtDesk, Desk, SentForm, first
from apps.console.pages.operator.figures import Model, models
from apps.console.pages.operator.services import READS
from apps.console.rendering import words
from shared.clients.problem import ProblemAnswered

ROUTER: Final = APIRouter(include_in_schema=False)
_HERE: Final = "/operator/read-models"
_SHOWN_MAX: Final = 12


@ROUTER.get(_HERE)
async def read_models(desk: AtDesk) -> Response:
    """Show every read model of every service, and the newest operations."""
    if not desk.may(READS):
        return desk.page("operator/closed.html")
    names = tuple(desk.console.settings.urls)
    found = dict(zip(names, await asyncio.gather(*(_of(desk, name) for name in names)), strict=True))
    work = [{"service": name, **each} for name, (_, operations) in found.items() for each in operations]
    newest = sorted(work, key=lambda each: each["created_at"], reverse=True)
    return desk.page(
        "operator/read_models.html",
        by_service={name: shown for name, (shown, _) in found.items()},
        work=newest[:_SHOWN_MAX],
        is_running=any(each["state"] == "running" for each in work),
    )


@ROUTER.post(_HERE + "/{service}/{name}/rebuild")
async def rebuild(service: str, name: str, desk: AtDesk, _: SentForm) -> Response:
    """Fill a read model anew; the one that is there serves until then."""
    await desk.operations(_known(desk, service)).rebuild(name)
    return desk.go(_HERE, f"{service}: {words(name)} is being rebuilt; the one that is there serves meanwhile.")


@ROUTER.post("/operator/operations/{service}/{operation_id}/cancel")
async def cancel(service: str, operation_id: str, desk: AtDesk, _: SentForm) -> Response:
    """End long work at its next part; what was done stays."""
    ended = await desk.operations(_known(desk, service)).cancel(operation_id)
    return desk.go(_HERE, f"{service}: {words(ended['kind'])} of {words(ended['subject'])} ends.")


async def _of(desk: Desk, name: str) -> tuple[Sequence[Model], Sequence[Mapping[str, Any]]]:
    """Return what a service has; nothing where it does not say."""
    status = await desk.asked(name, desk.service(name).status)
    if status is None:
        return (), ()
    operations = await desk.asked(name, lambda: first(desk.operations(name).operations())) or ()
    return models(name, status, operations), operations


def _known(desk: Desk, service: str) -> str:
    if service not in desk.console.settings.urls:
        raise ProblemAnswered(404, "operation-not-found", "no service has this name")
    return service
