"""Answers about insurance to 271 bytes, for the simulator and for fixtures: one interchange, one group, an ST each.

Refuses what a payer must not send: a level that says nothing, an entity without a role, a quantity without its kind.
**Source**: 005010X279A1.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Final

from shared.x12.elements import written_quantity
from shared.x12.hierarchy import HierarchyWriter
from shared.x12.segments import (
    write_address,
    write_contacts,
    write_entity,
    write_periods,
    write_provider_role,
    write_references,
    write_traces,
    written_procedure,
)
from shared.x12.sets.t270_x279a1 import GUIDE, write_heading, write_individual
from shared.x12.sets.t271_x279a1.benefit import (
    AnsweredReceiver,
    AnsweringSource,
    Benefit,
    Delivery,
    EligibilityResponse,
    InsuredDependent,
    InsuredSubscriber,
    Rejection,
    RelatedEntity,
)
from shared.x12.writer import (
    CannotBeWritten,
    Envelope,
    Repeated,
    SetKind,
    SetWriter,
    amount,
    enclose_each,
    required,
    sanitize,
)

_KIND: Final = SetKind(set_id="271", functional_id="HB", guide=GUIDE)
_MESSAGE: Final = 264
_RELATED: Final = "2120"


def write_271(responses: Sequence[EligibilityResponse], *, envelope: Envelope, first_control_number: int) -> bytes:
    """Return one interchange; each answer is an ST, numbered on. **Errors**: `CannotBeWritten`."""

    def write(out: SetWriter, response: EligibilityResponse) -> None:
        if not response.sources:
            raise CannotBeWritten("somebody answers")
        write_heading(out, response.purpose, response.reference, response.transaction_type, envelope)
        tree = HierarchyWriter(out)
        for source in response.sources:
            _source(out, tree, source)

    return enclose_each(responses, write, _KIND, envelope=envelope, first_control_number=first_control_number)


def _source(out: SetWriter, tree: HierarchyWriter, source: AnsweringSource) -> None:
    number = tree.add("20", holds=bool(source.receivers))
    _rejections(out, source.level_rejections)
    write_entity(out, source.entity)
    write_contacts(out, source.contacts)
    _rejections(out, source.rejections)
    if not source.receivers and not source.rejections and not source.level_rejections:
        raise CannotBeWritten("who answers, answers somebody or says why not")
    for receiver in source.receivers:
        _receiver(out, tree, receiver, under=number)


def _receiver(out: SetWriter, tree: HierarchyWriter, receiver: AnsweredReceiver, *, under: int) -> None:
    if not receiver.subscribers and not receiver.rejections:
        raise CannotBeWritten("who had asked is told about somebody, or why not")
    number = tree.add("21", under=under, holds=bool(receiver.subscribers))
    write_entity(out, receiver.entity)
    write_references(out, receiver.references)
    write_address(out, receiver.address)
    _rejections(out, receiver.rejections)
    write_provider_role(out, receiver.provider)
    for subscriber in receiver.subscribers:
        _subscriber(out, tree, subscriber, under=number)


def _subscriber(out: SetWriter, tree: HierarchyWriter, subscriber: InsuredSubscriber, *, under: int) -> None:
    number = tree.add("22", under=under, holds=bool(subscriber.dependents))
    _person(out, subscriber, is_subscriber=True)
    for dependent in subscriber.dependents:
        tree.add("23", under=number, holds=False)
        _person(out, dependent, is_subscriber=False)


def _person(out: SetWriter, person: InsuredSubscriber | InsuredDependent, *, is_subscriber: bool) -> None:
    write_traces(out, person.traces)
    rejections = tuple(map(_elements, person.rejections))
    write_individual(out, person.individual, is_subscriber=is_subscriber, rejections=rejections)
    for benefit in person.benefits:
        _benefit(out, benefit)


def _rejections(out: SetWriter, rejections: Iterable[Rejection]) -> None:
    for rejection in rejections:
        out.add("AAA", *_elements(rejection))


def _elements(rejection: Rejection) -> tuple[str, ...]:
    return rejection.valid, "", rejection.reason, rejection.follow_up


def _benefit(out: SetWriter, benefit: Benefit) -> None:
    if bool(benefit.quantity_qualifier) != (benefit.quantity is not None):
        raise CannotBeWritten("a quantity has its kind")
    out.add(
        "EB",
        required(benefit.code),
        benefit.coverage_level,
        Repeated(benefit.service_types),
        benefit.insurance_type,
        sanitize(benefit.plan, length_max=50),
        benefit.time_qualifier,
        "" if benefit.amount_cents is None else amount(benefit.amount_cents),
        _number(benefit.percent),
        benefit.quantity_qualifier,
        _number(benefit.quantity),
        benefit.authorization,
        benefit.in_network,
        written_procedure(benefit.procedure),
        benefit.diagnosis_pointers,
    )
    for delivery in benefit.deliveries:
        _delivery(out, delivery)
    write_references(out, benefit.references)
    write_periods(out, benefit.periods)
    _rejections(out, benefit.rejections)
    for message in benefit.messages:
        out.add("MSG", required(message, length_max=_MESSAGE))
    for each in benefit.conditions:
        out.add("III", each.qualifier, each.code, each.category, sanitize(each.text, length_max=_MESSAGE))
    if benefit.related:
        out.add("LS", _RELATED)
        for related in benefit.related:
            _related(out, related)
        out.add("LE", _RELATED)


def _delivery(out: SetWriter, delivery: Delivery) -> None:
    out.add(
        "HSD",
        delivery.quantity_qualifier,
        _number(delivery.quantity),
        delivery.per_unit,
        _number(delivery.per_count),
        delivery.period_qualifier,
        _number(delivery.period_count),
        delivery.frequency,
        delivery.pattern,
    )


def _related(out: SetWriter, related: RelatedEntity) -> None:
    write_entity(out, related.entity)
    write_address(out, related.address)
    write_contacts(out, related.contacts)
    write_provider_role(out, related.provider)


def _number(number: Decimal | None) -> str:
    return "" if number is None else written_quantity(number)
