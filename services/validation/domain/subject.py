"""What the rules judge: one encounter's facts with every code looked up as of its date of service.

Owns: looking up, once and before any rule, and the filing clock. Refuses: opinions; those are `rules/`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import combinations
from typing import Final, Literal, TypeAlias

from msgspec import Struct

from services.validation.domain.authorized import Authorized, authorized_of
from services.validation.domain.facts import Coverage, Facts, Payer, Provider
from services.validation.domain.included_visit import NOTHING, Included, included_visits
from services.validation.domain.same_day import Pair, Service, pairs_of, services_of
from services.validation.domain.tables import Tables, Told
from shared.codesets import mpfs, nppes
from shared.codesets.add_ons import AddOn
from shared.codesets.coverage_articles import Necessity
from shared.codesets.edition import Answer, MoreDigitsNeeded, TableNotLoaded, UnknownCode, Valid
from shared.codesets.filing_limits import filing_limit
from shared.codesets.hcpcs import ProcedureCode
from shared.codesets.icd10cm_notes import WHOLE_LENGTH, Note, NoteKind, TabularNotes
from shared.codesets.mce import Attribute, Edits
from shared.codesets.mue import UnitLimit
from shared.events.coding import CodedLine
from shared.kernel.dates import add_months, age_in_years, day_as_sent, local_day
from shared.kernel.person import Sex

MEDICARE: Final = frozenset({"MA", "MB"})
"""Claim filing indicators of Medicare itself, not of a plan that stands in for it."""
COVERS_AS_MEDICARE: Final = MEDICARE | {"16"}
"""With a plan that stands in for Medicare, and is bound by what Medicare covers (42 CFR 422.101(b))."""


class LookedUp(Struct, frozen=True, gc=False):
    """A code and what its table says of it on the date of service."""

    code: str
    answer: Answer


class Diagnosis(Struct, frozen=True, gc=False):
    """A diagnosis, looked up. **Shape**: `edits` are those of the Medicare Code Editor on the date.

    `complete` are the whole codes of one that lacks its 7th character. `causes` are the notes that name what has to be
    coded before a manifestation; of other codes they are not asked for. `instead` are codes that are billable on the
    date in place of one that is not.
    """

    code: str
    answer: Answer
    edits: Edits | TableNotLoaded
    complete: tuple[str, ...] = ()
    causes: tuple[Note, ...] | TableNotLoaded = ()
    instead: tuple[str, ...] = ()


class Excluded(Struct, frozen=True, gc=False):
    """Two diagnoses that the tabular list parts, by their places from 1, and the note that does."""

    first: int
    second: int
    note: Note
    edition: str


class Line(Struct, frozen=True, kw_only=True, gc=False):
    """A billable line, looked up as of its own first day of service.

    **Shape**: `level2` is what HCPCS says of the code where it is one of Level II; no `unit_limit`, no `add_on`: the
    whole table has none; `values` are those of the physician fee schedule, whichever component is billed.
    `necessities` is what articles of Medicare say of it with the diagnoses that it points to, asked where Medicare or a
    plan in its place pays first; None: no article restricts it.
    """

    line_no: int
    procedure: LookedUp
    modifiers: tuple[LookedUp, ...]
    units: int
    pointers: tuple[int, ...]
    service_from_on: date
    service_to_on: date
    level2: ProcedureCode | None = None
    unit_limit: Told[UnitLimit] | TableNotLoaded | None = None
    add_on: Told[AddOn] | TableNotLoaded | None = None
    values: mpfs.Found | None = None
    necessities: Told[tuple[Necessity, ...]] | TableNotLoaded | None = None

    @property
    def modifier_codes(self) -> tuple[str, ...]:
        """Return the modifiers without what their table says."""
        return tuple([modifier.code for modifier in self.modifiers])


class Registered(Struct, frozen=True, kw_only=True, gc=False):
    """An NPI on the claim, and whom the national registry says that it stands for."""

    role: Literal["rendering", "billing"]
    kind: Literal["person", "organization"]
    npi: str
    found: nppes.Found


@dataclass(frozen=True, slots=True, kw_only=True)
class ScrubSubject:
    """One encounter as the rules see it.

    **Shape**: `service_on` is the first day of service, by which rules are in force; NPIs are None where nobody was
    documented; no coverages: the patient pays; a payer for each coverage; `known_coverages` are all of the patient,
    also those that the visit does not name; `visit` is the first and last day of the documented visit;
    `filing_deadline_on` None: no payer, or one without a known limit; `filing_deadline_is_ceiling`: nobody takes the
    claim after it, but this payer may have an earlier limit. `authorized`: what is known of payers' consents to lines.
    `services` are the lines, and after them what the same provider rendered in other encounters of the same days;
    `pairs` are the pair edits between them, `pair_gaps` why some could not be looked up; `included` are visits on days
    of a procedure of the same physician, `included_cut`: not all procedures are compared. `in_facility`: the place has
    the rate of one, None where the place is not known. `taxonomies` by the role of the provider.
    **Units**: `age_years` in completed years on `service_on`, negative before birth, None where the birth date was
    erased.
    """

    patient_id: str
    service_on: date
    visit: tuple[date, date]
    diagnoses: tuple[Diagnosis, ...]
    excluded: tuple[Excluded, ...] | TableNotLoaded
    lines: tuple[Line, ...]
    place_of_service: LookedUp | None
    age_years: int | None
    sex: Sex | None
    has_address: bool | None
    rendering_npi: str | None
    billing_npi: str | None
    rendering: Provider | None
    billing: Provider | None
    coverages: tuple[Coverage, ...]
    payers: tuple[Payer, ...]
    known_coverages: tuple[Coverage, ...]
    authorized: tuple[Authorized, ...] = ()
    filing_deadline_on: date | None
    filing_deadline_is_ceiling: bool = False
    today: date
    editions: tuple[str, ...]
    services: tuple[Service, ...] = ()
    services_cut: bool = False
    pairs: tuple[Pair, ...] = ()
    pair_gaps: tuple[TableNotLoaded, ...] = ()
    included: Included = NOTHING
    included_cut: bool = False
    in_facility: bool | None = None
    registered: tuple[Registered, ...] = ()
    taxonomies: tuple[tuple[str, LookedUp], ...] = ()

    @property
    def bills_medicare(self) -> bool:
        """Return whether Medicare is billed first."""
        return bool(self.payers) and self.payers[0].claim_filing_indicator in MEDICARE

    @property
    def covered_as_medicare(self) -> bool:
        """Return whether Medicare is billed first, or a plan that covers what Medicare does."""
        return bool(self.payers) and self.payers[0].claim_filing_indicator in COVERS_AS_MEDICARE

    def pointed_to(self, line: Line) -> tuple[str, ...]:
        """Return the diagnoses that a line points to; a pointer beside them is another rule's matter."""
        return _pointed_to(line.pointers, tuple(diagnosis.code for diagnosis in self.diagnoses))

    @property
    def filing_days_left(self) -> int | None:
        """Return the days until the filing limit, negative after it; None where there is none."""
        return None if self.filing_deadline_on is None else (self.filing_deadline_on - self.today).days


