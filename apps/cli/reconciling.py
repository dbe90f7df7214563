"""The payers' own book beside what payments posted: check by check, claim by claim, line by line, to the cent.

Owns: the comparison, each difference in words. Refuses: asking; the book and the checks are arguments; and rejections,
which no check pays. Sums here use no code of payments: who compares must not copy.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

Book: TypeAlias = Mapping[str, Any]
Remittance: TypeAlias = Mapping[str, Any]
_POSTED: Final = "posted"
_PATIENT: Final = "PR"
_PRIOR_PAYERS: Final = "23"  # CARC: what payers before this one bore


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Something that the book and payments say differently. **Units**: cents."""

    what: str
    trace_number: str
    payer_claim_number: str = ""
    book_cents: int | None = None
    payments_cents: int | None = None

    def words(self) -> str:
        """Return the difference as a sentence."""
        place = f"check {self.trace_number}" + (f", claim {self.payer_claim_number}" * bool(self.payer_claim_number))
        if self.book_cents is None and self.payments_cents is None:
            return f"{place}: {self.what}"
        amounts = f"{_dollars(self.book_cents)} in the book, {_dollars(self.payments_cents)} in payments"
        return f"{place}: {self.what}: {amounts}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """What was compared, and every difference. **Units**: cents."""

    checks: int
    claims: int
    paid_cents: int
    differences: tuple[Difference, ...]


def reconcile(book: Book, remittances: Iterable[Remittance]) -> Reconciled:
    """Compare what payers wrote with what was posted. **Shape**: remittances with their claims and entries.

    A check may come in several files; what repeats an earlier file is none of payments' remittances.
    """
    by_trace: dict[str, list[Remittance]] = {}
    for each in remittances:
        by_trace.setdefault(str(each["trace_number"]), []).append(each)
    written = {str(check["trace_number"]): check for check in book["checks"]}
    decided: dict[str, list[Mapping[str, Any]]] = {}
    for claim in book["claims"]:
        decided.setdefault(str(claim["trace_number"]), []).append(claim)
    differences = [
        difference
        for trace, check in written.items()
        for difference in _check(check, decided.get(trace, []), by_trace.get(trace, []))
    ]
    strangers = [trace for trace in by_trace if trace not in written]
    differences += [Difference(what="no payer wrote it", trace_number=trace) for trace in strangers]
    return Reconciled(
        checks=len(written),
        claims=sum(map(len, decided.values())),
        paid_cents=sum(int(check["paid_cents"]) for check in written.values()),
        differences=tuple(differences),
    )


def _check(check: Mapping[str, Any], claims: list[Mapping[str, Any]], parts: list[Remittance]) -> Iterator[Difference]:
    trace = str(check["trace_number"])
    if not parts:
        yield Difference(what="payments does not have it", trace_number=trace)
        return
    unposted = [part for part in parts if part["state"] != _POSTED]
    for part in unposted:
        reason = f" ({part['reason']})" if part.get("reason") else ""
        yield Difference(what=f"payments has it as {part['state']}{reason}", trace_number=trace)
    if unposted:
        return
    yield from _differs("amount", trace, "", check["paid_cents"], sum(part["paid_cents"] for part in parts))
    entries = [entry for part in parts for entry in part["provider_adjustments"]]
    ours = Counter((entry["reason"], entry["amount_cents"]) for entry in check["entries"])
    theirs = Counter((entry["plb_code"], entry["amount_cents"]) for entry in entries)
    if ours != theirs:
        written, posted = (sum(cents * count for (_, cents), count in side.items()) for side in (ours, theirs))
        codes = ", ".join(sorted({code for code, _ in (ours - theirs) + (theirs - ours)}))
        yield Difference(
            what=f"entries besides claims ({codes})", trace_number=trace, book_cents=written, payments_cents=posted
        )
    yield from _claims(trace, claims, [claim for part in parts for claim in part["claims"]])


def _claims(trace: str, decided: list[Mapping[str, Any]], posted: list[Mapping[str, Any]]) -> Iterator[Difference]:
    """Yield the differences of a check's claims; a reversal and its correction have one number, and are two."""
    ours, theirs = _by_decision(decided), _by_decision(posted)
    for key, claim in ours.items():
        number = key[0]
        other = theirs.get(key)
        if other is None:
            yield Difference(what="payments does not have the claim", trace_number=trace, payer_claim_number=number)
            continue
        yield from _differs("charged", trace, number, claim["charged_cents"], other["charged_cents"])
        yield from _differs("paid", trace, number, claim["paid_cents"], other["paid_cents"])
        patient, prior, beyond = _unpaid(other)
        yield from _differs("left to the patient", trace, number, claim["patient_cents"], patient)
        yield from _differs("borne by payers before", trace, number, claim["prior_cents"], prior)
        given_up = claim["contractual_cents"] + claim["denied_cents"]
        yield from _differs("contractual or denied", trace, number, given_up, beyond)
        for at, (line, paid) in enumerate(zip(claim["lines"], other["lines"], strict=False), start=1):
            yield from _differs(f"charged for line {at}", trace, number, line["charged_cents"], paid["charged_cents"])
            yield from _differs(f"paid for line {at}", trace, number, line["paid_cents"], paid["paid_cents"])
        if len(claim["lines"]) != len(other["lines"]):
            yield Difference(what="other lines", trace_number=trace, payer_claim_number=number)
    for key in theirs.keys() - ours.keys():
        yield Difference(what="the book does not have the claim", trace_number=trace, payer_claim_number=key[0])


def _unpaid(claim: Mapping[str, Any]) -> tuple[int, int, int]:
    """Return what payments has as the patient's, as that of payers before, and as given up by contract or denial."""
    patient = prior = beyond = 0
    for part in (claim, *claim["lines"]):
        for each in part["adjustments"]:
            if each["group"] == _PATIENT:
                patient += each["amount_cents"]
            elif each["reason_code"] == _PRIOR_PAYERS:
                prior += each["amount_cents"]
            else:
                beyond += each["amount_cents"]
    return patient, prior, beyond


def _by_decision(claims: list[Mapping[str, Any]]) -> dict[tuple[str, int], Mapping[str, Any]]:
    """Return claims by the payer's number and how many of that number came before in the check."""
    found: dict[tuple[str, int], Mapping[str, Any]] = {}
    counts: dict[str, int] = {}
    for claim in claims:
        number = str(claim["payer_claim_number"])
        counts[number] = counts.get(number, 0) + 1
        found[number, counts[number]] = claim
    return found


def _differs(what: str, trace: str, number: str, book_cents: int, payments_cents: int) -> Iterator[Difference]:
    if book_cents != payments_cents:
        yield Difference(
            what=what,
            trace_number=trace,
            payer_claim_number=number,
            book_cents=book_cents,
            payments_cents=payments_cents,
        )


def _dollars(cents: int | None) -> str:
    return "nothing" if cents is None else f"{'-' if cents < 0 else ''}{abs(cents) // 100:,}.{abs(cents) % 100:02d}"
