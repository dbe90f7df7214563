"""Generated acknowledgements for the property tests of 277CA and 999, in every shape that their writers take."""

from datetime import date
from decimal import Decimal
from typing import Final

from hypothesis import strategies as st

from shared.x12.claim_status import ServiceLine, Status, StatusInformation
from shared.x12.segments import Entity, Period, Procedure, Reference, Trace
from shared.x12.sets import t277ca_x214 as t277ca
from shared.x12.sets import t999_x231a1 as t999

_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_DAYS: Final = st.dates(date(1990, 1, 1), date(2026, 1, 31))
_NAMES: Final = st.text(_LETTERS, min_size=1, max_size=20)
_NUMBERS: Final = st.text(_LETTERS + "0123456789-", min_size=1, max_size=15)
_CENTS: Final = st.integers(0, 9_999_999)
_INFORMATION: Final = st.lists(
    st.builds(
        StatusInformation,
        statuses=st.lists(
            st.builds(
                Status,
                category=st.sampled_from(["A0", "A1", "A2", "A3", "A6", "A7", "A8", "ZZ"]),
                status=st.integers(0, 999).map(str),
                entity=st.sampled_from(["", "PR", "85"]),
            ),
            min_size=1,
            max_size=3,
        ).map(tuple),
        effective_on=st.none() | _DAYS,
        action=st.sampled_from(["WQ", "U"]),
        charge_cents=st.none() | _CENTS,
        text=st.just("") | _NAMES,
    ),
    min_size=1,
    max_size=3,
).map(tuple)


def _references(*qualifiers: str) -> st.SearchStrategy[tuple[Reference, ...]]:
    one = st.builds(Reference, qualifier=st.sampled_from(qualifiers), number=_NUMBERS)
    return st.lists(one, max_size=3).map(tuple)


def _totals(accepted: str, rejected: str) -> st.SearchStrategy[t277ca.Totals]:
    counts = st.dictionaries(st.sampled_from([accepted, rejected]), st.integers(0, 9999), max_size=2)
    amounts = st.dictionaries(st.sampled_from(["YU", "YY"]), _CENTS, max_size=2)
    return st.builds(
        t277ca.Totals,
        counts=counts.map(lambda found: tuple(found.items())),
        amounts_cents=amounts.map(lambda found: tuple(found.items())),
    )


_LINES: Final = st.builds(
    t277ca.LineStatus,
    service_line=st.builds(
        ServiceLine,
        procedure=st.builds(Procedure, code=st.sampled_from(["99213", "J3490"]), modifiers=st.just(("25",))),
        charge_cents=_CENTS,
        units=st.none() | st.integers(1, 99).map(Decimal),
        revenue_code=st.sampled_from(["", "0450"]),
    ),
    information=_INFORMATION,
    references=_references("FJ", "XZ"),
    periods=st.just(()) | _DAYS.map(lambda day: (Period(qualifier="472", first=day, last=day),)),
)


@st.composite
def _claims(draw: st.DrawFn) -> t277ca.ClaimStatus:
    first, last = sorted((draw(_DAYS), draw(_DAYS)))
    is_dated = draw(st.booleans())
    payer_number = draw(st.just("") | _NUMBERS)
    return t277ca.ClaimStatus(
        patient_control_number=draw(_NUMBERS),
        information=draw(_INFORMATION),
        payer_control_number=payer_number,
        references=draw(_references("D9", "BLT", "EA")),
        service_from=first if is_dated else None,
        service_to=last if is_dated else None,
        lines=tuple(draw(st.lists(_LINES, max_size=2))),
    )


@st.composite
def _providers(draw: st.DrawFn) -> t277ca.BilledProvider:
    claims = tuple(draw(st.lists(_claims(), max_size=3)))
    information = draw(_INFORMATION if not claims else st.just(()) | _INFORMATION)
    return t277ca.BilledProvider(
        entity=Entity(role="85", name=draw(_NAMES), id_qualifier="XX", id="1234567893"),
        trace=draw(st.none() | st.builds(Trace, number=_NUMBERS)),
        information=information,
        references=draw(_references("TJ", "LU")),
        totals=draw(_totals("QA", "QC")),
        claims=claims,
    )


