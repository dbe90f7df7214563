"""Synthetic questions and answers about insurance for the tests of 270 and 271: examples, and generated ones."""

from datetime import date
from decimal import Decimal
from typing import Final

from hypothesis import strategies as st

from shared.x12.party import Address
from shared.x12.segments import Contact, Diagnosis, Entity, Period, Procedure, ProviderRole, Reference, Trace
from shared.x12.sets import t270_x279a1 as t270
from shared.x12.sets import t271_x279a1 as t271
from tests.unit.shared.x12.examples import HOME

PAYER: Final = Entity(role="PR", name="KEY INSURANCE", id_qualifier="PI", id="99999")
CLINIC: Final = Entity(role="1P", name="ACME CLINIC", id_qualifier="XX", id="1234567893")
TRACE: Final = Trace(number="TRACE0001", originator="9877281234", subdivision="DESK 4")
TODAY: Final = Period(qualifier="291", first=date(2026, 2, 1), last=date(2026, 2, 1))
JOHN: Final = t270.Individual(
    entity=Entity(
        role="IL", kind="1", name="DOE", first_name="JOHN", middle_name="Q", id_qualifier="MI", id="MBR00000001"
    ),
    birth_on=date(1970, 5, 15),
    sex="M",
    address=HOME,
    references=(Reference(qualifier="6P", number="GRP0001"),),
    periods=(TODAY,),
)
SALLY: Final = t270.Individual(
    entity=Entity(role="03", kind="1", name="DOE", first_name="SALLY"),
    birth_on=date(2015, 7, 4),
    sex="F",
    relation=t270.Relation(relationship="19", birth_sequence=2),
    diagnoses=(Diagnosis(qualifier="ABK", code="J069"),),
    periods=(Period(qualifier="291", first=date(2026, 2, 1), last=date(2026, 2, 28)),),
)
GENERAL: Final = t270.BenefitInquiry(service_types=("30", "98"))
FOR_PROCEDURE: Final = t270.BenefitInquiry(
    procedure=Procedure(code="99213", modifiers=("25",)),
    diagnosis_pointers=("1",),
    facility_types=(("ZZ", "11"),),
    references=(Reference(qualifier="G1", number="AUTH77"),),
    periods=(TODAY,),
)
OF_JOHN: Final = t270.Subscriber(individual=JOHN, traces=(TRACE,), inquiries=(GENERAL,))
OF_SALLY: Final = t270.Subscriber(
    individual=t270.Individual(entity=JOHN.entity),
    dependents=(t270.Dependent(individual=SALLY, traces=(TRACE,), inquiries=(FOR_PROCEDURE,)),),
)


def question(*subscribers: t270.Subscriber) -> t270.EligibilityRequest:
    """Return what the clinic asks the payer about subscribers."""
    receiver = t270.InformationReceiver(
        entity=CLINIC, provider=ProviderRole(role="BI", qualifier="PXC", number="207Q00000X"), subscribers=subscribers
    )
    source = t270.InformationSource(entity=PAYER, receivers=(receiver,))
    return t270.EligibilityRequest(reference="ASK1", sources=(source,))


