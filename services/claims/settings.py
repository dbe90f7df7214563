"""What an operator may change about claims."""

from datetime import timedelta
from typing import Final, Literal

from pydantic import Field, field_validator

from services.claims.domain.assembly import BillingPolicy
from services.claims.domain.claim_837 import Sender
from shared.runtime.clearinghouse.address import ClearinghouseSettings
from shared.runtime.days_and_instants import Zone

PREFIX: Final = "CLAIMLOG_CLAIMS_"


class Settings(ClearinghouseSettings):
    """The settings; each has a default that works."""

    no_coverage: Literal["self-pay", "hold"] = Field(
        default="self-pay", description="What becomes of a visit without insurance: the patient's bill, or a question."
    )
    hold_payer_ids: tuple[str, ...] = Field(
        default=(),
        description="Payers whose claims wait for a person to release them: our ids or the clearinghouse's.",
    )
    hold_days: int = Field(default=7, ge=1, description="After how many days a hold is looked at again.")
    batch_every_seconds: float = Field(
        default=0.5,
        gt=0,
        description="Longest pause between two looks for claims to send; one that becomes ready is looked at sooner.",
    )
    batch_wait_seconds: int = Field(
        default=0,
        ge=0,
        description="How long a claim waits for others to share its file. 0: no longer than a file is on its way.",
    )
    batch_claims_max: int = Field(
        default=200, ge=1, le=400, description="Claims of one file; more would not fit into one unit of facts."
    )
    unknown_after_seconds: int = Field(
        default=90,
        ge=1,
        description="After how long a send without an answer that the clearinghouse does not know counts as not sent: "
        "its time-out and 60 seconds more. Too low: bytes on their way are sent twice, under the same key.",
    )
    probe_seconds_max: int = Field(
        default=86_400,
        ge=1,
        description="How long a send without an answer is asked about while nobody answers that either; then it waits"
        " for a person, and the files behind it go on. Too low: a person looks at what would have mended itself.",
    )
    retry_after_seconds: int = Field(
        default=5, ge=1, description="Pause before a file that could not be sent is sent again; doubles each time."
    )
    retry_after_seconds_max: int = Field(default=600, ge=1, description="Longest of these pauses.")
    attempts_max: int = Field(
        default=20, ge=1, description="Tries with one file; then it waits for a person in the list of failed batches."
    )
    submitter_id: str = Field(default="CLAIMLOG", max_length=15, description="Our id at the clearinghouse (ISA06).")
    submitter_name: str = Field(default="CLAIMLOG PRACTICE", description="Our name at the clearinghouse (1000A).")
    contact_name: str = Field(default="BILLING OFFICE", description="Whom the clearinghouse may ask.")
    contact_phone: str = Field(default="8135550100", pattern=r"^\d{10}$", description="Its phone, ten digits.")
    receiver_id: str = Field(default="CLEARINGHOUSE", max_length=15, description="The clearinghouse's id (ISA08).")
    receiver_name: str = Field(default="EXAMPLE CLEARINGHOUSE", description="The clearinghouse's name (1000B).")
    usage: Literal["T", "P"] = Field(default="T", description="ISA15: T test, P production. Wrong: not processed.")
    sender_zone: Zone = Field(
        default="America/New_York",
        description="Time zone of the office, and of the times in files; a time of tomorrow is refused.",
    )

    @field_validator("hold_payer_ids", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(filter(None, (each.strip() for each in value.split(","))))
        return value

    def policy(self) -> BillingPolicy:
        """Return what the practice decided once."""
        return BillingPolicy(
            no_coverage=self.no_coverage,
            hold_payer_ids=frozenset(self.hold_payer_ids),
            hold_days=self.hold_days,
            zone=self.sender_zone,
        )

    def sender(self) -> Sender:
        """Return who sends to whom."""
        return Sender(
            submitter_id=self.submitter_id,
            submitter_name=self.submitter_name,
            contact_name=self.contact_name,
            contact_phone=self.contact_phone,
            receiver_id=self.receiver_id,
            receiver_name=self.receiver_name,
            usage=self.usage,
        )

    def retry_after(self, attempts: int) -> timedelta:
        """Return how long a file rests after so many tries."""
        doubled = self.retry_after_seconds * 2 ** min(attempts - 1, 20)
        return timedelta(seconds=min(doubled, self.retry_after_seconds_max))
