"""Facts that make validation scrub: which rows they need, which commands they become.

Whatever arrives, the whole of each encounter that it concerns is gathered anew from our own read models, and the
command says what is still missing. An encounter without codes is not scrubbed: its `CodesAssigned` will come, and asks.
A coverage or authorization that comes late scrubs again the visits of its days that no payer has yet, and codes scrub
again what the patient had besides on these days, as does a claim that is rejected: no payer has it any more. That
changes nothing where the rules say the same. Payers, providers and patients are added once and waited for, so none of
theirs comes later.
Nothing is decided here (the aggregate does), nothing is fetched and nothing remembered (the kit does).
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final, NamedTuple, TypeAlias

from services.validation.domain.authorized import ENDED_DAYS
from services.validation.domain.backlog import TURN_ENCOUNTERS_MAX, BacklogLeft, LeaveBacklog
from services.validation.domain.facts import Codes, Coverage, Encounter, Facts, OtherLine
from services.validation.domain.included_visit import days_around, is_visit
from services.validation.domain.payer_rule.in_force import judges_of
from services.validation.domain.scrub import AwaitedFactsArrived, ScrubCodes
from services.validation.domain.subject import subject_of
from services.validation.domain.table_pass import TableTurnTaken
from services.validation.domain.tables import Tables
from services.validation.projections.coded_days import CODED_DAYS
from services.validation.projections.codes import CODES
from services.validation.projections.coverages import COVERAGES
from services.validation.projections.days import DAYS
from services.validation.projections.days import key as day_key
from services.validation.projections.encounters import ENCOUNTERS
from services.validation.projections.loaded_tables import LOADED_TABLES
from services.validation.projections.patient_authorizations import PATIENT_AUTHORIZATIONS
from services.validation.projections.patient_coverages import PATIENT_COVERAGES
from services.validation.projections.patient_years import PATIENT_YEARS
from services.validation.projections.patient_years import key as patient_year
from services.validation.projections.patients import PATIENTS
from services.validation.projections.payer_rules_in_force import ALL, PAYER_RULES_IN_FORCE
from services.validation.projections.payers import PAYERS
from services.validation.projections.procedure_years import PROCEDURE_YEARS
from services.validation.projections.procedure_years import key as procedure_year
from services.validation.projections.providers import PROVIDERS
from services.validation.projections.submissions import SUBMISSIONS
from services.validation.projections.waits import WAITS
from shared.codesets.edition import Interval
from shared.events.claims import ClaimRejected
from shared.events.coding import CodesAssigned, EncounterDocumented
from shared.events.registration import (
    AuthorizationApproved,
    AuthorizationCancelled,
    AuthorizationDenied,
    AuthorizationEvent,
    AuthorizationFoundRequired,
    AuthorizationPended,
    AuthorizationRequested,
    CoverageAdded,
    PatientRegistered,
    PayerAdded,
    ProviderAdded,
)
from shared.kernel.projection import AnyProjection
from shared.kernel.reaction import Needs, Reaction, Rows
from shared.runtime.tables import EVERYTHING, LoadedTables

EncounterFact: TypeAlias = CodesAssigned | EncounterDocumented
AwaitedFact: TypeAlias = PatientRegistered | CoverageAdded | PayerAdded | ProviderAdded | BacklogLeft


TablesOf: TypeAlias = Callable[[LoadedTables | None], Tables]
"""What answers where these tables are in force."""


def reactions(tables_of: TablesOf) -> tuple[Reaction[Any], ...]:
    """Return all reactions of validation, which look codes up in what is in force."""

    def tables(rows: Rows) -> Tables:
        return tables_of(rows.get(LOADED_TABLES, EVERYTHING))

    return (
        _of_encounter("scrub_assigned_codes", CodesAssigned, tables),
        _of_encounter("scrub_documented_encounter", EncounterDocumented, tables),
        _of_waiters("scrub_for_patient", PatientRegistered, tables),
        _of_waiters("scrub_for_coverage", CoverageAdded, tables),
        _of_waiters("scrub_for_payer", PayerAdded, tables),
        _of_waiters("scrub_for_provider", ProviderAdded, tables),
        _of_waiters("scrub_backlog", BacklogLeft, tables),
        _of_late("scrub_again_same_days", CodesAssigned, _days_of_codes, tables),
        _of_late("scrub_again_same_days_known", AwaitedFactsArrived, _days_of_arrived, tables),
        _of_late("scrub_again_rejected_days", ClaimRejected, _days_of_rejected, tables),
        _of_late("scrub_again_for_coverage", CoverageAdded, lambda event: f"visits/{event.coverage_id}", tables),
        *(_of_late(f"scrub_again_{said}", on, _days_of(said_at), tables) for said, on, said_at in _AUTHORIZATION_FACTS),
        _of_late("scrub_again_backlog", BacklogLeft, lambda event: event.thing, tables),
        _of_turn("scrub_again_for_table", tables),
    )


def needs_of(encounter_ids: Iterable[str], rows: Rows) -> Needs:
    """Return the rows that the scrubs of encounters need, as far as the loaded ones name them, and what is in force."""
    needed: dict[AnyProjection, dict[str, None]] = {
        LOADED_TABLES: {EVERYTHING: None},
        PAYER_RULES_IN_FORCE: {ALL: None},
    }
    for encounter_id in encounter_ids:
        for projection, key in _needed(encounter_id, rows):
            needed.setdefault(projection, {})[key] = None
    return {projection: tuple(keys) for projection, keys in needed.items()}


def command_of(encounter_id: str, rows: Rows, tables: Tables) -> ScrubCodes | None:
    """Return the command that scrubs what is known of an encounter; None where it has no codes yet."""
    codes = rows.get(CODES, encounter_id)
    if codes is None:
        return None
    facts = _gathered(codes, rows)
    return ScrubCodes(
        encounter_id=encounter_id,
        patient_id=codes.patient_id,
        coding_version=codes.coding_version,
        missing=() if isinstance(facts, Facts) else facts,
        subject=subject_of(facts, tables, rows.now) if isinstance(facts, Facts) else None,
        now=rows.now,
        payer_judges=judges_of(rows.get(PAYER_RULES_IN_FORCE, ALL), codes.assigned_at),
    )


_THINGS: Final[dict[type[AwaitedFact], Callable[[Any], str]]] = {
    PatientRegistered: lambda event: f"patient/{event.patient_id}",
    CoverageAdded: lambda event: f"coverage/{event.coverage_id}",
    PayerAdded: lambda event: f"payer/{event.payer_id}",
    ProviderAdded: lambda event: f"provider/{event.provider_id}",
    BacklogLeft: lambda event: event.thing,
}


def _of_encounter(name: str, on: type[EncounterFact], tables: Callable[[Rows], Tables]) -> Reaction[Any]:
    def needs(event: EncounterFact, rows: Rows) -> Needs:
        return needs_of((event.encounter_id,), rows)

    def react(event: EncounterFact, rows: Rows) -> tuple[ScrubCodes, ...]:
        return _commands((event.encounter_id,), rows, tables(rows))

    return Reaction(name=name, on=on, needs=needs, react=react)


def _of_waiters(name: str, on: type[AwaitedFact], tables: Callable[[Rows], Tables]) -> Reaction[Any]:
    thing_of = _THINGS[on]

    def needs(event: AwaitedFact, rows: Rows) -> Needs:
        turn = _waiters(event, thing_of(event), rows)[:TURN_ENCOUNTERS_MAX]
        return {WAITS: (thing_of(event),), **needs_of(turn, rows)}

    def react(event: AwaitedFact, rows: Rows) -> tuple[object, ...]:
        waiters = _waiters(event, thing_of(event), rows)
        turn = waiters[:TURN_ENCOUNTERS_MAX]
        commands = _commands(turn, rows, tables(rows))
        if len(waiters) <= len(turn):
            return commands
        return (*commands, LeaveBacklog(thing=thing_of(event), after=turn[-1], now=rows.now))

    return Reaction(name=name, on=on, needs=needs, react=react)


LateFact: TypeAlias = (
    CodesAssigned | AwaitedFactsArrived | ClaimRejected | CoverageAdded | AuthorizationEvent | BacklogLeft
)
_AUTHORIZATION_FACTS: Final[tuple[tuple[str, type[AuthorizationEvent], str], ...]] = (
    ("authorization_required", AuthorizationFoundRequired, "found_at"),
    ("authorization_requested", AuthorizationRequested, "requested_at"),
    ("authorization_approved", AuthorizationApproved, "approved_at"),
    ("authorization_pended", AuthorizationPended, "pended_at"),
    ("authorization_denied", AuthorizationDenied, "denied_at"),
    ("authorization_cancelled", AuthorizationCancelled, "cancelled_at"),
)
"""What is said of an authorization: in the name of its reaction, the fact, and its field that says when."""


class Concerned(NamedTuple):
    """What a late fact concerns. **Shape**: `by` are the rows that name the encounters, as far as those are loaded."""

    by: Needs
    encounter_ids: tuple[str, ...]


YEARS_BACK: Final = 2
"""Years before this one whose visits a late fact is held against: no payer waits longer for a claim."""
_SOON: Final = timedelta(days=ENDED_DAYS)


def _of_late(
    name: str, on: type[LateFact], thing_of: Callable[[Any], str], tables: Callable[[Rows], Tables]
) -> Reaction[Any]:
    """Scrub again what a late fact concerns and no payer has yet, in turns.

    **Shape**: the thing of a fact is of a kind of `_CONCERNED`; it names one fact alone, so that its turns end.
    """

    def needs(event: LateFact, rows: Rows) -> Needs:
        concerned = _concerned(thing_of(event), rows)
        turn = _left(event, concerned.encounter_ids, rows)[:TURN_ENCOUNTERS_MAX]
        return _both({**concerned.by, SUBMISSIONS: concerned.encounter_ids}, needs_of(turn, rows))

    def react(event: LateFact, rows: Rows) -> tuple[object, ...]:
        unsent = _left(event, _concerned(thing_of(event), rows).encounter_ids, rows)
        turn = unsent[:TURN_ENCOUNTERS_MAX]
        commands = _commands(turn, rows, tables(rows))
        if len(unsent) <= len(turn):
            return commands
        return (*commands, LeaveBacklog(thing=thing_of(event), after=turn[-1], now=rows.now))

    return Reaction(name=name, on=on, needs=needs, react=react)


def _days_of_codes(event: CodesAssigned) -> str:
    return f"days/{event.encounter_id}/{event.coding_version}"


def _days_of_rejected(event: ClaimRejected) -> str:
    return f"rejected/{','.join(event.encounter_ids)}/{event.submission_id}"


def _days_of(said_at: str) -> Callable[[AuthorizationEvent], str]:
    """Return what names the days of an authorization, and one fact about it by its moment."""

    def thing_of(event: AuthorizationEvent) -> str:
        at: datetime = getattr(event, said_at)
        return f"authorization/{event.patient_id}/{event.authorization_id}/{at.isoformat()}"

    return thing_of


def _days_of_arrived(event: AwaitedFactsArrived) -> str:
    """Return the days of an encounter, once it is known who rendered it: before that nobody was compared with it."""
    who = (each.partition("/")[2] for each in event.arrived if each.startswith(("encounter/", "provider/")))
    found = next(who, None)
    return "" if found is None else f"days/{event.encounter_id}/{found}"


def _concerned(thing: str, rows: Rows) -> Concerned:
    """Return which encounters a thing concerns; none for a thing that is waited for."""
    kind, _, thing_id = thing.partition("/")
    of_kind = _CONCERNED.get(kind)
    return of_kind(thing_id, rows) if of_kind else Concerned({}, ())


def _both(one: Needs, other: Needs) -> Needs:
    return {each: (*one.get(each, ()), *other.get(each, ())) for each in {**one, **other}}


def _visits(coverage_id: str, rows: Rows) -> Concerned:
    """Return the encounters that begin on a day that a coverage insures."""
    coverage, by = _loaded(rows, COVERAGES, coverage_id), {COVERAGES: (coverage_id,)}
    if coverage is None:
        return Concerned(by, ())
    return _between(coverage.patient_id, coverage.effective_from_on, coverage.effective_to_on or date.max, rows, by)


def _authorized(ids_and_moment: str, rows: Rows) -> Concerned:
    """Return the encounters that begin on a day of which an authorization ever spoke, or soon after its end."""
    patient_id, authorization_id, _ = ids_and_moment.split("/", 2)
    known, by = _loaded(rows, PATIENT_AUTHORIZATIONS, patient_id), {PATIENT_AUTHORIZATIONS: (patient_id,)}
    held = known.authorizations if known else ()
    days = next((each.concerned for each in held if each.authorization_id == authorization_id), None)
    if days is None:
        return Concerned(by, ())
    first, last = days
    return _between(patient_id, first, min(last, date.max - _SOON) + _SOON, rows, by)


def _between(patient_id: str, first: date, last: date, rows: Rows, by: Needs) -> Concerned:
    """Return a patient's encounters that begin on some days, as far back as somebody may still bill."""
    this_year = rows.now.year + 1  # somewhere it has begun on the last day of December
    years = range(max(first.year, this_year - 1 - YEARS_BACK), min(last.year, this_year) + 1)
    keys = tuple(patient_year(patient_id, year) for year in years)
    visits = (visit for key in keys if (row := _loaded(rows, PATIENT_YEARS, key)) for visit in row.visits)
    return Concerned(
        {**by, PATIENT_YEARS: keys},
        tuple(visit.encounter_id for visit in visits if first <= visit.service_from_on <= last),
    )