ACTIVE: Final = t271.Benefit(code="1", service_types=("30",), insurance_type="HM", plan="GOLD 123")
INACTIVE: Final = t271.Benefit(
    code="6", service_types=("30",), periods=(Period(qualifier="349", first=date(2025, 6, 1), last=date(2025, 6, 1)),)
)
COPAY: Final = t271.Benefit(
    code="B",
    coverage_level="IND",
    service_types=("98", "UC"),
    insurance_type="HM",
    plan="GOLD 123",
    time_qualifier="27",
    amount_cents=30_50,
    authorization="N",
    in_network="Y",
    references=(Reference(qualifier="18", number="PLAN7", description="GOLD"),),
    periods=(Period(qualifier="292", first=date(2026, 1, 1), last=date(2026, 12, 31)),),
    messages=("NOT FOR TELEHEALTH",),
)
VISITS: Final = t271.Benefit(
    code="F",
    service_types=("33",),
    quantity_qualifier="99",
    quantity=Decimal(12),
    procedure=Procedure(code="98940", modifiers=("AT",)),
    deliveries=(
        t271.Delivery(
            quantity_qualifier="VS",
            quantity=Decimal(12),
            per_unit="WK",
            per_count=Decimal(3),
            period_qualifier="34",
            period_count=Decimal(1),
        ),
    ),
)
PRIMARY_CARE: Final = t271.Benefit(
    code="L",
    related=(
        t271.RelatedEntity(
            entity=Entity(role="P3", kind="1", name="JONES", first_name="BOB", id_qualifier="XX", id="1234567893"),
            address=Address(line="100 MAIN ST", city="MIAMI", state="FL", postal_code="331110001"),
            contacts=(Contact(name="DESK", numbers=(("TE", "3055551234"), ("EM", "DESK@EXAMPLE.TEST"))),),
            provider=ProviderRole(role="PC", qualifier="PXC", number="207Q00000X"),
        ),
    ),
)
COINSURANCE: Final = t271.Benefit(code="A", service_types=("30",), percent=Decimal("0.2"), in_network="N")
UNKNOWN_MEMBER: Final = t271.Rejection(reason="79", follow_up="C")


def answer(*subscribers: t271.InsuredSubscriber) -> t271.EligibilityResponse:
    """Return what the payer answers the clinic about subscribers."""
    receiver = t271.AnsweredReceiver(entity=CLINIC, subscribers=subscribers)
    return t271.EligibilityResponse(
        reference="ASK1", sources=(t271.AnsweringSource(entity=PAYER, receivers=(receiver,)),)
    )


ANSWERED: Final = Trace(kind="2", number="TRACE0001", originator="9877281234")
INSURED: Final = t271.InsuredSubscriber(
    individual=JOHN, traces=(ANSWERED,), benefits=(ACTIVE, COPAY, COINSURANCE, VISITS, PRIMARY_CARE)
)
INSURED_CHILD: Final = t271.InsuredSubscriber(
    individual=t270.Individual(entity=JOHN.entity),
    dependents=(
        t271.InsuredDependent(
            individual=t270.Individual(entity=SALLY.entity, birth_on=SALLY.birth_on, sex="F"),
            traces=(ANSWERED,),
            benefits=(INACTIVE,),
        ),
    ),
)
REFUSED: Final = t271.InsuredSubscriber(individual=JOHN, traces=(ANSWERED,), rejections=(UNKNOWN_MEMBER,))

_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_DAYS: Final = st.dates(date(1930, 1, 1), date(2026, 1, 31))
_NAMES: Final = st.text(_LETTERS, min_size=1, max_size=20)
_NUMBERS: Final = st.text(_LETTERS + "0123456789-", min_size=1, max_size=15)
_QUANTITIES: Final = st.none() | st.integers(1, 99).map(Decimal)
_TRACES: Final = st.lists(st.builds(Trace, number=_NUMBERS, originator=st.just("9877281234")), max_size=2).map(tuple)
_ADDRESSES: Final = st.none() | st.builds(
    Address,
    line=_NAMES,
    line_2=st.just("") | _NAMES,
    city=st.text(_LETTERS, min_size=2, max_size=20),
    state=st.sampled_from(["FL", "CT"]),
    postal_code=st.just("331110001"),
)


def _references(*qualifiers: str) -> st.SearchStrategy[tuple[Reference, ...]]:
    chosen = st.lists(st.sampled_from(qualifiers), max_size=2, unique=True)
    return chosen.flatmap(
        lambda found: st.tuples(*(st.builds(Reference, qualifier=st.just(each), number=_NUMBERS) for each in found))
    )


def _periods(*qualifiers: str) -> st.SearchStrategy[tuple[Period, ...]]:
    def ordered(qualifier: str, one: date, other: date) -> Period:
        return Period(qualifier=qualifier, first=min(one, other), last=max(one, other))

    return st.lists(st.builds(ordered, st.sampled_from(qualifiers), _DAYS, _DAYS), max_size=1).map(tuple)


