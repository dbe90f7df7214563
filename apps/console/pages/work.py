"""Work lists: all of them by whose turn it is, one of them with filter, order and pages, and several rows at once.

Owns: the one page over every worklist of every service; what it is filtered by stands in its address, so that a view is
kept as a bookmark. A change of several is shown first and confirmed then, each with a key of its own.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from functools import partial
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from starlette.responses import Response

from apps.console.columns import flat, shown_as, usual_order
from apps.console.desk import AtDesk, Desk, SentForm
from apps.console.reasons import slug
from apps.console.rendering import list_name
from apps.console.roles import OWNERS
from apps.console.sessions import Place
from shared.clients.claims import ClaimsClient
from shared.clients.every_service import RowOrder
from shared.clients.problem import ProblemAnswered

ROUTER: Final = APIRouter(include_in_schema=False)
_PAGE_SIZE: Final = 50
_CHOSEN_MAX: Final = 100
_DONE: Final = {"release": "released", "resubmit": "asked to go out again"}


@ROUTER.get("/work")
async def work(desk: AtDesk) -> Response:
    """Show all worklists by whose turn it is, the person's own first."""
    return desk.page("work.html", owners=await lists_by_owner(desk))


@ROUTER.get("/work/{service}/{name}")
async def worklist(  # noqa: PLR0913, PLR0917 (each is a part of the address)
    service: str, name: str, desk: AtDesk, reason: str = "", order: RowOrder | None = None, cursor: str = ""
) -> Response:
    """Show one worklist; nobody having asked for another order, what is due first comes first."""
    if service not in desk.console.settings.urls:
        raise ProblemAnswered(404, "worklist-not-found", "no service has this name")
    client = desk.service(service)
    found = await desk.together(
        page=(
            service,
            lambda: client.worklist_page(
                name,
                reason=reason or None,
                order=order or usual_order(name),
                cursor=cursor or None,
                page_size=_PAGE_SIZE,
            ),
        ),
        summary=(service, lambda: client.worklist_summary(name, today=desk.today)),
    )
    if found["summary"] is None and not desk.unanswered:
        raise ProblemAnswered(404, "worklist-not-found", "no worklist has this name")
    items, following = found["page"] or ((), None)
    rows = [flat(name, row) for row in items]
    here = f"/work/{service}/{name}"

    def path(**changed: str) -> str:
        asked = {"reason": reason, "order": order or "", **changed}
        kept = urlencode({key: value for key, value in asked.items() if value})
        return f"{here}?{kept}" if kept else here

    desk.session.came_from = Place(path(cursor=cursor), list_name(name))
    return desk.page(
        "worklist.html",
        service=service,
        name=name,
        shown=shown_as(name, rows),
        rows=rows,
        summary=found["summary"],
        reason=reason,
        order=order or usual_order(name),
        next=path(cursor=following) if following else "",
        path=path,
        sorted_path=lambda by: path(order=by),
        **await _called(desk, rows),
    )


@ROUTER.get("/work/claims/{name}/preview")
async def preview(name: str, desk: AtDesk, chosen: Annotated[tuple[str, ...], Query(alias="id")] = ()) -> Response:
    """Show what would be done with the chosen claims."""
    chosen = chosen[:_CHOSEN_MAX]
    claims = await desk.together(**{each: ("claims", _one(desk.claims, each)) for each in chosen})
    rows = [found for found in claims.values() if found]
    shown = shown_as(name, [])
    return desk.page(
        "work_preview.html", name=name, shown=shown, rows=rows, verb=shown.bulk, **await _called(desk, rows)
    )


@ROUTER.post("/work/claims/{name}/confirm")
async def confirm(name: str, desk: AtDesk, form: SentForm) -> Response:
    """Do it with each of the claims as they were shown; say which ones somebody else changed meanwhile."""
    verb, done, refused = shown_as(name, []).bulk, 0, list[str]()
    for each in form.all("id")[:_CHOSEN_MAX]:
        claim_id, _, etag = each.partition(" ")
        key = f"{form.text('key')}/{claim_id}"
        try:
            if verb == "release":
                await desk.claims.release(claim_id, reason=slug(form.text("reason")), etag=etag, key=key)
            else:
                await desk.claims.resubmit(claim_id, etag=etag, key=key)
            done += 1
        except ProblemAnswered as problem:
            refused.append(f"claim {claim_id[-6:]}: {problem.detail}")
    said = f"{done} claim{'' if done == 1 else 's'} {_DONE.get(verb, 'done')}."
    for each in refused[:3]:
        desk.session.tell(f"Not done: {each}")
    return desk.go(f"/work/claims/{name}", said)


async def lists_by_owner(desk: Desk, *, today: date | None = None) -> Mapping[str, list[Mapping[str, Any]]]:
    """Return every worklist by whose turn it is, the person's own first; with a day also what is at stake and late."""
    asks = {name: (name, partial(desk.service(name).worklists, today=today)) for name in desk.console.settings.urls}
    found = await desk.together(**asks)
    every = [{**each, "service": name} for name, lists in found.items() for each in lists or ()]
    own = desk.session.person.role.owner
    ordered = sorted({*OWNERS, *(each["owner"] for each in every)}, key=lambda owner: (owner != own, owner))
    return {owner: [each for each in every if each["owner"] == owner] for owner in ordered}


async def _called(desk: Desk, rows: Iterable[Mapping[str, Any]]) -> Mapping[str, Any]:
    """Return what patients and payers of rows are called, in one question each."""
    patient_ids = sorted({row["patient_id"] for row in rows if row.get("patient_id")})
    found = await desk.together(
        names=("registration", lambda: desk.registration.patient_names(patient_ids)),
        payers=("registration", desk.registration.payer_names),
    )
    return {"names": found["names"] or {}, "payers": found["payers"] or {}}


def _one(claims: ClaimsClient, claim_id: str) -> Any:  # noqa: ANN401 (a question to ask later)
    return lambda: claims.claim(claim_id)