def subject_of(facts: Facts, tables: Tables, now: datetime) -> ScrubSubject:
    """Return an encounter as the rules see it: diagnoses as of the first day of service, lines as of their own."""
    lines = facts.codes.lines
    service_on = min((line.service_from_on for line in lines), default=facts.encounter.service_from_on)
    place = facts.encounter.place_of_service
    payer, birth_on = next(iter(facts.payers), None), facts.patient.birth_on
    deadline_on, is_ceiling = (None, False) if payer is None else filing_deadline(payer, service_on)
    biller = facts.billing.taxonomy if facts.billing else None
    to_support = facts.codes.diagnoses if payer and payer.claim_filing_indicator in COVERS_AS_MEDICARE else ()
    services = services_of(facts)
    providers = _providers(facts)
    pairs, pair_gaps = pairs_of(services, tables.pair)
    return ScrubSubject(
        patient_id=facts.patient.patient_id,
        service_on=service_on,
        visit=(facts.encounter.service_from_on, facts.encounter.service_to_on),
        diagnoses=tuple(_diagnosis(code, tables, service_on) for code in facts.codes.diagnoses),
        excluded=_excluded(facts.codes.diagnoses, tables.notes(service_on)),
        lines=tuple(_looked_up(line, tables, biller, to_support) for line in lines),
        place_of_service=None if place is None else LookedUp(place, tables.place(place, service_on)),
        age_years=None if birth_on is None else age_in_years(birth_on, service_on),
        sex=facts.patient.sex,
        has_address=facts.patient.has_address,
        rendering_npi=facts.rendering.npi if facts.rendering else None,
        billing_npi=facts.billing.npi if facts.billing else None,
        rendering=facts.rendering,
        billing=facts.billing,
        coverages=facts.coverages,
        payers=facts.payers,
        known_coverages=facts.known_coverages,
        authorized=authorized_of(facts),
        filing_deadline_on=deadline_on,
        filing_deadline_is_ceiling=is_ceiling,
        today=day_as_sent(now.astimezone(UTC)) if payer is None else local_day(now, payer.zone),
        editions=tables.editions(service_on),
        services=services,
        services_cut=facts.same_day_cut,
        pairs=pairs,
        pair_gaps=pair_gaps,
        included=included_visits(facts, tables.values),
        included_cut=facts.earlier_cut,
        in_facility=None if place is None else tables.in_facility(place, service_on),
        registered=tuple(
            Registered(role=role, kind=who.kind, npi=who.npi, found=tables.registered(who.npi, service_on))
            for role, who in providers
        ),
        taxonomies=tuple(
            (role, LookedUp(who.taxonomy, tables.taxonomy(who.taxonomy, service_on)))
            for role, who in providers
            if who.taxonomy is not None
        ),
    )


