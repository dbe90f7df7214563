"""Book and payments side by side: what agrees, and each way in which they can differ."""

from typing import Any

import pytest

from apps.cli.reconciling import reconcile

LINE: dict[str, Any] = {
    "charged_cents": 100_00,
    "paid_cents": 80_00,
    "adjustments": [
        {"group": "CO", "reason_code": "45", "amount_cents": 12_00},
        {"group": "PR", "reason_code": "2", "amount_cents": 5_00},
        {"group": "OA", "reason_code": "23", "amount_cents": 3_00},
    ],
}
CLAIM: dict[str, Any] = {
    "payer_claim_number": "ICN1",
    "charged_cents": 100_00,
    "paid_cents": 80_00,
    "contractual_cents": 12_00,
    "denied_cents": 0,
    "patient_cents": 5_00,
    "prior_cents": 3_00,
    "lines": [LINE],
    "adjustments": [],
}
BOOK = {
    "checks": [{"trace_number": "T1", "paid_cents": 70_00, "entries": [{"reason": "WO", "amount_cents": 10_00}]}],
    "claims": [{**CLAIM, "trace_number": "T1"}],
}
POSTED = {
    "trace_number": "T1",
    "state": "posted",
    "reason": None,
    "paid_cents": 70_00,
    "claims": [CLAIM],
    "provider_adjustments": [{"plb_code": "WO", "amount_cents": 10_00}],
}
MOVED = [{**LINE["adjustments"][0], "group": "PR"}, *LINE["adjustments"][1:]]


def _words(*remittances: dict[str, Any], book: dict[str, Any] = BOOK) -> list[str]:
    return [each.words() for each in reconcile(book, remittances).differences]


def test_agrees() -> None:
    found = reconcile(BOOK, [POSTED])

    assert (found.checks, found.claims, found.paid_cents, found.differences) == (1, 1, 70_00, ())


def test_takes_a_check_over_two_files_as_one() -> None:
    second = {**CLAIM, "payer_claim_number": "ICN2"}
    book = {**BOOK, "claims": [*BOOK["claims"], {**second, "trace_number": "T1"}]}
    book["checks"] = [{**BOOK["checks"][0], "paid_cents": 150_00}]
    other = {**POSTED, "paid_cents": 80_00, "claims": [second], "provider_adjustments": []}

    assert _words(POSTED, other, book=book) == []


def test_tells_a_reversal_from_its_correction() -> None:
    given_back = [{**each, "amount_cents": -each["amount_cents"]} for each in LINE["adjustments"]]
    reversal = {name: -value if name.endswith("_cents") else value for name, value in CLAIM.items()}
    reversal["lines"] = [{"charged_cents": -100_00, "paid_cents": -80_00, "adjustments": given_back}]
    book = {**BOOK, "claims": [{**reversal, "trace_number": "T1"}, *BOOK["claims"]]}

    assert _words({**POSTED, "claims": [reversal, CLAIM]}, book=book) == []


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"state": "quarantined", "reason": "balance"}, ["check T1: payments has it as quarantined (balance)"]),
        ({"state": "received"}, ["check T1: payments has it as received"]),
        ({"paid_cents": 1}, ["check T1: amount: 70.00 in the book, 0.01 in payments"]),
        (
            {"provider_adjustments": []},
            ["check T1: entries besides claims (WO): 10.00 in the book, 0.00 in payments"],
        ),
        (
            {"provider_adjustments": [{"plb_code": "FB", "amount_cents": 10_00}]},
            ["check T1: entries besides claims (FB, WO): 10.00 in the book, 10.00 in payments"],
        ),
        (
            {"claims": [{**CLAIM, "lines": [{**LINE, "adjustments": MOVED}]}]},
            [
                "check T1, claim ICN1: left to the patient: 5.00 in the book, 17.00 in payments",
                "check T1, claim ICN1: contractual or denied: 12.00 in the book, 0.00 in payments",
            ],
        ),
        (
            {"claims": [{**CLAIM, "lines": [{**LINE, "adjustments": LINE["adjustments"][:2]}]}]},
            ["check T1, claim ICN1: borne by payers before: 3.00 in the book, 0.00 in payments"],
        ),
        (
            {"claims": [{**CLAIM, "lines": [{**LINE, "charged_cents": 90_00}]}]},
            ["check T1, claim ICN1: charged for line 1: 100.00 in the book, 90.00 in payments"],
        ),
        ({"claims": []}, ["check T1, claim ICN1: payments does not have the claim"]),
        (
            {"claims": [{**CLAIM, "paid_cents": -5}]},
            ["check T1, claim ICN1: paid: 80.00 in the book, -0.05 in payments"],
        ),
        (
            {"claims": [{**CLAIM, "lines": [{**LINE, "paid_cents": 0}]}]},
            ["check T1, claim ICN1: paid for line 1: 80.00 in the book, 0.00 in payments"],
        ),
        (
            {"claims": [{**CLAIM, "lines": [], "adjustments": LINE["adjustments"]}]},
            ["check T1, claim ICN1: other lines"],
        ),
        (
            {"claims": [CLAIM, {**CLAIM, "payer_claim_number": "ICN9"}]},
            ["check T1, claim ICN9: the book does not have the claim"],
        ),
        (
            {"trace_number": "T2"},
            ["check T1: payments does not have it", "check T2: no payer wrote it"],
        ),
    ],
)
def test_says_how_they_differ(changed: dict[str, Any], said: list[str]) -> None:
    assert _words({**POSTED, **changed}) == said
