"""`services/payments/reactors/checks.py`: which rows a fact needs, and which commands it becomes with them."""

from dataclasses import replace
from datetime import UTC, date, datetime

from services.payments.domain.adjudication import ClaimPayment
from services.payments.domain.claim_account import PostCharge, PostClaimPayment, ReverseClaimPayment
from services.payments.domain.ledger import Account
from services.payments.domain.patient_account import ChangePatientShare, ChargeSelfPay
from services.payments.domain.remittance import FinishPosting, Match, MatchClaimPayment, QuarantineRemittance
from services.payments.projections.billed_claims import BILLED_CLAIMS, BilledClaim
from services.payments.projections.checks import CHECKS, Check
from services.payments.projections.claim_accounts import CLAIM_ACCOUNTS, ClaimAccountRow, Decision, original
from services.payments.projections.submissions import SUBMISSIONS, Submission
from services.payments.projections.unmatched import UNMATCHED, Unmatched, Waiting
from services.payments.reactors.checks import APPLY_WAITING, CHARGE, CHARGE_SELF_PAY, POST_CHECK
from shared.events.payments import AdjudicatedLine, Adjustment, RemittanceReceived
from shared.kernel.projection import AnyProjection
from shared.kernel.reaction import Rows
from tests.unit.payments.example import priced, self_pay, submitted

NOW = datetime(2026, 3, 21, 15, tzinfo=UTC)
LINE = AdjudicatedLine(
    line_control_number="L1",
    procedure_code="99213",
    charged_cents=12000,
    paid_cents=10000,
    adjustments=(Adjustment(group="PR", reason_code="1", amount_cents=2000),),
    remark_codes=(),
)


def payment(index: int, number: str, *, status: str = "1") -> ClaimPayment:
    sign = -1 if status == "22" else 1
    return ClaimPayment(
        index=index,
        patient_control_number=number,
        claim_status_code=status,
        payer_claim_number="ICN1",
        charged_cents=12000 * sign,
        paid_cents=10000 * sign,
        lines=(LINE,),
        adjustments=(),
    )


RECEIVED = RemittanceReceived(
    remittance_id="R1",
    payer_identifier="EXHP1",
    trace_number="EFT0001",
    originator="1512345678",
    paid_cents=20000,
    paid_on=date(2026, 3, 20),
    method="ACH",
    claim_count=2,
    file_sha256="f1",
    body_sha256="b1",
    received_at=NOW,
)
CHECK = Check("R1", date(2026, 3, 20), "f1", payments=(payment(1, "PCN1"), payment(2, "PCN2", status="4")))
OURS = Submission("PCN1", "C1", "S1", "P1")
THEIRS = Submission("PCN2", "C2", "S2", "P2")
DECIDED = Decision("R0/1", "ClaimPaid", "ICN1", 12000, 10000, 2000)


def rows(*known: tuple[AnyProjection, str, object]) -> Rows:
    return Rows({(projection.name, key): row for projection, key, row in known}, NOW)


def check_rows(check: Check, *known: tuple[AnyProjection, str, object]) -> Rows:
    return rows((CHECKS, "R1", check), *known)


def test_charges_what_was_priced_and_what_the_patient_pays_alone() -> None:
    (charge,) = CHARGE.react(priced(), rows())
    (self_pay_charge,) = CHARGE_SELF_PAY.react(self_pay(), rows())

    assert charge == PostCharge(claim_id="C1", patient_id="P1", charge_cents=15000, now=NOW)
    assert self_pay_charge == ChargeSelfPay(patient_id="P9", encounter_id="E9", charge_cents=9000, now=NOW)


def test_asks_for_the_check_then_its_numbers_then_their_claims() -> None:
    numbers = ((SUBMISSIONS, "PCN1", OURS), (SUBMISSIONS, "PCN2", None))

    assert POST_CHECK.needs(RECEIVED, rows()) == {CHECKS: ("R1",)}
    assert POST_CHECK.needs(RECEIVED, check_rows(CHECK)) == {SUBMISSIONS: ("PCN1", "PCN2")}
    assert POST_CHECK.needs(RECEIVED, check_rows(CHECK, *numbers)) == {BILLED_CLAIMS: ("C1",), CLAIM_ACCOUNTS: ("C1",)}


