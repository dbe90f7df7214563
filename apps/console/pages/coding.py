"""The coding case: what was documented beside the codes that say it, judged while they are typed, and signed.

Owns: the page of one visit for a coder, and what may be done there: assign, let a finding pass, withdraw that. What is
typed is kept until it is assigned: a refusal shows the form again with what was typed. Refuses: what a form's rows mean
(`draft.py`), how they are judged while they are typed (`judging.py`), what in a note speaks for them (`evidence.py`).
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from http import HTTPStatus
from typing import Any, Final, cast, get_args

import httpx
from fastapi import APIRouter
from starlette.responses import Response

from apps.console.desk import Ask, AtDesk, Desk, Form, SentForm, first, not_done
from apps.console.draft import (
    DIAGNOSES_MAX,
    LINES_MAX,
    Diagnosis,
    Draft,
    Line,
    Wrong,
    assigned,
    culprit,
    documented,
    edited,
    meant,
    sent,
)
from apps.console.evidence import marked
from apps.console.judging import (
    Judged,
    Key,
    by_rows,
    judge,
    keys_of,
    people,
    titles_of,
    used_coverages,
)
from apps.console.story import actor
from shared.clients.coding import CodeSystem
from shared.clients.conditions import Shown, new_key
from shared.clients.problem import ProblemAnswered
from shared.codesets.pos import POS
from shared.events.validation import OverrideReason

ROUTER: Final = APIRouter(include_in_schema=False)
_QUEUE: Final = "/work/coding/coder-queue"
_ASKED_CHARACTERS_MIN: Final = 2
_CHOICES_MAX: Final = 12
_NOTE_CHARACTERS_MAX: Final = 30_000
_WHOLE_NOTE: Final = "?note=whole"
"""What is behind the address of a page that shows a long note to its end."""
_YEAR_MONTHS: Final = 12
_OVERTAKEN: Final = (
    "Somebody else assigned codes meanwhile: they are shown above. Yours are kept here; assign again to replace "
    "theirs, or leave the page."
)
_SILENT: Final = (
    "Coding does not answer, so that nobody knows whether these codes were assigned. They are kept here: assign again "
    "in a moment, which assigns them once at most."
)
_REASONS: Final[tuple[OverrideReason, ...]] = get_args(OverrideReason)


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """A form as it was sent, shown again. **Shape**: `etag` and `key` are those to send next."""

    draft: Draft
    etag: str
    key: str
    problem: str = ""
    trace_id: str = ""
    wrongs: tuple[Wrong, ...] = ()
    focus: str = ""


# -- showing -------------------------------------------------------------------------------------------------------


@ROUTER.get("/encounter/{encounter_id}")
async def encounter(encounter_id: str, desk: AtDesk, note: str = "") -> Response:
    """Show a visit with its codes, or those that its documentation proposes."""
    return await _case(desk, encounter_id, whole_note=note == "whole")


async def _case(  # noqa: PLR0913 (what is shown again differs by what was refused)
    desk: Desk,
    encounter_id: str,
    typed: Typed | None = None,
    *,
    passing: Mapping[str, str] | None = None,
    whole_note: bool = False,
    status: int = HTTPStatus.OK,
) -> Response:
    """Return the page. **Shape**: `typed` is a form that could not be taken, `passing` one about a finding."""
    visit = await desk.coding.encounter(encounter_id)
    shown = typed or _proposed(visit)
    found = await _around(desk, visit, shown.draft)
    scrub = found["scrub"]
    is_judged = bool(scrub and visit["codes"] and scrub["coding_version"] == visit["codes"]["coding_version"])
    if typed is None and is_judged and scrub["status"] != "waiting":
        judged = by_rows(scrub["findings"], meant(shown.draft))
    elif desk.may("coding.write"):
        judged = await judge(desk, visit, shown.draft, found)
    else:
        judged = Judged()
    note = found["note"] or ""
    return desk.page(
        "coding.html",
        status=status,
        encounter=visit,
        **_editor(visit, shown, judged, found["titles"] or {}),
        patient=found["patient"],
        age=age(found["patient"]["birth_on"], visit["service_from_on"]) if found["patient"] else "",
        coverages=used_coverages(visit, found["patient"]),
        rendering=found["rendering"],
        biller=found["biller"],
        payers=found["payers"] or {},
        place=place_name(visit["place_of_service"]),
        note=marked(note if whole_note else note[:_NOTE_CHARACTERS_MAX], _said(visit)),
        note_left=0 if whole_note else max(0, len(note) - _NOTE_CHARACTERS_MAX),
        assigned_by=_assigner(found["facts"] or ()),
        scrub=scrub,
        scrub_etag=scrub.etag if scrub else "",
        is_judged=is_judged,
        groups=await _grouped(desk, scrub["findings"]) if scrub else [],
        reasons=_REASONS,
        passing=passing or {},
        billing=found["billing"],
    )


def _proposed(visit: Shown) -> Typed:
    """Return the form as it is first shown: what is assigned, or what the documentation proposes, at its first gap."""
    draft = assigned(visit["codes"]) if visit["codes"] else documented(visit)
    focus = "" if visit["codes"] else first_gap(draft)  # who only looks at codes has the keys of the page
    return Typed(draft=draft, etag=visit.etag, key=new_key(), focus=focus)


async def _around(desk: Desk, visit: Mapping[str, Any], draft: Draft) -> Mapping[str, Any]:
    """Return what all services say around a visit; None where one does not, or where there cannot be anything."""
    encounter_id = visit["encounter_id"]
    asks: dict[str, tuple[str, Ask[Any]]] = {
        "titles": ("coding", lambda: titles_of(desk, visit["service_from_on"], keys_of(draft))),
        "payers": ("registration", desk.registration.payer_names),
        **people(desk, visit),
    }
    if visit["has_note"]:
        asks["note"] = ("coding", lambda: desk.coding.note(encounter_id))
    if visit["codes"]:
        asks |= {
            "facts": ("coding", lambda: desk.service("coding").stream(f"coding_case-{encounter_id}")),
            "scrub": ("validation", lambda: desk.validation.scrub(encounter_id)),
            "billing": ("claims", lambda: desk.claims.encounter_billing(encounter_id)),
        }
    return {**dict.fromkeys(("note", "facts", "scrub", "billing")), **await desk.together(**asks)}


def _editor(visit: Mapping[str, Any], typed: Typed, judged: Judged, titles: Mapping[Key, Any]) -> Mapping[str, Any]:
    """Return what the form is made of."""
    return {
        "encounter_id": visit["encounter_id"],
        "first_on": visit["service_from_on"],
        "last_on": visit["service_to_on"],
        "has_note": visit["has_note"],
        "draft": typed.draft,
        "etag": typed.etag,
        "key": typed.key,
        "problem": typed.problem,
        "trace_id": typed.trace_id,
        "wrongs": {each.field: each.text for each in typed.wrongs},
        "focus": typed.focus,
        "judged": judged,
        "titles": titles,
        "diagnoses_max": DIAGNOSES_MAX,
        "lines_max": LINES_MAX,
    }


def first_gap(draft: Draft) -> str:
    """Return the id of the first field that still needs a code; that of the first diagnosis where none does."""
    gaps = [f"dx-{n}" for n, each in enumerate(draft.diagnoses, start=1) if not each.code]
    gaps += [f"code-{n}" for n, each in enumerate(draft.lines, start=1) if not each.code]
    return (gaps or ["dx-1"])[0]


# -- looking up, judging while it is typed -------------------------------------------------------------------------


@ROUTER.post("/encounter/{encounter_id}/choices")
async def choices(encounter_id: str, desk: AtDesk, form: SentForm) -> Response:
    """Show the codes that fit what is typed in a field; it comes in the form, for an address stands in logs."""
    kind, row = _at(form)
    found: Sequence[Mapping[str, Any]] = ()
    if row is not None and len(row.code) >= _ASKED_CHARACTERS_MIN:
        visit = await desk.coding.encounter(encounter_id)
        on = date.fromisoformat(visit["service_from_on"])
        systems: Sequence[CodeSystem] = ("icd10cm",) if kind == "dx" else ("hcpcs", "cpt")
        found = await asyncio.gather(
            *(desk.coding.codes(each, row.code, on=on, limit=_CHOICES_MAX) for each in systems)
        )
    items = [item for each in found for item in each["items"]][:_CHOICES_MAX]
    return desk.page("coding_choices.html", choices=items, is_asked=bool(found), is_diagnosis=kind == "dx")


@ROUTER.post("/encounter/{encounter_id}/draft")
async def draft(encounter_id: str, desk: AtDesk, form: SentForm) -> Response:
    """Show the form after a row came, went or changed its place; nothing is kept."""
    after, focus = edited(sent(form), form.text("do"))
    typed = Typed(draft=after, etag=form.text("etag"), key=form.text("key"), focus=focus)
    if not desk.is_part:
        return await _case(desk, encounter_id, typed)
    visit, judged, titles = await _live(desk, encounter_id, after)
    return desk.page("coding_form.html", **_editor(visit, typed, judged, titles))


@ROUTER.post("/encounter/{encounter_id}/try")
async def try_codes(encounter_id: str, desk: AtDesk, form: SentForm) -> Response:
    """Show what the rules say of codes as they are typed; nothing is kept."""
    typed = Typed(draft=sent(form), etag="", key="")
    visit, judged, titles = await _live(desk, encounter_id, typed.draft)
    return desk.page("coding_live.html", **_editor(visit, typed, judged, titles))


@ROUTER.post("/encounter/{encounter_id}/evidence")
async def evidence(encounter_id: str, desk: AtDesk, form: SentForm) -> Response:
    """Show the note with what it shares with the title of the row that the coder is at."""
    visit = await desk.coding.encounter(encounter_id)
    kind, row = _at(form)
    found = await desk.together(
        note=("coding", lambda: desk.coding.note(encounter_id)),
        titles=("coding", lambda: titles_of(desk, visit["service_from_on"], [(kind, row.code)] if row else [])),
    )
    title = (found["titles"] or {}).get((kind, row.code if row else ""), {}).get("title") or ""
    note = found["note"] or ""
    if _WHOLE_NOTE not in desk.request.headers.get("hx-current-url", ""):
        note = note[:_NOTE_CHARACTERS_MAX]
    return desk.page("coding_note.html", note=marked(note, _said(visit), title or (row.said if row else "")))


def _at(form: Form) -> tuple[str, Diagnosis | Line | None]:
    """Return what kind of row the coder is at, and the row."""
    typed = sent(form)
    kind, _, number = form.text("at").partition(" ")
    rows: Sequence[Diagnosis | Line] = typed.diagnoses if kind == "dx" else typed.lines
    place = int(number) if number.isdecimal() else 0
    return kind, rows[place - 1] if 1 <= place <= len(rows) else None


async def _live(desk: Desk, encounter_id: str, draft: Draft) -> tuple[Mapping[str, Any], Judged, Mapping[Key, Any]]:
    visit = await desk.coding.encounter(encounter_id)
    found = await desk.together(
        titles=("coding", lambda: titles_of(desk, visit["service_from_on"], keys_of(draft))),
        **people(desk, visit),
    )
    return visit, await judge(desk, visit, draft, found), found["titles"] or {}


# -- doing ---------------------------------------------------------------------------------------------------------


@ROUTER.post("/encounter/{encounter_id}/assign")
async def assign(encounter_id: str, desk: AtDesk, form: SentForm) -> Response:
    """Sign the codes of a form, and go on with the next case where that is asked for."""
    typed = Typed(draft=sent(form), etag=form.text("etag"), key=form.text("key"))
    read = meant(typed.draft)
    if read.wrongs:
        said = " ".join(each.text for each in read.wrongs)
        wrong = replace(typed, problem=said, wrongs=read.wrongs, focus=read.wrongs[0].field)
        return await _case(desk, encounter_id, wrong, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    goes_on = form.text("then") == "next"
    after = await _following(desk, encounter_id) if goes_on else ""
    try:
        codes = await desk.coding.assign_codes(
            encounter_id, diagnoses=read.diagnoses, lines=read.lines, etag=typed.etag, key=typed.key
        )
    except ProblemAnswered as problem:
        refused = await _refused(desk, encounter_id, typed, problem)
        return await _case(desk, encounter_id, refused, status=problem.status)
    except httpx.HTTPError:
        days = {"service_from_on": form.text("first_on"), "service_to_on": form.text("last_on")}
        visit = {"encounter_id": encounter_id, "has_note": False, **days}
        silent = replace(typed, problem=_SILENT)
        return desk.page("coding_kept.html", status=HTTPStatus.BAD_GATEWAY, **_editor(visit, silent, Judged(), {}))
    said = f"Codes assigned as version {codes['coding_version']}."
    if not goes_on:
        return desk.go(f"/encounter/{encounter_id}", f"{said} The rules look at them now.")
    if after:
        return desk.go(f"/encounter/{after}", f"{said} This is the next case.")
    return desk.go(_QUEUE, f"{said} Nothing else waits for a coder.")


async def _refused(desk: Desk, encounter_id: str, typed: Typed, problem: ProblemAnswered) -> Typed:
    """Return a form that was refused as it is shown again.

    After somebody else assigned codes, the form names the version that stands now: what they assigned is shown above
    it, and assigning again is a decision against that.
    """
    if problem.status == HTTPStatus.PRECONDITION_FAILED:
        now = await desk.coding.encounter(encounter_id)
        return replace(typed, etag=now.etag, key=new_key(), problem=_OVERTAKEN)
    detail = problem.detail or problem.slug.replace("-", " ")
    field_id = culprit(problem.slug, detail, meant(typed.draft))
    said = f"Not assigned: {detail}."
    wrongs = (Wrong(field=field_id, text=said),) if field_id else ()
    return replace(typed, key=new_key(), problem=said, trace_id=problem.trace_id, wrongs=wrongs, focus=field_id)


async def _following(desk: Desk, encounter_id: str) -> str:
    """Return the case after this one in the coders' queue, or the first one; empty where there is none."""
    waiting = await desk.asked("coding", lambda: first(desk.coding.coding_cases(status="open", page_size=200)))
    return following([each["encounter_id"] for each in waiting or ()], encounter_id)


