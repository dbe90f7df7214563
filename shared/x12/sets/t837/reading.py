"""Drafts to the values that every 837 shares: other payers, decisions about lines, notes, attachments, drugs, places.

Owns: which element is which field. Refuses: amounts, quantities and counts that are none, each where it stands.
Next: the `reading.py` of the set, which knows what a claim and a line of its kind are.
"""

from functools import lru_cache
from typing import Final, TypeAlias, TypeVar

from shared.x12.adjustment import Adjustment, grouped, read_adjustments
from shared.x12.elements import cents, count, quantity, quantity_or_none
from shared.x12.figures import InpatientAdjudication, OutpatientAdjudication, Summary, read_summary
from shared.x12.making import maker
from shared.x12.malformed import NotAnX12Value
from shared.x12.party import PersonName
from shared.x12.segments import Reference
from shared.x12.sets.t837.benefits import LineAdjudication, OtherPayer, OtherPayerProvider
from shared.x12.sets.t837.codes import CodeList
from shared.x12.sets.t837.parties import OrderingProvider, Payer, Provider, ServiceFacility
from shared.x12.sets.t837.supplements import Attachment, Drug, Note
from shared.x12.sets.t837.walk import Draft, Party, Place, Walk

Figures = TypeVar("Figures", bound=Summary)
Procedure: TypeAlias = tuple[str, str, tuple[str, ...], str]

_REMEMBERED_MAX: Final = 16_384  # codes of one file repeat
_COMPOSITE_MAX: Final = 400  # characters, twice what a guide lets one have; and it is remembered
_MODIFIERS: Final = slice(2, 6)
_CODES: Final = slice(1, 13)
_FIGURES_PADDING: Final = [""] * 25  # elements of a MIA, and the id
_PAYER_PARTIES: Final = frozenset({"IL", "PR"})
_NOBODY: Final = PersonName(last_name="")
_UNNAMED: Final = Payer(name="", payer_id="")
_NONE: Final[list[Place]] = []

_made_other_payer = maker(OtherPayer)
_made_adjudication = maker(LineAdjudication)


@lru_cache(_REMEMBERED_MAX)
def procedure(composite: str, component: str) -> Procedure:
    """Return code set, code, modifiers and description (SV101, SV202, SVD03). **Errors**: `NotAnX12Value`."""
    parts = _parts(composite, component)
    return parts[0], parts[1], tuple(filter(None, parts[_MODIFIERS])), parts[6]


@lru_cache(_REMEMBERED_MAX)
def pointers(composite: str, component: str) -> tuple[int, ...]:
    """Return which diagnoses of the claim a line points to. **Errors**: `NotAnX12Value`."""
    return tuple(map(count, filter(None, _parts(composite, component))))


@lru_cache(_REMEMBERED_MAX)
def code(composite: str, component: str) -> tuple[str, ...]:
    """Return one code of a claim (HI). **Shape**: ten components or more, the qualifier first. **Errors**: as above."""
    return tuple(_parts(composite, component))


def _parts(composite: str, component: str) -> list[str]:
    if len(composite) > _COMPOSITE_MAX:
        raise NotAnX12Value("a composite is longer than its components may be")
    return (composite + component * 9).split(component)


def service(walk: Walk, line: Draft, tag: str) -> list[str]:
    """Return the segment that says what a line is about, and look at it. **Errors**: `NotAnX12Value`."""
    e = line.service
    if e is None or e[0] != tag:
        walk.at = line.at
        raise NotAnX12Value(f"a line has a service ({tag})")
    walk.at = line.service_at
    return e


def placed_codes(walk: Walk, claim: Draft) -> list[tuple[int, tuple[str, ...]]]:
    """Return the codes of a claim (HI) in their order, each with the place of its segment. **Errors**: as above."""
    component, found = walk.component, []
    for walk.at, e in claim.kept.get("HI", _NONE):
        found += [(walk.at, code(composite, component)) for composite in e[_CODES] if composite]
    walk.at = claim.at
    return found


def provider(draft: Draft, role: str, persons: frozenset[str]) -> Provider | None:
    """Return who has a role in a claim or a line. **Shape**: `persons` are the roles that no organisation has."""
    return draft.parties[role].provider(is_person=role in persons) if role in draft.parties else None


def ordering_provider(line: Draft) -> OrderingProvider | None:
    """Return who ordered what a line has."""
    party = line.parties.get("DK")
    if party is None:
        return None
    return OrderingProvider(provider=party.provider(is_person=True), address=party.address, contacts=party.contacts)


def facility(draft: Draft) -> ServiceFacility | None:
    """Return where it was done; 4010 has a role of its own for that."""
    party = draft.parties.get("77") or draft.parties.get("FA")
    if party is None:
        return None
    return ServiceFacility(name=party.elements[3], npi=party.npi, address=party.place(), references=party.references)


def references(draft: Draft, known: CodeList) -> tuple[Reference, ...]:
    """Return the numbers of a claim that have no field of their own. **Shape**: `known` are those that are kept."""
    found = draft.references.items()
    return tuple(Reference(qualifier=name, number=number) for name, number in found if name in known.codes)


