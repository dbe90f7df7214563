"""837I bytes to institutional claims, ours or a stranger's: one pass, one claim under construction.

Owns: what an institutional claim and its line are made of. What has no field (a referral after a child's screening,
numbers of a line by which another payer knows somebody) stays in `raw`. Refuses: a claim without provider, subscriber,
payer, charge or days, and amounts and days that are none. Read too are X223, X223A1, X223A3 and 4010 X096, where they
have the same shape. Next: `../t837/walk.py`.
"""

from collections.abc import Iterator
from typing import Final, TypeAlias

from shared.x12.elements import cents, cents_or_none, day, day_or_none, days, quantity
from shared.x12.interchange import Transaction, open_sets
from shared.x12.making import maker
from shared.x12.malformed import NotAnX12Value
from shared.x12.sets.t837.batch import read_batch
from shared.x12.sets.t837.codes import INSTITUTIONAL_PERSONS, REVENUE_LINE_NUMBERS, STAY_NUMBERS
from shared.x12.sets.t837.contract import contract, fixed_figures
from shared.x12.sets.t837.reading import (
    adjudications,
    amount_of,
    attachments,
    drug,
    facility,
    notes,
    other_payers,
    placed_codes,
    procedure,
    provider,
    references,
    service,
)
from shared.x12.sets.t837.repricing import repricing
from shared.x12.sets.t837.walk import Draft, Walk
from shared.x12.sets.t837i_x223a2.claim import (
    ClaimBatch,
    Diagnosis,
    InstitutionalClaim,
    Occurrence,
    OccurrenceSpan,
    Procedure,
    RevenueLine,
    ValueCode,
)
from shared.x12.tokens import Source

Codes: TypeAlias = dict[str, list[tuple[int, tuple[str, ...]]]]

_OTHER_GUIDES: Final = ("005010X222", "005010X224", "004010X097", "004010X098")  # professional and dental
_NEWER: Final = {
    "BK": "ABK", "BJ": "ABJ", "PR": "APR", "BN": "ABN", "BF": "ABF", "BR": "BBR", "BQ": "BBQ",
}  # fmt: skip
_HOUR: Final = slice(8, 12)  # in CCYYMMDDHHMM

_institutional_claim = maker(InstitutionalClaim)
_revenue_line = maker(RevenueLine)


def read_837i(source: Source) -> tuple[ClaimBatch, ...]:
    """Return the claim batches of a file, one per ST.

    **Shape**: each claim with its provider, patient, payers and revenue lines, in the order of the file.
    **Errors**: `UnreadableSegment`, `MisplacedSegment`, `UnexpectedTransaction`, and those of the envelope (`parts`).
    **Units**: amounts in cents, exactly. **Source**: 005010X223A2, loops 1000A to 2430.
    """
    return tuple(claim_batch(transaction) for transaction in open_sets(source))


def claim_batch(transaction: Transaction) -> ClaimBatch:
    """Return the claims of one ST with their header.

    **Errors**: `UnreadableSegment`, `MisplacedSegment`, `UnexpectedTransaction`; each says where.
    """
    return read_batch(transaction, others=_OTHER_GUIDES, convert=_claim, batch=ClaimBatch)


def claims(transaction: Transaction) -> Iterator[InstitutionalClaim]:
    """Return the claims of one ST one by one, for files whose claims need not all be kept. **Errors**: as above."""
    return Walk(transaction, others=_OTHER_GUIDES).claims(_claim)