def _neighbours(encounter_id_and_cause: str, rows: Rows) -> Concerned:
    """Return the patient's other encounters of every day on which an encounter was ever coded."""
    encounter_id, _, _ = encounter_id_and_cause.partition("/")
    coded = _loaded(rows, CODED_DAYS, encounter_id)
    if coded is None:
        return Concerned({CODED_DAYS: (encounter_id,)}, ())
    keys = tuple(day_key(coded.patient_id, day) for day in coded.days)
    days = (day for key in keys if (day := _loaded(rows, DAYS, key)) is not None)
    others = dict.fromkeys(other_id for day in days for other_id in day.encounter_ids)
    return Concerned({CODED_DAYS: (encounter_id,), DAYS: keys}, tuple(each for each in others if each != encounter_id))


def _freed(encounter_ids_and_cause: str, rows: Rows) -> Concerned:
    """Return the encounters of a rejected claim and their neighbours, where there are any: no payer has it now."""
    by: Needs = {}
    found: list[str] = []
    for encounter_id in encounter_ids_and_cause.partition("/")[0].split(","):
        others = _neighbours(encounter_id, rows)
        by = _both(by, others.by)
        found += (encounter_id, *others.encounter_ids) if others.encounter_ids else ()
    return Concerned(by, tuple(dict.fromkeys(found)))


