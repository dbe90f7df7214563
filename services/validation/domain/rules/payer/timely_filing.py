"""The claim can still reach the first payer in time."""

from collections.abc import Iterator
from typing import Final

from services.validation.domain.rule import Failure, NoData, Result, Rule
from services.validation.domain.subject import ScrubSubject

WARN_DAYS: Final = 15
_ENTER: Final = "Enter the payer's filing limit in the master data."


def check(subject: ScrubSubject) -> Iterator[Result]:
    """Yield that the limit passed, is near, or is not known."""
    deadline_on, days_left = subject.filing_deadline_on, subject.filing_days_left
    if deadline_on is None or days_left is None:
        yield NoData(field="payer/filing_limit", inputs=(str(subject.service_on),), mend=_ENTER)
        return
    inputs = (str(subject.service_on), f"deadline {deadline_on}")
    if days_left < 0:
        yield Failure(field="payer/filing_limit", inputs=inputs)
    elif subject.filing_deadline_is_ceiling:
        yield NoData(field="payer/filing_limit", inputs=inputs, mend=_ENTER)
    elif days_left <= WARN_DAYS:
        yield Failure(field="payer/filing_limit", inputs=inputs, severity="warning", mend="Send the claim first.")


TIMELY_FILING: Final = Rule(
    id="timely_filing",
    version=3,
    about="The first payer's filing limit, in days or calendar months from the first day of service and by the payer's"
    " clock, has not passed (error); 15 days before it, it is near (warning). The law's limit counts"
    " where the master data has none or a later one: Medicare's, and Medicaid's as the most that a state may give.",
    citation="42 CFR 424.44 (Medicare), 42 CFR 447.45(d) (Medicaid), else the contract with the payer",
    source="Payer master data, else the law; refused otherwise with CARC 29",
    severity="error",
    owner="biller",
    mend="Send proof of an earlier filing, or close the encounter as filed too late.",
    check=check,
    applies=lambda subject: bool(subject.coverages),
)