def _claim(walk: Walk, draft: Draft) -> InstitutionalClaim:
    lines = tuple([_line(walk, line) for line in draft.lines])
    placed = placed_codes(walk, draft)
    found = _codes(placed)
    walk.at, e, numbers, statement = draft.at, draft.head, draft.references, draft.days.get("434")
    facility_type, _, frequency, *_ = (e[5] + walk.component * 3).split(walk.component)
    if statement is None:
        raise NotAnX12Value("a claim has the days that it is about (DTP*434)")
    _, cl1 = draft.kept.get("CL1", [(draft.at, [""] * len(e))])[0]
    admitted, received = draft.days.get("435"), draft.days.get("050")
    return _institutional_claim(
        patient_control_number=e[1],
        charge_cents=cents(e[2]),
        facility_type=facility_type,
        frequency=frequency,
        assignment=e[7],
        benefits_assigned=e[8],
        release_of_information=e[9],
        billing_provider=walk.billing_provider(),
        subscriber=walk.subscriber(),
        payer=walk.payer(),
        patient=walk.patient(),
        statement_from=statement[0],
        statement_to=statement[1],
        admitted_on=admitted[0] if admitted else None,
        admission_hour=_time(draft, "435")[_HOUR],
        discharge_hour=_time(draft, "096"),
        admission_type=cl1[1],
        admission_source=cl1[2],
        patient_status=cl1[3],
        principal_diagnosis=next(_diagnoses(found, "ABK"), None),
        admitting_diagnosis=next(_plain(found, "ABJ"), ""),
        reasons_for_visit=tuple(_plain(found, "APR")),
        external_causes=tuple(_diagnoses(found, "ABN")),
        drg=next(_plain(found, "DR"), ""),
        other_diagnoses=tuple(_diagnoses(found, "ABF")),
        principal_procedure=next(_procedures(walk, found, "BBR"), None),
        other_procedures=tuple(_procedures(walk, found, "BBQ")),
        occurrence_spans=tuple(_spans(walk, found)),
        occurrences=tuple(_occurrences(walk, found)),
        value_codes=tuple(_values(walk, found)),
        condition_codes=tuple(_plain(found, "BG")),
        treatment_codes=tuple(_plain(found, "TC")),
        lines=lines,
        original_payer_control_number=numbers.get("F8", ""),
        authorization_number=numbers.get("G1", ""),
        referral_number=numbers.get("9F", ""),
        medical_record_number=numbers.get("EA", ""),
        patient_due_cents=amount_of(walk, draft, "F3"),
        notes=notes(draft),
        attachments=attachments(draft),
        attending_provider=provider(draft, "71", INSTITUTIONAL_PERSONS),
        operating_provider=provider(draft, "72", INSTITUTIONAL_PERSONS),
        other_operating_provider=provider(draft, "ZZ", INSTITUTIONAL_PERSONS),
        rendering_provider=provider(draft, "82", INSTITUTIONAL_PERSONS),
        service_facility=facility(draft),
        referring_provider=provider(draft, "DN", INSTITUTIONAL_PERSONS),
        other_payers=other_payers(walk, draft),
        references=references(draft, STAY_NUMBERS),
        repricing=repricing(walk, draft),
        repricer_received_on=received[0] if received else None,
        contract=contract(walk, draft),
        fixed_figures=fixed_figures(draft),
        delay_reason=e[20],
        icd=9 if any(code[0] in _NEWER for _, code in placed) else 10,
        raw=walk.raw(draft),
    )


def _time(draft: Draft, qualifier: str) -> str:
    """Return when on a day something was, as it was written, empty where only the day is known."""
    return next((e[3] for _, e in draft.kept.get("DTP", ()) if e[1] == qualifier), "")


def _codes(placed: list[tuple[int, tuple[str, ...]]]) -> Codes:
    """Return the codes of a claim by what they are, whatever revision they are of."""
    found: Codes = {}
    for at, code in placed:
        found.setdefault(_NEWER.get(code[0], code[0]), []).append((at, code))
    return found


def _plain(found: Codes, kind: str) -> Iterator[str]:
    return (code[1] for _, code in found.get(kind, ()))


def _diagnoses(found: Codes, kind: str) -> Iterator[Diagnosis]:
    return (Diagnosis(code=code[1], present_on_admission=code[8]) for _, code in found.get(kind, ()))


def _procedures(walk: Walk, found: Codes, kind: str) -> Iterator[Procedure]:
    for walk.at, code in found.get(kind, ()):
        yield Procedure(code=code[1], done_on=day_or_none(code[3]))


def _occurrences(walk: Walk, found: Codes) -> Iterator[Occurrence]:
    for walk.at, code in found.get("BH", ()):
        yield Occurrence(code=code[1], on=day(code[3]))


def _spans(walk: Walk, found: Codes) -> Iterator[OccurrenceSpan]:
    for walk.at, code in found.get("BI", ()):
        first, last = days(code[2], code[3])
        yield OccurrenceSpan(code=code[1], first_on=first, last_on=last)


def _values(walk: Walk, found: Codes) -> Iterator[ValueCode]:
    for walk.at, code in found.get("BE", ()):
        yield ValueCode(code=code[1], amount=quantity(code[4]))


def _line(walk: Walk, draft: Draft) -> RevenueLine:
    e, service_days = service(walk, draft, "SV2"), draft.days.get("472")
    qualifier, procedure_code, modifiers, description = procedure(e[2], walk.component)
    return _revenue_line(
        revenue_code=e[1],
        procedure_qualifier=qualifier or "HC",
        procedure=procedure_code,
        modifiers=modifiers,
        description=description,
        charge_cents=cents(e[3]),
        unit_basis=e[4],
        units=quantity(e[5]),
        noncovered_cents=cents_or_none(e[7]),
        service_from=service_days[0] if service_days else None,
        service_to=service_days[1] if service_days else None,
        line_control_number=draft.references.get("6R", ""),
        notes=notes(draft),
        attachments=attachments(draft),
        drug=drug(walk, draft),
        operating_provider=provider(draft, "72", INSTITUTIONAL_PERSONS),
        other_operating_provider=provider(draft, "ZZ", INSTITUTIONAL_PERSONS),
        rendering_provider=provider(draft, "82", INSTITUTIONAL_PERSONS),
        referring_provider=provider(draft, "DN", INSTITUTIONAL_PERSONS),
        adjudications=adjudications(walk, draft),
        repricing=repricing(walk, draft),
        references=references(draft, REVENUE_LINE_NUMBERS),
        service_tax_cents=amount_of(walk, draft, "GT"),
        facility_tax_cents=amount_of(walk, draft, "N8"),
        raw=walk.raw(draft),
    )