def test_posts_matched_claims_their_patients_shares_and_the_check_in_one_unit() -> None:
    known = check_rows(
        CHECK,
        (SUBMISSIONS, "PCN1", OURS),
        (SUBMISSIONS, "PCN2", THEIRS),
        (BILLED_CLAIMS, "C1", BilledClaim("C1", "secondary")),
        (BILLED_CLAIMS, "C2", BilledClaim("C2", "secondary")),
        (CLAIM_ACCOUNTS, "C1", None),
        (CLAIM_ACCOUNTS, "C2", None),
    )

    pay, share, pay_other, share_other, finish = POST_CHECK.react(RECEIVED, known)

    assert isinstance(pay, PostClaimPayment)
    assert (pay.claim_id, pay.filing_order, pay.source) == ("C1", "primary", Account.REMITTANCE_CLEARING)
    assert isinstance(share, ChangePatientShare)
    assert (share.patient_id, share.ledger_batch_id, share.change_cents) == ("P1", "R1/1", 2000)
    assert isinstance(pay_other, PostClaimPayment)
    assert (pay_other.claim_id, pay_other.filing_order) == ("C2", "secondary")
    assert isinstance(share_other, ChangePatientShare)
    assert isinstance(finish, FinishPosting)
    assert [(match.index, match.claim_id) for match in finish.matches] == [(1, "C1"), (2, "C2")]


def test_leaves_a_claim_that_nobody_knows_to_the_check() -> None:
    known = check_rows(CHECK, (SUBMISSIONS, "PCN1", None), (SUBMISSIONS, "PCN2", None))

    assert POST_CHECK.react(RECEIVED, known) == (FinishPosting(remittance_id="R1", matches=(), now=NOW),)


def test_undoes_the_decision_that_a_payer_takes_back() -> None:
    check = replace(CHECK, payments=(payment(1, "PCN1", status="22"),))
    account = ClaimAccountRow("C1", decisions=(DECIDED,))
    known = check_rows(
        check,
        (SUBMISSIONS, "PCN1", OURS),
        (BILLED_CLAIMS, "C1", None),
        (CLAIM_ACCOUNTS, "C1", account),
    )

    undo, share, _ = POST_CHECK.react(RECEIVED, known)

    assert isinstance(undo, ReverseClaimPayment)
    assert undo.reversed_batch_id == "R0/1"
    assert isinstance(share, ChangePatientShare)
    assert share.change_cents == -2000


def test_holds_a_check_that_takes_one_decision_back_twice() -> None:
    check = replace(CHECK, payments=(payment(1, "PCN1", status="22"), payment(2, "PCN1", status="22")))
    account = ClaimAccountRow("C1", decisions=(DECIDED,))
    known = check_rows(check, (SUBMISSIONS, "PCN1", OURS), (CLAIM_ACCOUNTS, "C1", account))

    (hold,) = POST_CHECK.react(RECEIVED, known)

    assert isinstance(hold, QuarantineRemittance)
    assert hold.quarantine.reason == "reversal-without-original"


def test_finds_the_latest_decision_of_the_same_number_and_amounts_that_stands() -> None:
    reversal = payment(1, "PCN1", status="22")
    later = replace(DECIDED, batch_id="R5/1")
    others = (
        replace(DECIDED, batch_id="R6/1", payer_claim_number="ICN2"),
        replace(DECIDED, batch_id="R7/1", paid_cents=9999),
        replace(DECIDED, batch_id="R8/1", is_reversed=True),
    )

    assert original(ClaimAccountRow("C1", decisions=(DECIDED, later, *others)), reversal) == later
    assert original(ClaimAccountRow("C1", decisions=others), reversal) is None
    assert original(None, reversal) is None


def test_applies_what_waited_for_a_claim_out_of_what_was_unapplied() -> None:
    event = submitted()
    waiting = Unmatched("PCN1", (Waiting("R1", 1),))
    assert APPLY_WAITING.needs(event, rows()) == {UNMATCHED: ("PCN1",)}
    assert APPLY_WAITING.needs(event, rows((UNMATCHED, "PCN1", None))) == {UNMATCHED: ("PCN1",)}
    found = (UNMATCHED, "PCN1", waiting)
    assert APPLY_WAITING.needs(event, rows(found)) == {
        CHECKS: ("R1",),
        BILLED_CLAIMS: ("C1",),
        CLAIM_ACCOUNTS: ("C1",),
    }

    unbilled = ((BILLED_CLAIMS, "C1", None), (CLAIM_ACCOUNTS, "C1", None))
    pay, share, match = APPLY_WAITING.react(event, check_rows(CHECK, found, *unbilled))

    assert isinstance(pay, PostClaimPayment)
    assert (pay.claim_id, pay.source, pay.paid_on) == ("C1", Account.UNAPPLIED, CHECK.paid_on)
    assert isinstance(share, ChangePatientShare)
    assert match == MatchClaimPayment(
        remittance_id="R1",
        match=Match(index=1, patient_control_number="PCN1", claim_id="C1", method="patient-control-number"),
        now=NOW,
    )


def test_does_nothing_for_a_claim_that_no_money_waits_for() -> None:
    assert APPLY_WAITING.react(submitted(), rows((UNMATCHED, "PCN1", None))) == ()