_CONCERNED: Final[Mapping[str, Callable[[str, Rows], Concerned]]] = {
    "visits": _visits,
    "authorization": _authorized,
    "days": _neighbours,
    "rejected": _freed,
}
"""How a late thing names encounters, by its kind; other kinds are waited for, and `WAITS` has them."""


def _left(event: LateFact, encounter_ids: tuple[str, ...], rows: Rows) -> tuple[str, ...]:
    """Return the encounters that no payer has, after the last turn."""
    after = event.after if isinstance(event, BacklogLeft) else ""
    return tuple(each for each in _unsent(encounter_ids, rows) if each > after)


def _unsent(encounter_ids: tuple[str, ...], rows: Rows) -> tuple[str, ...]:
    """Return the encounters that no payer has, sorted."""
    unsent = (each for each in encounter_ids if rows.has(SUBMISSIONS, each) and not _under_way(each, rows))
    return tuple(sorted(unsent))


def _under_way(encounter_id: str, rows: Rows) -> bool:
    """Return whether a payer has the claim of an encounter."""
    sent = rows.get(SUBMISSIONS, encounter_id)
    return sent is not None and sent.under_way


def _of_turn(name: str, tables: Callable[[Rows], Tables]) -> Reaction[Any]:
    """Scrub again whose turn it is, because a table is here that they lacked."""

    def needs(event: TableTurnTaken, rows: Rows) -> Needs:
        unsent = _unsent(event.encounter_ids, rows)
        return _both({SUBMISSIONS: event.encounter_ids}, needs_of(unsent, rows))

    def react(event: TableTurnTaken, rows: Rows) -> tuple[ScrubCodes, ...]:
        return _commands(_unsent(event.encounter_ids, rows), rows, tables(rows))

    return Reaction(name=name, on=TableTurnTaken, needs=needs, react=react)