def following(waiting: Sequence[str], encounter_id: str) -> str:
    """Return what comes after one case in a queue, or its first other one; empty where there is none."""
    after = waiting[waiting.index(encounter_id) + 1 :] if encounter_id in waiting else ()
    return next(iter([*after, *(each for each in waiting if each != encounter_id)]), "")


@ROUTER.post("/encounter/{encounter_id}/override")
async def override(encounter_id: str, desk: AtDesk, form: SentForm) -> Response:
    """Let pass what a rule found in the latest codes."""
    reason = form.text("reason")
    return await _about_finding(
        desk,
        encounter_id,
        form,
        lambda version: desk.validation.override(
            encounter_id,
            form.text("rule_id"),
            coding_version=version,
            reason=cast("OverrideReason", reason),
            note=form.text("note") or None,
            etag=form.text("etag"),
        ),
        "It may pass; the claim goes on if nothing else stops it.",
    )


@ROUTER.post("/encounter/{encounter_id}/withdrawal")
async def withdrawal(encounter_id: str, desk: AtDesk, form: SentForm) -> Response:
    """Withdraw that a finding may pass."""
    return await _about_finding(
        desk,
        encounter_id,
        form,
        lambda version: desk.validation.withdraw(
            encounter_id,
            form.text("rule_id"),
            coding_version=version,
            note=form.text("note"),
            etag=form.text("etag"),
        ),
        "Withdrawn; the finding counts again.",
    )