def _individuals(*, is_subscriber: bool) -> st.SearchStrategy[t270.Individual]:
    entity = st.builds(
        Entity,
        role=st.just("IL" if is_subscriber else "03"),
        kind=st.just("1"),
        name=_NAMES,
        first_name=_NAMES,
        suffix=st.sampled_from(["", "JR"]),
        id_qualifier=st.just("MI" if is_subscriber else ""),
        id=_NUMBERS if is_subscriber else st.just(""),
    )
    relations = st.builds(
        t270.Relation,
        relationship=st.just("18") if is_subscriber else st.sampled_from(["01", "19"]),
        birth_sequence=st.none() | st.integers(1, 9),
    )
    return st.builds(
        t270.Individual,
        entity=entity,
        birth_on=_DAYS,
        sex=st.sampled_from(["F", "M"]),
        address=_ADDRESSES,
        references=_references("6P", "EJ", "SY"),
        provider=st.none() | st.just(ProviderRole(role="PC", qualifier="PXC", number="207Q00000X")),
        relation=st.none() | relations,
        diagnoses=st.just(()) | st.just((Diagnosis(qualifier="ABK", code="E119"),)),
        periods=_periods("291"),
    )


_PROCEDURES: Final = st.builds(
    Procedure,
    code=st.sampled_from(["99213", "J3490"]),
    modifiers=st.lists(st.sampled_from(["25", "59"]), max_size=2, unique=True).map(tuple),
)


def _inquiries(judged: bool) -> st.SearchStrategy[tuple[t270.BenefitInquiry, ...]]:  # noqa: FBT001 (one sort or the other)
    types = ["30", "98", "MH"] if judged else ["30", "98", "MH", "ZZ9"]
    one = st.builds(
        t270.BenefitInquiry,
        service_types=st.lists(st.sampled_from(types), min_size=1, max_size=4, unique=True).map(tuple),
        procedure=st.none() if judged else st.none() | _PROCEDURES,
        coverage_level=st.sampled_from(["", "FAM"]),
        amounts=st.lists(st.tuples(st.sampled_from(["R", "PB"]), st.integers(0, 99_999)), max_size=1).map(tuple),
        facility_types=st.just(()) | st.just((("ZZ", "11"),)),
        references=_references("9F", "G1").map(lambda found: found[:1]),
        periods=_periods("291"),
    )
    return st.lists(one, min_size=1, max_size=1 if judged else 3).map(tuple)


def questions(*, judged: bool) -> st.SearchStrategy[t270.EligibilityRequest]:
    """Return questions of every shape that the writer takes; `judged` ones as far as linuxforhealth-x12 can judge."""
    alone = st.builds(
        t270.Subscriber,
        individual=_individuals(is_subscriber=True),
        traces=_TRACES,
        inquiries=_inquiries(judged),
    )
    dependents = st.lists(
        st.builds(
            t270.Dependent,
            individual=_individuals(is_subscriber=False),
            traces=_TRACES,
            inquiries=_inquiries(judged),
        ),
        min_size=1,
        max_size=2,
    ).map(tuple)
    family = st.builds(t270.Subscriber, individual=_individuals(is_subscriber=True), dependents=dependents)
    return st.builds(lambda found: question(*found), st.lists(alone | family, min_size=1, max_size=3))


def _rejections(*reasons: str) -> st.SearchStrategy[tuple[t271.Rejection, ...]]:
    one = st.builds(
        t271.Rejection,
        reason=st.sampled_from(reasons),
        follow_up=st.sampled_from(["C", "N"]),
        valid=st.sampled_from(["Y", "N"]),
    )
    return st.lists(one, max_size=2).map(tuple)


_RELATED: Final = st.builds(
    t271.RelatedEntity,
    entity=st.builds(
        Entity,
        role=st.sampled_from(["P3", "PR", "PRP"]),
        name=_NAMES,
        id_qualifier=st.just("PI"),
        id=_NUMBERS,
    ),
    address=_ADDRESSES,
    contacts=st.lists(st.builds(Contact, name=_NAMES, numbers=st.just((("TE", "3055551234"),))), max_size=2).map(tuple),
    provider=st.none() | st.just(ProviderRole(role="PC", qualifier="PXC", number="207Q00000X")),
)
_DELIVERIES: Final = st.builds(
    t271.Delivery,
    quantity_qualifier=st.just("VS"),
    quantity=st.integers(1, 99).map(Decimal),
    per_unit=st.sampled_from(["", "WK"]),
    period_qualifier=st.just("34"),
    period_count=_QUANTITIES,
    frequency=st.sampled_from(["", "A"]),
    pattern=st.sampled_from(["", "D"]),
)