def _waiters(event: AwaitedFact, thing: str, rows: Rows) -> tuple[str, ...]:
    """Return who waits for a thing, after the last turn; so turns come to an end whatever becomes of each encounter."""
    row = rows.get(WAITS, thing) if rows.has(WAITS, thing) else None
    waiting = row.encounter_ids if row else ()
    return tuple(each for each in waiting if each > event.after) if isinstance(event, BacklogLeft) else waiting


def _commands(encounter_ids: Iterable[str], rows: Rows, tables: Tables) -> tuple[ScrubCodes, ...]:
    commands = (command_of(encounter_id, rows, tables) for encounter_id in encounter_ids)
    return tuple(command for command in commands if command is not None)


def _needed(encounter_id: str, rows: Rows) -> Iterable[tuple[AnyProjection, str]]:
    yield ENCOUNTERS, encounter_id
    yield CODES, encounter_id
    codes = _loaded(rows, CODES, encounter_id)
    if codes is None:
        return
    yield PATIENTS, codes.patient_id
    yield PATIENT_COVERAGES, codes.patient_id
    yield PATIENT_AUTHORIZATIONS, codes.patient_id
    yield from _needed_of_others(codes, rows)
    encounter = _loaded(rows, ENCOUNTERS, encounter_id)
    if encounter is None:
        return
    for provider_id in _provider_ids(encounter):
        yield PROVIDERS, provider_id
    for coverage_id in encounter.coverage_ids:
        yield COVERAGES, coverage_id
        coverage = _loaded(rows, COVERAGES, coverage_id)
        if coverage is not None:
            yield PAYERS, coverage.payer_id