@st.composite
def claim_acknowledgements(draw: st.DrawFn) -> t277ca.ClaimAcknowledgement:
    """Return what a clearinghouse or a payer says of a batch."""
    is_payer = draw(st.booleans())
    return t277ca.ClaimAcknowledgement(
        level="payer" if is_payer else "clearinghouse",
        source=Entity(role="PR" if is_payer else "AY", name=draw(_NAMES), id_qualifier="46", id=draw(_NUMBERS)),
        reference=draw(_NUMBERS.map("R{}".format)),
        receipt_number=draw(st.just("") | _NUMBERS.map("T{}".format)),
        receiver=Entity(role="41", name=draw(_NAMES), id_qualifier="46", id=draw(_NUMBERS)),
        batch_reference=draw(_NUMBERS),
        received_on=draw(_DAYS),
        processed_on=draw(_DAYS),
        information=draw(_INFORMATION),
        totals=draw(_totals("90", "AA")),
        providers=tuple(draw(st.lists(_providers(), max_size=2))),
    )


_POSITIONS: Final = st.sampled_from(["2", "5:3", "1:1:2"])


def _triggers(*, names_max: int) -> st.SearchStrategy[t999.Context]:
    return st.builds(
        t999.Context,
        names=st.lists(st.just(("SITUATIONAL TRIGGER", "")), min_size=1, max_size=names_max).map(tuple),
        segment_id=st.sampled_from(["CLM", "NM1"]),
        segment_position=st.integers(1, 9999),
        loop=st.sampled_from(["", "2300"]),
        element_position=st.just("") | _POSITIONS,
        element_reference=st.sampled_from(["", "1325"]),
    )


def group_acknowledgements(*, judged: bool = False) -> st.SearchStrategy[t999.GroupAcknowledgement]:
    """Return what becomes of groups, also what contradicts itself; `judged` as far as pyx12 can judge.

    It refuses codes that it does not know, and a second CTX.
    """
    unknown = [] if judged else ["ZZ"]
    triggers = _triggers(names_max=1 if judged else 3)
    element = st.builds(
        t999.ElementError,
        position=_POSITIONS,
        code=st.sampled_from(["1", "7", "I9", *unknown]),
        reference=st.sampled_from(["", "1325"]),
        bad_value=st.just("") | _NAMES,
        contexts=st.lists(triggers, max_size=1).map(tuple),
    )
    error = st.builds(
        t999.SegmentError,
        segment_id=st.sampled_from(["CLM", "NM1", "REF"]),
        position=st.integers(1, 99_999),
        code=st.sampled_from(["1", "8", "I4", *unknown]),
        loop=st.sampled_from(["", "2300"]),
        contexts=st.lists(_NUMBERS.map(t999.about_claim) | triggers, max_size=1 if judged else 3).map(tuple),
        elements=st.lists(element, max_size=2).map(tuple),
    )
    one = st.builds(
        t999.SetAcknowledgement,
        set_id=st.just("837"),
        control_number=st.integers(1, 999_999_999).map("{:04d}".format),
        code=st.sampled_from(["A", "E", "R", "M", "W", "X", *unknown]),
        guide=st.just("005010X222A1") if judged else st.sampled_from(["", "005010X222A1"]),
        syntax_codes=st.lists(st.sampled_from(["1", "5", "23", "I5", *unknown]), max_size=5).map(tuple),
        errors=st.lists(error, max_size=3).map(tuple),
    )
    return st.builds(
        t999.GroupAcknowledgement,
        functional_id=st.sampled_from(["HC", "HS"]),
        group_control_number=st.integers(1, 999_999_999).map(str),
        code=st.sampled_from(["A", "E", "P", "R", "M", "W", "X", *unknown]),
        sets_included=st.integers(1, 99),
        sets_received=st.integers(1, 99),
        sets_accepted=st.integers(0, 99),
        guide=st.just("005010X222A1") if judged else st.sampled_from(["", "005010X222A1"]),
        syntax_codes=st.lists(st.sampled_from(["1", "4", "19", *unknown]), max_size=5).map(tuple),
        sets=st.lists(one, max_size=3).map(tuple),
    )
