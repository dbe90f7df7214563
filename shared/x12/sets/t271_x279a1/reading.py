"""271 bytes to answers: the tree of levels, then each level's portions.

Owns: which segment belongs to a person, a benefit or a related entity. Segments that are not read (MPI) stay in `raw`.
Refuses: levels that hang nowhere, amounts, days and quantities that are none. What stands behind an LE belongs to the
benefit again, as some payers write it.
"""

from collections.abc import Iterator
from functools import partial

from shared.x12.elements import cents_or_none, quantity_or_none
from shared.x12.hierarchy import HierarchicalLevel, Place, Portion, hierarchical_levels
from shared.x12.interchange import TransactionSet, transaction_sets
from shared.x12.segments import (
    read_address,
    read_contact,
    read_entity,
    read_periods,
    read_procedure,
    read_provider_role,
    read_references,
    read_traces,
)
from shared.x12.sets.t270_x279a1 import HOLDERS, read_individual
from shared.x12.sets.t271_x279a1.benefit import (
    AnsweredReceiver,
    AnsweringSource,
    Benefit,
    Condition,
    Delivery,
    EligibilityResponse,
    InsuredDependent,
    InsuredSubscriber,
    Rejection,
    RelatedEntity,
)
from shared.x12.tokens import Source


def read_271(source: Source) -> tuple[EligibilityResponse, ...]:
    """Return the answers of a file, one per ST.

    **Shape**: payers, for each who had asked, for each the people with their benefits, or why there is no answer.
    **Errors**: `UnreadableSegment`, `MisplacedSegment`, `UnexpectedTransaction`, and those of the envelope (`parts`).
    **Units**: amounts in cents, percent as a fraction. **Source**: 005010X279A1, loops 2000A to 2120D.
    """
    return tuple(eligibility_response(transaction) for transaction in transaction_sets(source))


def eligibility_response(transaction: TransactionSet) -> EligibilityResponse:
    """Return what one ST answers. **Errors**: `UnreadableSegment`, `MisplacedSegment`, `UnexpectedTransaction`."""
    transaction.expect("271")
    place = Place(transaction)
    return place.read(partial(_response, place))


def _response(place: Place) -> EligibilityResponse:
    heading, topmost = hierarchical_levels(place, HOLDERS)
    bht = heading.first("BHT")
    return EligibilityResponse(
        reference=bht[3],
        purpose=bht[2],
        transaction_type=bht[6],
        sources=tuple(map(_source, topmost)),
        control_number=place.transaction.control_number,
        raw=place.transaction.raw,
    )


def _source(level: HierarchicalLevel) -> AnsweringSource:
    before, named = level.own.split("NM1")
    behind = named[0] if named else before
    return AnsweringSource(
        level_rejections=_rejections(before),
        entity=read_entity(behind.first("NM1")),
        contacts=tuple(map(read_contact, behind.all("PER"))),
        rejections=_rejections(behind) if named else (),
        receivers=tuple(map(_receiver, level.below())),
        raw=level.own.raw,
    )


def _receiver(level: HierarchicalLevel) -> AnsweredReceiver:
    return AnsweredReceiver(
        entity=read_entity(level.own.first("NM1")),
        references=read_references(level.own),
        address=read_address(level.own),
        rejections=_rejections(level.own),
        provider=read_provider_role(level.own.first("PRV")),
        subscribers=tuple(map(_subscriber, level.below())),
        raw=level.own.raw,
    )


def _subscriber(level: HierarchicalLevel) -> InsuredSubscriber:
    person, benefits = level.own.split("EB")
    return InsuredSubscriber(
        traces=read_traces(person),
        individual=read_individual(person),
        rejections=_rejections(person),
        benefits=tuple(map(_benefit, benefits)),
        dependents=tuple(map(_dependent, level.below())),
        raw=level.own.raw,
    )


def _dependent(level: HierarchicalLevel) -> InsuredDependent:
    person, benefits = level.own.split("EB")
    return InsuredDependent(
        traces=read_traces(person),
        individual=read_individual(person),
        rejections=_rejections(person),
        benefits=tuple(map(_benefit, benefits)),
        raw=level.own.raw,
    )


def _benefit(portion: Portion) -> Benefit:
    own, related = portion.bracketed("LS", "LE")
    eb = own.first("EB")
    return Benefit(
        code=eb[1],
        coverage_level=eb[2],
        service_types=portion.repeated(eb[3]),
        insurance_type=eb[4],
        plan=eb[5],
        time_qualifier=eb[6],
        amount_cents=cents_or_none(eb[7]),
        percent=quantity_or_none(eb[8]),
        quantity_qualifier=eb[9],
        quantity=quantity_or_none(eb[10]),
        authorization=eb[11],
        in_network=eb[12],
        procedure=read_procedure(portion.components(eb[13])),
        diagnosis_pointers=tuple(filter(None, portion.components(eb[14]))),
        deliveries=tuple(_deliveries(own)),
        references=read_references(own),
        periods=read_periods(own),
        rejections=_rejections(own),
        messages=tuple(msg[1] for msg in own.all("MSG")),
        conditions=tuple(
            Condition(qualifier=iii[1], code=iii[2], category=iii[3], text=iii[4]) for iii in own.all("III")
        ),
        related=tuple(entity for each in related for entity in _related(each)),
        raw=portion.raw,
    )


def _deliveries(portion: Portion) -> Iterator[Delivery]:
    for hsd in portion.all("HSD"):
        yield Delivery(
            quantity_qualifier=hsd[1],
            quantity=quantity_or_none(hsd[2]),
            per_unit=hsd[3],
            per_count=quantity_or_none(hsd[4]),
            period_qualifier=hsd[5],
            period_count=quantity_or_none(hsd[6]),
            frequency=hsd[7],
            pattern=hsd[8],
        )


def _related(portion: Portion) -> Iterator[RelatedEntity]:
    nameless, named = portion.split("NM1")
    for part in (nameless, *named) if nameless.raw else named:
        yield RelatedEntity(
            entity=read_entity(part.first("NM1")),
            address=read_address(part),
            contacts=tuple(map(read_contact, part.all("PER"))),
            provider=read_provider_role(part.first("PRV")),
            raw=part.raw,
        )


def _rejections(portion: Portion) -> tuple[Rejection, ...]:
    return tuple(map(_rejection, portion.each("AAA")))


def _rejection(portion: Portion) -> Rejection:
    aaa = portion.first("AAA")
    return Rejection(valid=aaa[1], reason=aaa[3], follow_up=aaa[4], raw=portion.raw)