def _needed_of_others(codes: Codes, rows: Rows) -> Iterable[tuple[AnyProjection, str]]:
    for key in _days(codes):
        yield DAYS, key
    for key in _procedure_years(codes):
        yield PROCEDURE_YEARS, key
    for other_id in (*_others(codes, rows), *_earlier(codes, rows)):
        yield CODES, other_id
        yield ENCOUNTERS, other_id
        yield SUBMISSIONS, other_id
        other = _loaded(rows, ENCOUNTERS, other_id)
        for provider_id in _provider_ids(other) if other is not None else ():
            yield PROVIDERS, provider_id


def _days(codes: Codes) -> tuple[str, ...]:
    return tuple(dict.fromkeys(day_key(codes.patient_id, line.service_from_on) for line in codes.lines))


def _others(codes: Codes, rows: Rows) -> tuple[str, ...]:
    """Return the patient's other encounters of the same days."""
    days = (_loaded(rows, DAYS, key) for key in _days(codes))
    others = dict.fromkeys(other_id for day in days if day is not None for other_id in day.encounter_ids)
    return tuple(other_id for other_id in others if other_id != codes.encounter_id)


def _visit_days(codes: Codes) -> tuple[Interval, ...]:
    """Return the days around each visit on which a procedure may have been whose payment includes it."""
    return tuple(days_around(line.service_from_on) for line in codes.lines if is_visit(line.procedure_code))


def _procedure_years(codes: Codes) -> tuple[str, ...]:
    years = (year for days in _visit_days(codes) for year in (days.first.year, (days.last or days.first).year))
    return tuple(procedure_year(codes.patient_id, year) for year in dict.fromkeys(years))


