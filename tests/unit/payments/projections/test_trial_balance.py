"""The identity of money, from the read models, over random histories of charges, checks, matches and reversals."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import chain

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from services.payments.domain.adjudication import ClaimPayment, adjudicate
from services.payments.domain.claim_account import CLAIM_ACCOUNTS, PostCharge, PostClaimPayment, ReverseClaimPayment
from services.payments.domain.ledger import Account, LedgerPosted
from services.payments.domain.patient_account import PATIENT_ACCOUNTS, ChargeSelfPay
from services.payments.domain.remittance import (
    REMITTANCES,
    FinishPosting,
    Match,
    MatchClaimPayment,
    Quarantine,
    QuarantineRemittance,
    ReceiveRemittance,
)
from services.payments.domain.remittance_facts import (
    ProviderAdjustment,
    QuarantineEnded,
    RemittanceQuarantined,
    RemittanceRead,
)
from services.payments.projections import claim_accounts
from services.payments.projections.claim_accounts import ClaimAccountRow
from services.payments.projections.trial_balance import TrialBalance, apply, split
from shared.events.envelope import Event
from tests.unit.payments.domain.test_ledger import CLAIMS, ON
from tests.unit.payments.example import NOW

DECIDERS = (REMITTANCES, CLAIM_ACCOUNTS, PATIENT_ACCOUNTS)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("charge"), st.integers(0, 2), st.integers(0, 90_000)),
        st.tuples(st.just("self-pay"), st.integers(0, 2), st.integers(0, 90_000)),
        st.tuples(
            st.just("check"), st.lists(st.tuples(CLAIMS, st.integers(-1, 2)), max_size=3), st.integers(-900, 900)
        ),
        st.tuples(st.just("held"), st.just(0), st.integers(0, 90_000)),
        st.tuples(st.just("mended"), st.just(0), st.just(0)),
        st.tuples(st.just("kept"), st.just(0), st.integers(0, 90_000)),
        st.tuples(st.just("let go"), st.integers(0, 5), st.integers(0, 90_000)),
        st.tuples(st.just("match"), st.integers(0, 2), st.integers(0, 5)),
        st.tuples(st.just("reverse"), st.integers(0, 5), st.just(0)),
    ),
    max_size=12,
)


@dataclass
class Books:
    """Streams in memory, decided by the real deciders. **Shape**: `waiting` and `standing` are claim payments."""

    streams: dict[str, list[Event]] = field(default_factory=lambda: defaultdict(list))
    waiting: list[tuple[str, ClaimPayment]] = field(default_factory=list)
    standing: list[tuple[str, str, ClaimPayment]] = field(default_factory=list)
    held: list[ReceiveRemittance] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    checks: int = 0

    def handle(self, *commands: object) -> None:
        """Decide commands, each on its stream."""
        for command in commands:
            (decider,) = [each for each in DECIDERS if isinstance(command, each.commands)]
            stream = decider.stream(command)  # type: ignore[arg-type]  # found by its class
            facts = decider.outcome(given=self.streams[stream], when=command)  # type: ignore[arg-type]  # as above
            self.streams[stream] += facts

    def step(self, kind: str, first: object, second: int) -> None:
        """Do one thing that may happen."""
        match kind, first:
            case "charge", int(number):
                self.handle(PostCharge(claim_id=f"C{number}", patient_id="P1", charge_cents=second, now=NOW))
            case "self-pay", int(number):
                self.handle(ChargeSelfPay(patient_id="P1", encounter_id=f"E{number}", charge_cents=second, now=NOW))
            case "check", list(claims):
                self._post(claims, second)
            case "kept", _:
                self._keep(second)
            case "let go", int(number) if self.kept:
                self._let_go(self.kept.pop(number % len(self.kept)), second)
            case "held", _:
                self.checks += 1
                receive = receive_of(f"R{self.checks}", (), 0, second)
                self.held.append(receive)
                self.handle(replace(receive, quarantine=Quarantine(level="claim", reason="unbalanced")))
            case "mended", _ if self.held:
                self.handle(receive_of(self.held.pop().remittance_id, (), 0, 0, body="mended"))
            case "match", int(number) if self.waiting:
                self._match(f"C{number}", *self.waiting.pop(second % len(self.waiting)))
            case "reverse", int(number) if self.standing:
                self._reverse(*self.standing.pop(number % len(self.standing)))
            case _:
                pass

    def _keep(self, paid_cents: int) -> None:
        """Read a check that balances and hold it for its claims."""
        self.checks += 1
        remittance_id = f"R{self.checks}"
        self.kept.append(remittance_id)
        why = Quarantine(level="claim", reason="correction-without-reversal")
        hold = QuarantineRemittance(remittance_id=remittance_id, quarantine=why, waits_for=("claim/C1",), now=NOW)
        self.handle(
            receive_of(remittance_id, (), -paid_cents, paid_cents), hold, replace(hold, waits_for=("claim/C2",))
        )

    def _let_go(self, remittance_id: str, paid_cents: int) -> None:
        """Post what was held, every other time after another explanation took its place."""
        if paid_cents % 2:
            self.handle(receive_of(remittance_id, (), -paid_cents, paid_cents, body="mended"))
        self.handle(FinishPosting(remittance_id=remittance_id, matches=(), now=NOW))

    def _post(self, claims: list[tuple[ClaimPayment, int]], plb: int) -> None:
        self.checks += 1
        remittance_id = f"R{self.checks}"
        payments = tuple(structs.replace(payment, index=place) for place, (payment, _) in enumerate(claims, start=1))
        self.handle(receive_of(remittance_id, payments, plb, sum(each.paid_cents for each in payments) - plb))
        matches = []
        for payment, (_, number) in zip(payments, claims, strict=True):
            if number < 0:
                self.waiting.append((remittance_id, payment))
                continue
            matches.append(match_of(payment, f"C{number}"))
            self._pay(f"C{number}", remittance_id, payment, Account.REMITTANCE_CLEARING)
        self.handle(FinishPosting(remittance_id=remittance_id, matches=tuple(matches), now=NOW))

    def _pay(self, claim_id: str, remittance_id: str, payment: ClaimPayment, source: object) -> None:
        self.standing.append((claim_id, remittance_id, payment))
        self.handle(
            PostClaimPayment(
                claim_id=claim_id,
                submission_id="S1",
                patient_id="P1",
                filing_order="primary",
                remittance_id=remittance_id,
                payment=payment,
                paid_on=ON,
                source=source,  # type: ignore[arg-type]  # one of the two accounts that may stand here
                file_sha256="f",
                now=NOW,
            )
        )

    def _match(self, claim_id: str, remittance_id: str, payment: ClaimPayment) -> None:
        self._pay(claim_id, remittance_id, payment, Account.UNAPPLIED)
        match = match_of(payment, claim_id)
        self.handle(MatchClaimPayment(remittance_id=remittance_id, match=match, now=NOW))

    def _reverse(self, claim_id: str, original_id: str, payment: ClaimPayment) -> None:
        self.checks += 1
        remittance_id = f"R{self.checks}"
        negated = structs.replace(
            payment, index=1, charged_cents=-payment.charged_cents, paid_cents=-payment.paid_cents
        )
        self.handle(
            receive_of(remittance_id, (negated,), 0, negated.paid_cents),
            ReverseClaimPayment(
                claim_id=claim_id,
                patient_id="P1",
                remittance_id=remittance_id,
                payment=negated,
                reversed_batch_id=f"{original_id}/{payment.index}",
                file_sha256="f",
                now=NOW,
            ),
            FinishPosting(remittance_id=remittance_id, matches=(match_of(negated, claim_id),), now=NOW),
        )


def receive_of(
    remittance_id: str, payments: tuple[ClaimPayment, ...], plb: int, paid_cents: int, *, body: str = "b"
) -> ReceiveRemittance:
    return ReceiveRemittance(
        remittance_id=remittance_id,
        reading_id="T",
        payer_identifier="EXHP1",
        trace_number=remittance_id,
        originator="1",
        paid_cents=paid_cents,
        paid_on=ON,
        method="ACH",
        claim_count=len(payments),
        payments=payments,
        provider_adjustments=(ProviderAdjustment(plb_code="L6", reference=None, amount_cents=plb),),
        quarantine=None,
        transaction_control_number="0001",
        file_sha256=f"f-{remittance_id}-{body}",
        body_sha256=body,
        source="api",
        now=NOW,
    )


def match_of(payment: ClaimPayment, claim_id: str) -> Match:
    return Match(
        index=payment.index,
        patient_control_number=payment.patient_control_number,
        claim_id=claim_id,
        method="patient-control-number",
    )


def fold(facts: Iterable[Event]) -> TrialBalance:
    row = TrialBalance()
    for fact in facts:
        if isinstance(fact, LedgerPosted | RemittanceRead | RemittanceQuarantined | QuarantineEnded):
            row = apply(row, fact)
    return row


def account_of(facts: Iterable[Event]) -> ClaimAccountRow | None:
    row: ClaimAccountRow | None = None
    for fact in facts:
        row = claim_accounts.apply(row, fact)  # type: ignore[arg-type]  # the stream has these facts only
    return row


@settings(max_examples=60, deadline=None)
@given(STEPS, st.randoms(use_true_random=False))
def test_charges_are_what_became_of_them_after_whatever_happens(
    steps: list[tuple[str, object, int]], random: object
) -> None:
    books = Books()
    for kind, first, second in steps:
        books.step(kind, first, second)
        trial = fold(chain.from_iterable(books.streams.values()))
        money = split(trial)
        balances = {total.account: total.balance_cents for total in trial.accounts}

        assert sum(balances.values()) == 0
        assert balances[Account.REMITTANCE_CLEARING] == 0
        parts = (money.paid, money.contractual, money.denied, money.patient, money.open, money.unposted)
        assert money.charged == sum(parts)

    accounts = [account_of(facts) for stream, facts in books.streams.items() if stream.startswith("claim_account-")]
    for row in accounts:
        if row is not None:
            borne = (row.paid_cents, row.contractual_cents, row.denied_cents, row.patient_cents, row.open_cents)
            assert row.charge_cents == sum(borne)
    shuffled = list(books.streams.values())
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis' own, so that a failure can be repeated
    assert fold(chain.from_iterable(shuffled)) == fold(chain.from_iterable(books.streams.values()))


@given(CLAIMS)
def test_a_claim_that_is_paid_and_taken_back_is_open_again(payment: ClaimPayment) -> None:
    books = Books()
    books.step("charge", 1, max(0, payment.charged_cents))
    before = account_of(books.streams["claim_account-C1"])
    books.step("check", [(payment, 1)], 0)
    paid = account_of(books.streams["claim_account-C1"])
    books.step("reverse", 0, 0)
    after = account_of(books.streams["claim_account-C1"])

    assert paid is not None
    assert paid.patient_cents == adjudicate(payment, ON).patient_cents
    stands = [name for name in ClaimAccountRow.__dataclass_fields__ if name.endswith("_cents")]
    zero = ClaimAccountRow("C1")
    assert [getattr(after, name) for name in stands] == [getattr(before or zero, name) for name in stands]
