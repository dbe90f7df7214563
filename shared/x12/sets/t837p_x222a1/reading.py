"""837P bytes to professional claims, ours or a stranger's: one pass, one claim under construction.

Owns: what a professional claim and its line are made of. What has no field (numbers of a line by which another payer
knows somebody, whom to ask at a facility) stays in `raw`. Refuses: a claim without provider, subscriber, payer or
charge, and amounts and days that are none. Read too are X222, X222A2 and 4010 X098, where they have the same shape.
Next: `../t837/walk.py`.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Final

from shared.x12.elements import cents, quantity
from shared.x12.interchange import Transaction, open_sets
from shared.x12.making import maker
from shared.x12.malformed import NotAnX12Value
from shared.x12.sets.t837.batch import read_batch
from shared.x12.sets.t837.codes import CLAIM_NUMBERS, LINE_NUMBERS, PROFESSIONAL_PERSONS
from shared.x12.sets.t837.contract import contract, fixed_figures
from shared.x12.sets.t837.reading import (
    adjudications,
    amount_of,
    attachments,
    drug,
    facility,
    notes,
    ordering_provider,
    other_payers,
    placed_codes,
    pointers,
    procedure,
    provider,
    references,
    service,
)
from shared.x12.sets.t837.repricing import repricing
from shared.x12.sets.t837.walk import Draft, Walk
from shared.x12.sets.t837p_x222a1.certificates import (
    PICK_UP,
    certificates,
    count_of,
    forms,
    ride,
    spinal_treatment,
)
from shared.x12.sets.t837p_x222a1.claim import ClaimBatch, ClaimDates, LineDates, ProfessionalClaim, ServiceLine
from shared.x12.sets.t837p_x222a1.codes import DATES, LATER_DATES, LINE_DATES
from shared.x12.sets.t837p_x222a1.equipment import measurements, need, rental
from shared.x12.sets.t837p_x222a1.purchase import purchase
from shared.x12.tokens import Source

_OTHER_GUIDES: Final = ("005010X223", "005010X224", "004010X096", "004010X097")  # institutional and dental
_DIAGNOSES: Final = frozenset({"ABK", "ABF", "BK", "BF"})
_NINTH: Final = frozenset({"BK", "BF"})  # revision
_ANESTHESIA: Final = frozenset({"BP", "BO"})
_PLAIN_SEGMENTS: Final = frozenset({"HI"})
_PLAIN_NUMBERS: Final = frozenset({"F8", "G1"})
_PLAIN_LINE_NUMBERS: Final = frozenset({"6R"})
_CONDITION: Final = "BG"
_FLAGS: Final = slice(9, 16)
_CAUSES: Final = slice(0, 3)  # 4010 had a third

_professional_claim = maker(ProfessionalClaim)
_service_line = maker(ServiceLine)


def read_837p(source: Source) -> tuple[ClaimBatch, ...]:
    """Return the claim batches of a file, one per ST.

    **Shape**: each claim with its provider, patient, payers and service lines, in the order of the file.
    **Errors**: `UnreadableSegment`, `MisplacedSegment`, `UnexpectedTransaction`, and those of the envelope (`parts`).
    **Units**: amounts in cents, exactly. **Source**: 005010X222A1, loops 1000A to 2430.
    """
    return tuple(claim_batch(transaction) for transaction in open_sets(source))


def claim_batch(transaction: Transaction) -> ClaimBatch:
    """Return the claims of one ST with their header.

    **Errors**: `UnreadableSegment`, `MisplacedSegment`, `UnexpectedTransaction`; each says where.
    """
    return read_batch(transaction, others=_OTHER_GUIDES, convert=_claim, batch=ClaimBatch)


def claims(transaction: Transaction) -> Iterator[ProfessionalClaim]:
    """Return the claims of one ST one by one, for files whose claims need not all be kept. **Errors**: as above."""
    return Walk(transaction, others=_OTHER_GUIDES).claims(_claim)


def _claim(walk: Walk, draft: Draft) -> ProfessionalClaim:
    lines = tuple([_line(walk, line) for line in draft.lines])
    found = [code for _, code in placed_codes(walk, draft)]
    diagnoses = tuple([code[1] for code in found if code[0] in _DIAGNOSES])
    walk.at, e, component, numbers, parties = draft.at, draft.head, walk.component, draft.references, draft.parties
    place, _, frequency, *_ = (e[5] + component * 3).split(component)
    claim = _professional_claim(
        patient_control_number=e[1],
        charge_cents=cents(e[2]),
        place_of_service=place,
        frequency=frequency,
        signature_on_file=e[6],
        assignment=e[7],
        benefits_assigned=e[8],
        release_of_information=e[9],
        signature_source=e[10],
        billing_provider=walk.billing_provider(),
        subscriber=walk.subscriber(),
        payer=walk.payer(),
        patient=walk.patient(),
        diagnoses=diagnoses,
        lines=lines,
        original_payer_control_number=numbers.get("F8", ""),
        authorization_number=numbers.get("G1", ""),
        rendering_provider=parties["82"].provider() if "82" in parties else None,
        referring_provider=parties["DN"].provider(is_person=True) if "DN" in parties else None,
        supervising_provider=parties["DQ"].provider(is_person=True) if "DQ" in parties else None,
        service_facility=facility(draft) if parties else None,
        icd=9 if found and found[0][0] in _NINTH else 10,
        raw=walk.raw(draft),
    )
    has_more = (
        draft.kept.keys() - _PLAIN_SEGMENTS
        or numbers.keys() - _PLAIN_NUMBERS
        or draft.days
        or draft.others
        or PICK_UP in parties
        or len(found) != len(diagnoses)
        or e[11]
        or e[12]
        or e[20]
    )
    return _with_more(claim, walk, draft, found) if has_more else claim


def _with_more(claim: ProfessionalClaim, walk: Walk, draft: Draft, found: list[tuple[str, ...]]) -> ProfessionalClaim:
    """Return a claim with what most claims lack."""
    causes = (draft.head[11] + walk.component * 5).split(walk.component)
    numbers, days = draft.references, draft.days
    return replace(
        claim,
        related_causes=tuple(filter(None, causes[_CAUSES])),
        accident_state=causes[3],
        anesthesia_procedures=tuple(code[1] for code in found if code[0] in _ANESTHESIA),
        condition_codes=tuple(code[1] for code in found if code[0] == _CONDITION),
        dates=_dates(days),
        referral_number=numbers.get("9F", ""),
        clia_number=numbers.get("X4", ""),
        medical_record_number=numbers.get("EA", ""),
        patient_paid_cents=amount_of(walk, draft, "F5"),
        notes=notes(draft),
        attachments=attachments(draft),
        other_payers=other_payers(walk, draft),
        references=references(draft, CLAIM_NUMBERS),
        repricing=repricing(walk, draft),
        ride=ride(walk, draft),
        spinal_treatment=spinal_treatment(draft),
        certificates=certificates(draft),
        contract=contract(walk, draft),
        fixed_figures=fixed_figures(draft),
        special_program=draft.head[12],
        delay_reason=draft.head[20],
    )


def _dates(days: dict[str, tuple[date, date]]) -> ClaimDates:
    both = days.get("314")
    begin, end = days.get("360", both), days.get("361", both)
    return ClaimDates(
        **{name: days[qualifier][0] for qualifier, name in (*DATES, *LATER_DATES) if qualifier in days},
        disabled_from=begin[0] if begin else None,
        disabled_to=end[1] if end else None,
    )


def _line(walk: Walk, draft: Draft) -> ServiceLine:
    e, days, numbers, component = service(walk, draft, "SV1"), draft.days.get("472"), draft.references, walk.component
    qualifier, procedure_code, modifiers, description = procedure(e[1], component)
    if days is None:
        walk.at = draft.at
        raise NotAnX12Value("a line has its day (DTP*472)")
    line = _service_line(
        procedure_qualifier=qualifier,
        procedure=procedure_code,
        modifiers=modifiers,
        description=description,
        charge_cents=cents(e[2]),
        unit_basis=e[3],
        units=quantity(e[4]),
        place_of_service=e[5],
        pointers=pointers(e[7], component),
        service_from=days[0],
        service_to=days[1],
        line_control_number=numbers.get("6R", ""),
        raw=walk.raw(draft),
    )
    has_more = draft.kept or draft.parties or draft.others or len(draft.days) > 1
    if not (has_more or numbers.keys() - _PLAIN_LINE_NUMBERS or any(e[_FLAGS])):
        return line
    return replace(
        line,
        authorization_number=numbers.get("G1", ""),
        referral_number=numbers.get("9F", ""),
        clia_number=numbers.get("X4", ""),
        notes=notes(draft),
        attachments=attachments(draft),
        drug=drug(walk, draft),
        rendering_provider=provider(draft, "82", PROFESSIONAL_PERSONS),
        adjudications=adjudications(walk, draft),
        repricing=repricing(walk, draft),
        is_emergency=e[9] == "Y",
        is_screening=e[11] == "Y",
        is_family_planning=e[12] == "Y",
        is_without_copay=e[15] == "0",
        ride=ride(walk, draft),
        certificates=certificates(draft),
        obstetric_units=count_of(walk, draft, "FL"),
        forms=forms(walk, draft),
        service_facility=facility(draft) if draft.parties else None,
        supervising_provider=provider(draft, "DQ", PROFESSIONAL_PERSONS),
        ordering_provider=ordering_provider(draft),
        referring_provider=provider(draft, "DN", PROFESSIONAL_PERSONS),
        sales_tax_cents=amount_of(walk, draft, "T"),
        postage_cents=amount_of(walk, draft, "F4"),
        rental=rental(walk, draft),
        need=need(walk, draft),
        measurements=measurements(walk, draft),
        dates=LineDates(
            **{name: draft.days[qualifier][0] for qualifier, name in LINE_DATES if qualifier in draft.days}
        ),
        references=references(draft, LINE_NUMBERS),
        contract=contract(walk, draft),
        fixed_figures=fixed_figures(draft),
        purchase=purchase(walk, draft),
    )
