"""Questions as a sender would write them: by our writers, which other tests judge; all people are synthetic."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from apps.simulator import desk
from apps.simulator.directory import Directory
from apps.simulator.office import Office
from shared.x12.checks import check
from shared.x12.claim_status import ServiceLine
from shared.x12.segments import Entity, Period, Procedure, Reference, Trace
from shared.x12.sets import t270_x279a1 as t270
from shared.x12.sets import t276_x212 as t276
from shared.x12.writer import Envelope

AT = datetime(2026, 11, 2, 3, tzinfo=UTC)  # where the payers are, it is 1 November
TODAY = date(2026, 11, 1)
PAYER = Entity(role="PR", name="EXAMPLE PLAN", id_qualifier="PI", id="EXHP1")
CLINIC = Entity(role="1P", name="EXAMPLE CLINIC", id_qualifier="XX", id="1234567893")
TRACE = Trace(number="TRACE0001", originator="9877281234")
GENERAL = t270.BenefitInquiry(service_types=("30",))


def envelope(number: int = 1) -> Envelope:
    """Return the envelope of the practice."""
    return Envelope(
        sender_id="PRACTICE",
        receiver_id="SIMCLEAR",
        written_at=AT,
        interchange_control_number=number,
        group_control_number=number,
        usage="T",
    )


def on(day: date, qualifier: str = "291") -> tuple[Period, ...]:
    """Return one day, that of a plan by default."""
    return (Period(qualifier=qualifier, first=day, last=day),)


def subscriber(
    member_id: str,
    *inquiries: t270.BenefitInquiry,
    day: date | None = None,
    dependents: tuple[t270.Dependent, ...] = (),
) -> t270.Subscriber:
    """Return a subscriber who is asked about: in general, unless it is about dependents."""
    individual = t270.Individual(
        entity=Entity(
            role="IL",
            kind="1",
            name="SAMPLE",
            first_name="ADA",
            id_qualifier="MI" if member_id else "",
            id=member_id,
        ),
        birth_on=date(1970, 5, 15),
        sex="F",
        references=(Reference(qualifier="EJ", number="PATIENT7"),),
        periods=on(day) if day else (),
    )
    asked = inquiries or (() if dependents else (GENERAL,))
    return t270.Subscriber(
        individual=individual, traces=() if dependents else (TRACE,), inquiries=asked, dependents=dependents
    )


def child(*, day: date | None = None, trace: str = "TRACE0002") -> t270.Dependent:
    """Return a dependent who is asked about in general."""
    individual = t270.Individual(
        entity=Entity(role="03", kind="1", name="SAMPLE", first_name="BEN"),
        birth_on=date(2015, 5, 15),
        sex="M",
        relation=t270.Relation(relationship="19"),
        periods=on(day) if day else (),
    )
    return t270.Dependent(
        individual=individual, traces=(Trace(number=trace, originator="9877281234"),), inquiries=(GENERAL,)
    )


def about(*subscribers: t270.Subscriber, reference: str = "ASK1", payer: Entity = PAYER) -> t270.EligibilityRequest:
    """Return what the clinic asks the payer about people."""
    receiver = t270.InformationReceiver(entity=CLINIC, subscribers=subscribers)
    return t270.EligibilityRequest(
        reference=reference, sources=(t270.InformationSource(entity=payer, receivers=(receiver,)),)
    )


def asked(*requests: t270.EligibilityRequest, number: int = 1) -> bytes:
    """Return an interchange with an ST for each question."""
    return t270.write_270(requests, envelope=envelope(number), first_control_number=1)


def claim(  # noqa: PLR0913 (a builder: everything has a default)
    *,
    icn: str = "",
    number: str = "",
    days: Period | None = None,
    charge_cents: int | None = None,
    lines: tuple[t276.LineInquiry, ...] = (),
    trace: str = "ASK0000001",
) -> t276.ClaimInquiry:
    """Return what is asked about a claim."""
    numbers = (("1K", icn), ("EJ", number), ("D9", "CH00001"))
    return t276.ClaimInquiry(
        trace=Trace(number=trace),
        references=tuple(Reference(qualifier=qualifier, number=each) for qualifier, each in numbers if each),
        charge_cents=charge_cents,
        periods=(days,) if days else (),
        lines=lines,
    )


def line(number: str = "", procedure: str = "99213", charge_cents: int = 100_00) -> t276.LineInquiry:
    """Return what is asked about a line."""
    return t276.LineInquiry(
        service_line=ServiceLine(procedure=Procedure(code=procedure), charge_cents=charge_cents, units=Decimal(1)),
        periods=on(date(2026, 10, 1), "472"),
        references=(Reference(qualifier="FJ", number=number),) if number else (),
    )


def asked_claims(
    member_id: str,
    *claims: t276.ClaimInquiry,
    is_child: bool = False,
    number: int = 90,
    payer: Entity = PAYER,
) -> bytes:
    """Return an interchange that asks about claims of a member, or of his child."""
    entity = Entity(role="IL", kind="1", name="SAMPLE", first_name="ADA", id_qualifier="MI", id=member_id)
    ben = Entity(role="QC", kind="1", name="SAMPLE", first_name="BEN")
    dependents = (t276.Dependent(entity=ben, birth_on=date(2015, 5, 15), sex="M", claims=claims),)
    person = t276.Subscriber(
        entity=entity,
        birth_on=date(1970, 5, 15),
        sex="F",
        claims=() if is_child else claims,
        dependents=dependents if is_child else (),
    )
    provider = t276.ServiceProvider(entity=CLINIC, subscribers=(person,))
    receiver = t276.InformationReceiver(
        entity=Entity(role="41", name="EXAMPLE CLINIC", id_qualifier="46", id="PRACTICE"), providers=(provider,)
    )
    request = t276.ClaimStatusRequest(
        reference="ASK9", sources=(t276.InformationSource(entity=payer, receivers=(receiver,)),)
    )
    return t276.write_276([request], envelope=envelope(number), first_control_number=1)


class Desk:
    """An office that is asked, and what lies in its mailbox."""

    def __init__(self, directory: Directory | None = None) -> None:
        self.office = Office(directory or Directory(seed=7))

    def receive(self, content: bytes) -> None:
        """Hand an interchange in."""
        desk.receive(self.office, f"key-{len(self.office.receipts)}", content, max(self.office.now, AT))

    def wait(self, days: int) -> None:
        """Let days pass."""
        desk.advance(self.office, self.office.now + timedelta(days=days))

    def kinds(self) -> list[str]:
        """Return the kinds of what was posted."""
        return [mail.name.rpartition(".")[2] for mail in self.office.mailbox]

    def files(self, kind: str) -> list[bytes]:
        """Return what was posted of a kind, an answer without fault."""
        found = [mail.content for mail in self.office.mailbox if mail.name.endswith(f".{kind}")]
        for content in found if kind in {"271", "277"} else ():
            assert [str(each) for each in check(content) if each.is_error] == []
        return found
