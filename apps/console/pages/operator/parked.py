"""Parked records: what stopped which keys, what a record says with its sealed values masked, release and discard.

Owns: going through the keys of a cause, as many as a person waits for. Refuses: order; the service keeps it: a key is
handled from its oldest record on, and only that one can be given up.
"""

import json
from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from apps.console.desk import AtDesk, Desk, SentForm
from apps.console.pages.operator.figures import ParkedCause, by_cause
from apps.console.pages.operator.services import READS
from apps.console.reasons import slug
from shared.clients.problem import ProblemAnswered

ROUTER: Final = APIRouter(include_in_schema=False)
_HERE: Final = "/operator/parked"
_KEYS_MAX: Final = 100
"""Keys that one click releases: each is a request, for which the person waits."""


@ROUTER.get(_HERE)
async def parked(desk: AtDesk) -> Response:
    """Show what is parked, by cause."""
    if not desk.may(READS):
        return desk.page("operator/closed.html")
    found = await desk.together(**{name: (name, desk.parked(name).records) for name in desk.console.settings.urls})
    causes = [cause for name, records in found.items() for cause in by_cause(name, records or ())]
    return desk.page("operator/parked.html", causes=causes, keys_max=_KEYS_MAX)


@ROUTER.get(_HERE + "/{service}/{event_id}")
async def record(service: str, event_id: str, desk: AtDesk) -> Response:
    """Show one record with what it says, and what waits behind it."""
    client = desk.parked(_known(desk, service))
    shown = await client.record(event_id)
    of_key = await client.records(key=shown["key"])
    said = shown["record"]["data"] if shown["record"] else None
    payload = None if said is None else json.dumps(said, indent=2, ensure_ascii=False)
    return desk.page("operator/record.html", service=service, shown=shown, of_key=of_key, payload=payload)


@ROUTER.post(_HERE + "/{service}/releases")
async def release_all(service: str, desk: AtDesk, form: SentForm) -> Response:
    """Handle the keys that a cause stopped after all; one that stays parked holds up no other."""
    cause = form.text("cause")
    client = desk.parked(_known(desk, service))
    found = next((each for each in by_cause(service, await client.records()) if each.cause == cause), None)
    keys = found.keys[:_KEYS_MAX] if found else ()
    handled, still = 0, list[str]()
    for key in keys:
        try:
            released = await client.release(key.first["event_id"])
        except ProblemAnswered as problem:  # somebody else released it meanwhile, or it left the log
            still.append(problem.detail)
            continue
        handled += released["released"]
        if released["cause"]:
            still.append(released["cause"])
    for why in sorted(set(still)):
        desk.session.tell(f"{still.count(why)} of {len(keys)} keys stay parked: {why}.")
    return desk.go(_HERE, f"{service}: {_records(handled)} handled.{_more(found)}")


@ROUTER.post(_HERE + "/{service}/{event_id}/release")
async def release(service: str, event_id: str, desk: AtDesk, _: SentForm) -> Response:
    """Handle the records of one key after all, oldest first."""
    released = await desk.parked(_known(desk, service)).release(event_id)
    if released["left"]:
        desk.session.tell(f"{_records(len(released['left']))} of the key stay parked: {released['cause']}.")
    return desk.go(_HERE, f"{service}: {_records(released['released'])} handled.")


@ROUTER.post(_HERE + "/{service}/{event_id}/discard")
async def discard(service: str, event_id: str, desk: AtDesk, form: SentForm) -> Response:
    """Give up a record for good."""
    given_up = await desk.parked(_known(desk, service)).discard(event_id, reason=slug(form.text("reason")))
    left = len(given_up["left"])
    more = f" {_records(left)} behind it wait for a release." if left else ""
    return desk.go(_HERE, f"{service}: given up; the reason is kept.{more}")


def _known(desk: Desk, service: str) -> str:
    if service not in desk.console.settings.urls:
        raise ProblemAnswered(404, "nothing-parked", "no service has this name")
    return service


def _records(count: int) -> str:
    return f"{count:,} record{'' if count == 1 else 's'}"


def _more(found: ParkedCause | None) -> str:
    left = len(found.keys) - _KEYS_MAX if found else 0
    return f" {left:,} keys are still to come; release again." if left > 0 else ""