async def _about_finding(
    desk: Desk, encounter_id: str, form: Form, do: Callable[[int], Awaitable[object]], done: str
) -> Response:
    version = form.text("coding_version")
    try:
        await do(int(version) if version.isdecimal() else 0)
    except ProblemAnswered as problem:
        passing = {
            "rule_id": form.text("rule_id"),
            "reason": form.text("reason"),
            "note": form.text("note"),
            "problem": not_done(problem),
        }
        return await _case(desk, encounter_id, passing=passing, status=problem.status)
    return desk.go(f"/encounter/{encounter_id}", done)


# -- words ---------------------------------------------------------------------------------------------------------


def age(birth_on: str | None, on: str) -> str:
    """Return how old somebody is on a day, in years, below two years in months; empty where that is not known."""
    if not birth_on:
        return ""
    born, day = date.fromisoformat(birth_on), date.fromisoformat(on)
    months = (day.year - born.year) * _YEAR_MONTHS + day.month - born.month - (day.day < born.day)
    if months < 0:
        return "born later"
    years = months // _YEAR_MONTHS
    if years >= 2:  # noqa: PLR2004 (as the docstring says)
        return f"{years} years"
    return f"{months} month{'' if months == 1 else 's'}"


def place_name(code: str | None) -> str:
    """Return what a place of service is called, empty where nobody knows."""
    found = POS.row(code) if code else None
    return found.label if found else ""