def notes(draft: Draft) -> tuple[Note, ...]:
    """Return the notes of a claim or a line."""
    return tuple(Note(code=e[1], text=e[2]) for _, e in draft.kept.get("NTE", _NONE))


def attachments(draft: Draft) -> tuple[Attachment, ...]:
    """Return the attachments of a claim or a line."""
    return tuple(
        Attachment(report=e[1], transmission=e[2], control_number=e[6]) for _, e in draft.kept.get("PWK", _NONE)
    )


def drug(walk: Walk, line: Draft) -> Drug | None:
    """Return the drug of a line. **Errors**: `NotAnX12Value`."""
    for _, lin in line.kept.get("LIN", _NONE):
        walk.at, ctp = line.kept.get("CTP", [(walk.at, [""] * len(lin))])[0]
        return Drug(
            ndc=lin[3],
            quantity=quantity_or_none(ctp[4]),
            unit=ctp[5].split(walk.component)[0],
            prescription_number=line.references.get("XZ", ""),
        )
    return None


def amount_of(walk: Walk, draft: Draft, qualifier: str) -> int | None:
    """Return the amount (AMT) of a claim, a line or another payer. **Units**: cents. **Errors**: `NotAnAmount`."""
    for at, e in draft.kept.get("AMT", _NONE):
        if e[1] == qualifier:
            walk.at = at
            return cents(e[2])
    return None


def other_payers(walk: Walk, claim: Draft) -> tuple[OtherPayer, ...]:
    """Return the other payers of a claim. **Errors**: `NotAnAmount`, `NotAnX12Value`."""
    return tuple(_other_payer(walk, other) for other in claim.others)


def _other_payer(walk: Walk, other: Draft) -> OtherPayer:
    sbr, insured, payer = other.head, other.parties.get("IL"), other.parties.get("PR")
    _, oi = other.kept.get("OI", [(other.at, [""] * len(sbr))])[0]
    adjudicated = other.days.get("573")
    return _made_other_payer(
        payer=payer.payer() if payer else _UNNAMED,
        responsibility=sbr[1],
        relationship=sbr[2],
        group_number=sbr[3],
        group_name=sbr[4],
        insurance_type=sbr[5],
        claim_filing=sbr[9],
        member_id=insured.elements[9] if insured else "",
        subscriber_name=_person(insured),
        subscriber_address=insured.address if insured else None,
        paid_cents=amount_of(walk, other, "D"),
        remaining_liability_cents=amount_of(walk, other, "EAF"),
        noncovered_cents=amount_of(walk, other, "A8"),
        adjustments=_adjustments(walk, other),
        adjudicated_on=adjudicated[0] if adjudicated else None,
        inpatient=_figures(walk, other, "MIA", InpatientAdjudication),
        outpatient=_figures(walk, other, "MOA", OutpatientAdjudication),
        payer_control_number=other.references.get("F8", ""),
        authorization_number=other.references.get("G1", ""),
        referral_number=other.references.get("9F", ""),
        benefits_assigned=oi[3],
        signature_source=oi[4],
        release_of_information=oi[6],
        member_id_qualifier=(insured.elements[8] if insured else "") or "MI",
        subscriber_kind=(insured.elements[2] if insured else "") or "1",
        subscriber_references=insured.references if insured else (),
        providers=tuple(
            OtherPayerProvider(role=role, kind=party.elements[2], references=party.references)
            for role, party in other.parties.items()
            if role not in _PAYER_PARTIES
        ),
    )


def _figures(walk: Walk, other: Draft, tag: str, figures: type[Figures]) -> Figures | None:
    found = other.kept.get(tag)
    if found is None:
        return None
    walk.at, elements = found[0]
    return read_summary(figures, [*elements, *_FIGURES_PADDING])


def _person(party: Party | None) -> PersonName:
    return party.person() if party else _NOBODY


def adjudications(walk: Walk, line: Draft) -> tuple[LineAdjudication, ...]:
    """Return what other payers decided about a line. **Errors**: `NotAnAmount`, `NotAnX12Value`."""
    return tuple(_adjudication(walk, decided) for decided in line.others)


def _adjudication(walk: Walk, decided: Draft) -> LineAdjudication:
    svd, adjudicated = decided.head, decided.days.get("573")
    walk.at = decided.at
    qualifier, procedure_code, modifiers, description = procedure(svd[3], walk.component)
    return _made_adjudication(
        payer_id=svd[1],
        paid_cents=cents(svd[2]),
        procedure_qualifier=qualifier or "HC",
        procedure=procedure_code,
        modifiers=modifiers,
        description=description,
        revenue_code=svd[4],
        units=quantity(svd[5]),
        bundled_into=count(svd[6]) if svd[6] else None,
        adjustments=_adjustments(walk, decided),
        adjudicated_on=adjudicated[0] if adjudicated else None,
        remaining_liability_cents=amount_of(walk, decided, "EAF"),
    )


def _adjustments(walk: Walk, draft: Draft) -> tuple[Adjustment, ...]:
    found: list[Adjustment] = []
    for at, cas in draft.kept.get("CAS", _NONE):
        walk.at = at
        found.extend(read_adjustments(cas))
    return grouped(found)
