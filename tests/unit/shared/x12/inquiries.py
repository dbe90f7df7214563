"""Synthetic questions and answers about claims for the tests of 276 and 277: examples, and generated ones."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Final

from hypothesis import strategies as st

from shared.x12.claim_status import LineStatus, ServiceLine, Status, StatusInformation
from shared.x12.segments import Contact, Entity, Period, Procedure, Reference, Trace
from shared.x12.sets import t276_x212 as t276
from shared.x12.sets import t277_x212 as t277

PAYER: Final = Entity(role="PR", name="KEY INSURANCE", id_qualifier="PI", id="99999")
OFFICE: Final = Entity(role="41", name="ACME BILLING", id_qualifier="46", id="SUBMITTER01")
CLINIC: Final = Entity(role="1P", name="ACME CLINIC", id_qualifier="XX", id="1234567893")
JOHN: Final = Entity(role="IL", kind="1", name="DOE", first_name="JOHN", id_qualifier="MI", id="MBR00000001")
SALLY: Final = Entity(role="QC", kind="1", name="DOE", first_name="SALLY")
SERVICE_DAYS: Final = Period(qualifier="472", first=date(2025, 12, 15), last=date(2025, 12, 17))
NUMBERS: Final = (
    Reference(qualifier="1K", number="ICN0000000001"),
    Reference(qualifier="BLT", number="131"),
    Reference(qualifier="EJ", number="CLM0000001"),
    Reference(qualifier="D9", number="CH0000000001"),
)
VISIT: Final = ServiceLine(
    procedure=Procedure(code="99213", modifiers=("25",)), charge_cents=100_00, units=Decimal("1.5")
)
PRICED_VISIT: Final = replace(VISIT, paid_cents=0)
LINE: Final = (Reference(qualifier="FJ", number="L00000001"),)
ASKED_CLAIM: Final = t276.ClaimInquiry(
    trace=Trace(number="ASK0000001"), references=NUMBERS, charge_cents=182_50, periods=(SERVICE_DAYS,)
)
ASKED_LINE: Final = t276.ClaimInquiry(
    trace=Trace(number="ASK0000002"),
    references=NUMBERS[2:3],
    lines=(t276.LineInquiry(service_line=VISIT, periods=(SERVICE_DAYS,), references=LINE),),
)
OF_JOHN: Final = t276.Subscriber(entity=JOHN, birth_on=date(1970, 5, 15), sex="M", claims=(ASKED_CLAIM,))
OF_SALLY: Final = t276.Subscriber(
    entity=JOHN,
    dependents=(t276.Dependent(entity=SALLY, birth_on=date(2015, 7, 4), sex="F", claims=(ASKED_LINE,)),),
)


def question(*subscribers: t276.Subscriber) -> t276.ClaimStatusRequest:
    """Return what the clinic asks the payer about claims of subscribers."""
    receiver = t276.InformationReceiver(
        entity=OFFICE, providers=(t276.ServiceProvider(entity=CLINIC, subscribers=subscribers),)
    )
    return t276.ClaimStatusRequest(
        reference="ASK9", sources=(t276.InformationSource(entity=PAYER, receivers=(receiver,)),)
    )


PAID: Final = StatusInformation(
    statuses=(Status(category="F1", status="65"),),
    effective_on=date(2026, 1, 20),
    charge_cents=182_50,
    paid_cents=120_00,
    adjudicated_on=date(2026, 1, 18),
    payment_method="CHK",
    paid_on=date(2026, 1, 20),
    check_number="TRACE000003",
)
PENDING: Final = StatusInformation(
    statuses=(
        Status(category="P3", status="317", entity="1P"),
        Status(category="R3", status="294"),
        Status(category="R4", status="0"),
    ),
    effective_on=date(2026, 1, 20),
    charge_cents=100_00,
)
NOT_FOUND: Final = StatusInformation(
    statuses=(Status(category="E0", status="24", entity="41"),), effective_on=date(2026, 1, 20)
)
PAID_CLAIM: Final = t277.ClaimAnswer(
    trace=Trace(kind="2", number="ASK0000001"), information=(PAID,), references=NUMBERS, periods=(SERVICE_DAYS,)
)
PENDING_CLAIM: Final = t277.ClaimAnswer(
    trace=Trace(kind="2", number="ASK0000002"),
    information=(PENDING,),
    references=NUMBERS[:1],
    lines=(LineStatus(service_line=PRICED_VISIT, information=(PENDING,), periods=(SERVICE_DAYS,), references=LINE),),
)
ANSWER_OF_JOHN: Final = t277.AnsweredSubscriber(entity=JOHN, claims=(PAID_CLAIM, PENDING_CLAIM))
ANSWER_OF_SALLY: Final = t277.AnsweredSubscriber(
    entity=JOHN, dependents=(t277.AnsweredDependent(entity=SALLY, claims=(PENDING_CLAIM,)),)
)
REFUSED_PROVIDER: Final = t277.AnsweredProvider(entity=CLINIC, trace=Trace(number="0"), information=(NOT_FOUND,))


def answer(*providers: t277.AnsweredProvider) -> t277.ClaimStatusResponse:
    """Return what the payer answers about providers and their claims."""
    receiver = t277.AnsweredReceiver(entity=OFFICE, providers=providers)
    contact = Contact(name="EDI", numbers=(("TE", "8005551213"),))
    source = t277.AnsweringSource(entity=PAYER, contacts=(contact,), receivers=(receiver,))
    return t277.ClaimStatusResponse(reference="ASK9", sources=(source,))


ANSWERED: Final = t277.AnsweredProvider(entity=CLINIC, subscribers=(ANSWER_OF_JOHN, ANSWER_OF_SALLY))

_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_DAYS: Final = st.dates(date(1990, 1, 1), date(2026, 1, 31))
_NAMES: Final = st.text(_LETTERS, min_size=1, max_size=20)
_NUMBERS: Final = st.text(_LETTERS + "0123456789-", min_size=1, max_size=15)
_CENTS: Final = st.integers(0, 9_999_999)
_PERIODS: Final = st.builds(
    lambda one, other: Period(qualifier="472", first=min(one, other), last=max(one, other)), _DAYS, _DAYS
).map(lambda period: (period,))
_LINE_NUMBERS: Final = st.just(()) | st.builds(Reference, qualifier=st.just("FJ"), number=_NUMBERS).map(
    lambda ref: (ref,)
)
_SERVICES: Final = st.builds(
    ServiceLine,
    procedure=st.builds(
        Procedure,
        code=st.sampled_from(["99213", "J3490"]),
        modifiers=st.lists(st.sampled_from(["25", "59", "RT"]), max_size=4, unique=True).map(tuple),
    ),
    charge_cents=_CENTS,
    revenue_code=st.sampled_from(["", "0450"]),
    units=st.decimals(Decimal("0.5"), 99, places=1),
)
_PROVIDERS: Final = st.sampled_from([CLINIC, Entity(role="1P", name="OTHER", id_qualifier="FI", id="587654321")])


def _references(*qualifiers: str) -> st.SearchStrategy[tuple[Reference, ...]]:
    chosen = st.lists(st.sampled_from(qualifiers), max_size=4, unique=True)
    return chosen.flatmap(
        lambda found: st.tuples(*(st.builds(Reference, qualifier=st.just(each), number=_NUMBERS) for each in found))
    )


def _people(*, is_subscriber: bool) -> st.SearchStrategy[Entity]:
    return st.builds(
        Entity,
        role=st.just("IL" if is_subscriber else "QC"),
        kind=st.just("1"),
        name=_NAMES,
        first_name=_NAMES,
        id_qualifier=st.just("MI" if is_subscriber else ""),
        id=_NUMBERS if is_subscriber else st.just(""),
    )


def questions(*, judged: bool = False) -> st.SearchStrategy[t276.ClaimStatusRequest]:
    """Return questions of every shape that the writer takes; `judged` ones as far as linuxforhealth-x12 can judge."""
    lines = st.builds(t276.LineInquiry, service_line=_SERVICES, periods=_PERIODS, references=_LINE_NUMBERS)
    claim = st.builds(
        t276.ClaimInquiry,
        trace=st.builds(Trace, number=_NUMBERS),
        references=_references("1K", "BLT", "EJ", "D9", "LU"),
        charge_cents=st.none() | _CENTS,
        periods=st.just(()) | _PERIODS,
        lines=st.lists(lines, max_size=1 if judged else 3).map(tuple),
    )
    claims = st.lists(claim, min_size=1, max_size=2).map(tuple)
    dependent = st.builds(
        t276.Dependent,
        entity=_people(is_subscriber=False),
        birth_on=_DAYS,
        sex=st.sampled_from(["", "F", "M"]),
        claims=claims,
    )
    alone = st.builds(
        t276.Subscriber,
        entity=_people(is_subscriber=True),
        birth_on=_DAYS,
        sex=st.sampled_from(["F", "M"]),
        claims=claims,
    )
    family = st.builds(
        t276.Subscriber,
        entity=_people(is_subscriber=True),
        dependents=st.lists(dependent, min_size=1, max_size=2).map(tuple),
    )
    provider = st.builds(
        t276.ServiceProvider,
        entity=_PROVIDERS,
        subscribers=st.lists(alone | family, min_size=1, max_size=2).map(tuple),
    )
    receiver = st.builds(
        t276.InformationReceiver,
        entity=st.just(OFFICE),
        providers=st.lists(provider, min_size=1, max_size=2).map(tuple),
    )
    source = st.builds(t276.InformationSource, entity=st.just(PAYER), receivers=st.tuples(receiver))
    return st.builds(t276.ClaimStatusRequest, reference=_NUMBERS, sources=st.tuples(source))


_INFORMATION: Final = st.lists(
    st.builds(
        StatusInformation,
        statuses=st.lists(
            st.builds(
                Status,
                category=st.sampled_from(["A1", "F1", "F2", "P3", "R4", "E0", "ZZ"]),
                status=st.integers(0, 999).map(str),
                entity=st.sampled_from(["", "1P", "QC"]),
            ),
            min_size=1,
            max_size=3,
        ).map(tuple),
        effective_on=_DAYS,
        charge_cents=st.none() | _CENTS,
        paid_cents=st.none() | _CENTS,
        adjudicated_on=st.none() | _DAYS,
        payment_method=st.sampled_from(["", "CHK", "ACH"]),
        paid_on=st.none() | _DAYS,
        check_number=st.just("") | _NUMBERS,
    ),
    min_size=1,
    max_size=2,
).map(tuple)


def answers(*, judged: bool = False) -> st.SearchStrategy[t277.ClaimStatusResponse]:
    """Return answers of every shape that the writer takes; `judged` ones as far as linuxforhealth-x12 can judge."""
    line = st.builds(
        LineStatus,
        service_line=st.builds(lambda line, paid: replace(line, paid_cents=paid), _SERVICES, _CENTS),
        information=_INFORMATION,
        periods=_PERIODS,
        references=_LINE_NUMBERS,
    )
    claim = st.builds(
        t277.ClaimAnswer,
        trace=st.builds(Trace, kind=st.just("2"), number=_NUMBERS),
        information=_INFORMATION,
        references=_references("1K", "BLT", "EJ", "D9", "VV"),
        periods=st.just(()) | _PERIODS,
        lines=st.lists(line, max_size=1 if judged else 3).map(tuple),
    )
    claims = st.lists(claim, min_size=1, max_size=2).map(tuple)
    dependent = st.builds(t277.AnsweredDependent, entity=_people(is_subscriber=False), claims=claims)
    alone = st.builds(t277.AnsweredSubscriber, entity=_people(is_subscriber=True), claims=claims)
    family = st.builds(
        t277.AnsweredSubscriber,
        entity=_people(is_subscriber=True),
        dependents=st.lists(dependent, min_size=1, max_size=2).map(tuple),
    )
    refused = st.builds(
        t277.AnsweredProvider,
        entity=_PROVIDERS,
        trace=st.builds(Trace, number=_NUMBERS),
        information=_INFORMATION,
    )
    answered = st.builds(
        t277.AnsweredProvider,
        entity=_PROVIDERS,
        subscribers=st.lists(alone | family, min_size=1, max_size=2).map(tuple),
    )
    receiver = st.builds(
        t277.AnsweredReceiver,
        entity=st.just(OFFICE),
        providers=st.lists(refused | answered, min_size=1, max_size=2).map(tuple),
    ) | st.builds(
        t277.AnsweredReceiver,
        entity=st.just(OFFICE),
        trace=st.builds(Trace, kind=st.just("2"), number=_NUMBERS),
        information=_INFORMATION,
    )
    contacts = st.just(()) | st.just((Contact(name="EDI", numbers=(("TE", "8005551213"), ("EM", "A@EXAMPLE.TEST"))),))
    source = st.builds(t277.AnsweringSource, entity=st.just(PAYER), contacts=contacts, receivers=st.tuples(receiver))
    return st.builds(t277.ClaimStatusResponse, reference=_NUMBERS, sources=st.tuples(source))