def _pointed_to(pointers: Sequence[int], codes: Sequence[str]) -> tuple[str, ...]:
    return tuple(codes[pointer - 1] for pointer in pointers if 0 < pointer <= len(codes))


_Role: TypeAlias = Literal["rendering", "billing"]


def _providers(facts: Facts) -> tuple[tuple[_Role, Provider], ...]:
    """Return who stands on the claim, once where the same one does both."""
    named: tuple[tuple[_Role, Provider | None], ...] = (("billing", facts.billing), ("rendering", facts.rendering))
    distinct = {who.npi: (role, who) for role, who in reversed(named) if who is not None}
    return tuple(distinct.values())


def filing_deadline(payer: Payer, service_on: date) -> tuple[date | None, bool]:
    """Return the last day on which a payer takes a claim, and whether that is only a ceiling; None without any.

    **Shape**: what the master data says, the earlier one of two limits, but never later than a law says of such payers.
    **Source**: professional claims count from the line's "from" date, Medicare in calendar months (42 CFR 424.44;
    Medicare Claims Processing Manual chapter 1, section 70.1).
    """
    by_days = payer.filing_limit_days and service_on + timedelta(days=payer.filing_limit_days)
    by_months = payer.filing_limit_months and add_months(service_on, payer.filing_limit_months)
    agreed = min((limit for limit in (by_days, by_months) if limit), default=None)
    law = filing_limit(payer.claim_filing_indicator, service_on)
    if law is None:
        return agreed, False
    by_law = law.deadline_on(service_on)
    return (by_law, law.is_ceiling) if agreed is None else (min(agreed, by_law), False)


def _diagnosis(code: str, tables: Tables, on: date) -> Diagnosis:
    answer, edits, notes = tables.diagnosis(code, on), tables.edits(code, on), tables.notes(on)
    instead = () if isinstance(answer, Valid | TableNotLoaded) else tables.instead(code, on)
    is_manifestation = isinstance(edits, Edits) and edits.attributes & Attribute.MANIFESTATION
    if isinstance(notes, TableNotLoaded):
        return Diagnosis(code, answer, edits, (), notes if is_manifestation else (), instead)
    complete: tuple[str, ...] = ()
    if isinstance(answer, MoreDigitsNeeded | UnknownCode) and (sevenths := notes.seventh_characters(code)) is not None:
        valid = (each for each in sevenths.completed(code) if isinstance(tables.diagnosis(each, on), Valid))
        complete = () if len(code) >= WHOLE_LENGTH else tuple(valid)
    causes = tuple(note for note in notes.notes(code, NoteKind.CODE_FIRST) if note.codes) if is_manifestation else ()
    return Diagnosis(code, answer, edits, complete, causes, instead)


def _excluded(codes: Sequence[str], notes: TabularNotes | TableNotLoaded) -> tuple[Excluded, ...] | TableNotLoaded:
    if isinstance(notes, TableNotLoaded):
        return notes
    return tuple(
        Excluded(first, second, note, notes.edition.name)
        for (first, code), (second, other) in combinations(enumerate(codes, 1), 2)
        for note in notes.excludes1(code, other)[:1]
    )


def _looked_up(line: CodedLine, tables: Tables, biller: str | None, to_support: Sequence[str]) -> Line:
    """Return a line with what tables say. **Shape**: `to_support` are the diagnoses that may, in their order."""
    code, on = line.procedure_code, line.service_from_on
    pointed_to = _pointed_to(line.pointers, to_support) if to_support else ()
    return Line(
        line_no=line.line_no,
        procedure=LookedUp(code, tables.procedure(code, on)),
        modifiers=tuple(LookedUp(modifier, tables.modifier(modifier, on)) for modifier in line.modifiers),
        units=line.units,
        pointers=line.pointers,
        service_from_on=on,
        service_to_on=line.service_to_on,
        level2=tables.level2(code, on),
        unit_limit=tables.unit_limit(code, on, biller),
        add_on=tables.add_on(code, on),
        values=tables.values(code, on),
        necessities=tables.necessities(code, pointed_to, on) if pointed_to else None,
    )