@st.composite
def _benefits(draw: st.DrawFn, judged: bool) -> t271.Benefit:  # noqa: FBT001 (one sort or the other)
    quantity = draw(_QUANTITIES)
    conditions = st.just(()) | st.just((t271.Condition(qualifier="ZZ", code="11"),))
    return t271.Benefit(
        code=draw(st.sampled_from(["1", "6", "A", "B", "C", "G", "I"] + ([] if judged else ["Q9"]))),
        coverage_level=draw(st.sampled_from(["", "IND", "FAM"])),
        service_types=tuple(
            draw(st.lists(st.sampled_from(["30", "98", "MH", "UC"]), min_size=int(judged), max_size=4, unique=True))
        ),
        insurance_type=draw(st.sampled_from(["", "HM", "MB"])),
        plan=draw(st.just("") | _NAMES),
        time_qualifier=draw(st.sampled_from(["", "23", "29"])),
        amount_cents=draw(st.none() | st.integers(0, 9_999_999)),
        percent=draw(st.none() | st.decimals(Decimal("0.01"), 1, places=2)),
        quantity_qualifier="" if quantity is None else "99" if judged else draw(st.sampled_from(["99", "VS"])),
        quantity=quantity,
        authorization=draw(st.sampled_from(["", "Y", "N", "U"])),
        in_network=draw(st.sampled_from(["", "Y", "N", "W"])),
        procedure=draw(st.none() | _PROCEDURES),
        deliveries=draw(st.lists(_DELIVERIES, max_size=2).map(tuple)),
        references=draw(_references("18", "6P", "9F")),
        periods=draw(_periods("291", "292", "346")),
        rejections=draw(_rejections("15", "33", "52")),
        messages=draw(st.lists(_NAMES, max_size=2).map(tuple)),
        conditions=() if judged else draw(conditions),
        related=draw(st.lists(_RELATED, max_size=1 if judged else 2).map(tuple)),
    )


@st.composite
def answers(draw: st.DrawFn, *, judged: bool) -> t271.EligibilityResponse:
    """Return answers of every shape that the writer takes; `judged` ones as far as linuxforhealth-x12 can judge."""
    benefits = st.lists(_benefits(judged), max_size=3).map(tuple)
    refused = _rejections("15", "43", "51")
    alone = st.builds(
        t271.InsuredSubscriber,
        individual=_individuals(is_subscriber=True),
        traces=_TRACES,
        rejections=refused,
        benefits=benefits,
    )
    dependents = st.builds(
        t271.InsuredDependent,
        individual=_individuals(is_subscriber=False),
        traces=_TRACES,
        rejections=refused,
        benefits=benefits,
    )
    family = st.builds(
        t271.InsuredSubscriber,
        individual=_individuals(is_subscriber=True),
        dependents=st.lists(dependents, min_size=1, max_size=2).map(tuple),
    )
    receiver = t271.AnsweredReceiver(
        entity=CLINIC,
        references=draw(_references("0B", "EO")),
        address=draw(_ADDRESSES),
        rejections=draw(refused),
        subscribers=tuple(draw(st.lists(alone | family, min_size=1, max_size=2))),
    )
    source = t271.AnsweringSource(
        entity=PAYER,
        level_rejections=draw(_rejections("42", "79")),
        rejections=draw(_rejections("42", "80")),
        contacts=() if judged else draw(st.just(()) | st.just((Contact(numbers=(("UR", "WWW.EXAMPLE.TEST"),)),))),
        receivers=(receiver,),
    )
    return t271.EligibilityResponse(reference=draw(_NUMBERS), sources=(source,))
