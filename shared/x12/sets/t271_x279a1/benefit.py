"""The values of an answer about insurance (271): what is covered, with whom, at what cost, or why there is no answer.

Owns: shapes. Refuses: to say what a code means for a visit, which registration does; to drop a code it does not know.
**Source**: 005010X279A1; each class names its loop.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from shared.x12.party import Address
from shared.x12.segments import Contact, Entity, Period, Procedure, ProviderRole, Reference, Trace
from shared.x12.sets.t270_x279a1 import Individual


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """Why something was not answered (AAA).

    **Shape**: `reason` AAA03 such as 72 or 75; `follow_up` AAA04: C and R may be corrected and asked again, N not;
    `valid` AAA01, Y where the question as such was in order.
    """

    reason: str
    follow_up: str
    valid: str = "N"
    raw: tuple[str, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """How often a benefit is given (HSD). **Shape**: quantities are numbers of what their qualifier says."""

    quantity_qualifier: str = ""
    quantity: Decimal | None = None
    per_unit: str = ""
    per_count: Decimal | None = None
    period_qualifier: str = ""
    period_count: Decimal | None = None
    frequency: str = ""
    pattern: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """Under which circumstances a benefit holds (III). **Shape**: `qualifier` ZZ with a place of service as `code`."""

    qualifier: str = ""
    code: str = ""
    category: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RelatedEntity:
    """Who else has to do with a benefit (2120, between LS and LE): another payer, a primary care provider.

    **Shape**: the role of `entity` is empty where a payer sends an address without saying whose.
    """

    entity: Entity
    address: Address | None = None
    contacts: tuple[Contact, ...] = ()
    provider: ProviderRole | None = None
    raw: tuple[str, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Benefit:
    """One statement about a benefit (EB and its loop, 2110).

    **Shape**: `code` EB01: 1 to 5 active, 6 to 8 inactive, A coinsurance, B copay, C deductible, G out of pocket, and
    so on; `percent` as a fraction, 0.2 are 20 percent; `authorization` and `in_network` Y, N, U or W.
    **Units**: cents.
    """

    code: str
    coverage_level: str = ""
    service_types: tuple[str, ...] = ()
    insurance_type: str = ""
    plan: str = ""
    time_qualifier: str = ""
    amount_cents: int | None = None
    percent: Decimal | None = None
    quantity_qualifier: str = ""
    quantity: Decimal | None = None
    authorization: str = ""
    in_network: str = ""
    procedure: Procedure | None = None
    diagnosis_pointers: tuple[str, ...] = ()
    deliveries: tuple[Delivery, ...] = ()
    references: tuple[Reference, ...] = ()
    periods: tuple[Period, ...] = ()
    rejections: tuple[Rejection, ...] = ()
    messages: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = ()
    related: tuple[RelatedEntity, ...] = ()
    raw: tuple[str, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class InsuredDependent:
    """What is said of a dependent (2000D)."""

    individual: Individual
    benefits: tuple[Benefit, ...] = ()
    rejections: tuple[Rejection, ...] = ()
    traces: tuple[Trace, ...] = ()
    raw: tuple[str, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class InsuredSubscriber:
    """What is said of a subscriber and those insured through him (2000C)."""

    individual: Individual
    benefits: tuple[Benefit, ...] = ()
    rejections: tuple[Rejection, ...] = ()
    dependents: tuple[InsuredDependent, ...] = ()
    traces: tuple[Trace, ...] = ()
    raw: tuple[str, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredReceiver:
    """Who had asked (2000B). **Shape**: no subscribers where the question itself was refused."""

    entity: Entity
    subscribers: tuple[InsuredSubscriber, ...] = ()
    rejections: tuple[Rejection, ...] = ()
    references: tuple[Reference, ...] = ()
    address: Address | None = None
    provider: ProviderRole | None = None
    raw: tuple[str, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweringSource:
    """Who answers (2000A). **Shape**: `level_rejections` stand before the name, `rejections` behind it."""

    entity: Entity
    receivers: tuple[AnsweredReceiver, ...] = ()
    level_rejections: tuple[Rejection, ...] = ()
    rejections: tuple[Rejection, ...] = ()
    contacts: tuple[Contact, ...] = ()
    raw: tuple[str, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class EligibilityResponse:
    """One ST. **Shape**: `reference` BHT03 repeats the question's; `purpose` BHT02, 11 answers, 06 confirms."""

    reference: str
    sources: tuple[AnsweringSource, ...]
    purpose: str = "11"
    transaction_type: str = ""
    control_number: str = field(default="", compare=False)
    raw: tuple[str, ...] = field(default=(), compare=False, repr=False)


def patients(response: EligibilityResponse) -> Iterator[InsuredSubscriber | InsuredDependent]:
    """Return everybody who was answered about: a subscriber with benefits, or refused, or alone, and dependents."""
    for source in response.sources:
        for receiver in source.receivers:
            for subscriber in receiver.subscribers:
                if subscriber.benefits or subscriber.rejections or not subscriber.dependents:
                    yield subscriber
                yield from subscriber.dependents