def _earlier(codes: Codes, rows: Rows) -> tuple[str, ...]:
    """Return the patient's encounters, besides those of the same days, with a procedure around a visit."""
    wanted, known = _visit_days(codes), {codes.encounter_id, *_others(codes, rows)}
    years = (_loaded(rows, PROCEDURE_YEARS, key) for key in _procedure_years(codes))
    performed = (each for year in years if year is not None for each in year.performed)
    found = dict.fromkeys(each.encounter_id for each in performed if any(days.holds(each.on) for days in wanted))
    return tuple(other_id for other_id in found if other_id not in known)


def _renders(encounter: Encounter) -> str | None:
    return encounter.rendering_provider_id or encounter.billing_provider_id


def _loaded(rows: Rows, projection: AnyProjection, key: str) -> Any:  # noqa: ANN401 (a row of whatever was asked for)
    return rows.get(projection, key) if rows.has(projection, key) else None


def _provider_ids(encounter: Encounter) -> tuple[str, ...]:
    named = (encounter.rendering_provider_id, encounter.billing_provider_id)
    return tuple(dict.fromkeys(each for each in named if each is not None))


def _gathered(codes: Codes, rows: Rows) -> Facts | tuple[str, ...]:
    """Return all facts of an encounter, or what is missing, in a fixed order."""
    encounter, patient = rows.get(ENCOUNTERS, codes.encounter_id), rows.get(PATIENTS, codes.patient_id)
    known = rows.get(PATIENT_COVERAGES, codes.patient_id)
    asked = rows.get(PATIENT_AUTHORIZATIONS, codes.patient_id)
    missing = [] if patient else [f"patient/{codes.patient_id}"]
    if encounter is None:
        return (f"encounter/{codes.encounter_id}", *missing)
    providers = {each: rows.get(PROVIDERS, each) for each in _provider_ids(encounter)}
    missing += [f"provider/{each}" for each, provider in providers.items() if provider is None]
    coverages = _coverages(encounter, rows, missing)
    payers = [rows.get(PAYERS, coverage.payer_id) for coverage in coverages]
    missing += [f"payer/{each.payer_id}" for each, payer in zip(coverages, payers, strict=True) if payer is None]
    if patient is None or missing:
        return tuple(dict.fromkeys(missing))
    return Facts(
        codes=codes,
        encounter=encounter,
        patient=patient,
        coverages=tuple(coverages),
        payers=tuple(payer for payer in payers if payer),
        known_coverages=known.coverages if known else (),
        authorizations=asked.authorizations if asked else (),
        rendering=providers.get(encounter.rendering_provider_id or ""),
        billing=providers.get(encounter.billing_provider_id or ""),
        same_day=tuple(_lines_of(_others(codes, rows), rows)),
        same_day_cut=any(day.cut for key in _days(codes) if (day := rows.get(DAYS, key)) is not None),
        earlier=tuple(_lines_of(_earlier(codes, rows), rows)),
        earlier_cut=any(
            year.cut for key in _procedure_years(codes) if (year := rows.get(PROCEDURE_YEARS, key)) is not None
        ),
    )


def _lines_of(encounter_ids: Iterable[str], rows: Rows) -> Iterable[OtherLine]:
    """Yield the lines of other encounters of the patient, as far as it is known who rendered them."""
    for other_id in encounter_ids:
        other, encounter = rows.get(CODES, other_id), rows.get(ENCOUNTERS, other_id)
        if other is None or encounter is None:
            continue
        rendered, billed = (
            rows.get(PROVIDERS, each) if each else None for each in (_renders(encounter), encounter.billing_provider_id)
        )
        if rendered is not None:
            under_way = _under_way(other_id, rows)
            for line in other.lines:
                yield OtherLine(
                    under_way=under_way,
                    encounter_id=other_id,
                    npi=rendered.npi,
                    line=line,
                    taxonomy=rendered.taxonomy,
                    billing_npi=billed.npi if billed else None,
                )


def _coverages(encounter: Encounter, rows: Rows, missing: list[str]) -> list[Coverage]:
    coverages: list[Coverage] = []
    for coverage_id in encounter.coverage_ids:
        coverage = rows.get(COVERAGES, coverage_id)
        if coverage is None:
            missing.append(f"coverage/{coverage_id}")
        else:
            coverages.append(coverage)
    return coverages