async def _grouped(desk: Desk, findings: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return failures by rule; only those who may let one pass need to know of each rule whether it can."""
    broken = dict.fromkeys(each["rule_id"] for each in findings if each["outcome"] != "no-data")
    asked = broken if desk.may("validation.override") else ()
    known = await asyncio.gather(*(desk.asked("validation", partial(desk.validation.rule, each)) for each in asked))
    return groups(findings, filter(None, known))


def groups(findings: Sequence[Mapping[str, Any]], rules: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return failures by rule, each with whether it may pass, or who let it; what was not judged is left out."""
    may_pass = {each["rule_id"] for each in rules if each["overridable"]}
    failed = [each for each in findings if each["outcome"] != "no-data"]
    return [
        {
            "rule_id": rule_id,
            "findings": [each for each in failed if each["rule_id"] == rule_id],
            "may_pass": rule_id in may_pass,
            "overridden": next((each["overridden"] for each in failed if each["rule_id"] == rule_id), None),
        }
        for rule_id in dict.fromkeys(each["rule_id"] for each in failed)
    ]


def _said(visit: Mapping[str, Any]) -> list[str]:
    return [each["text"] for each in (*visit["conditions"], *visit["procedures"]) if each["text"]]


def _assigner(facts: Iterable[Mapping[str, Any]]) -> str:
    """Return who assigned the latest codes."""
    assigned_by = [actor(each) for each in facts if each["type"] == "CodesAssigned"]
    return assigned_by[-1] if assigned_by else ""
