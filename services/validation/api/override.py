"""Overrides over HTTP: let pass what a rule found in the latest codes, and withdraw that."""

from collections.abc import Mapping
from typing import Annotated, Final, TypeAlias

from pydantic import Field, StringConstraints

from services.validation.api.body import ROUTER, Body, Id
from services.validation.api.scrub import STREAM, Scrub, again, standing
from services.validation.domain.scrub import OverrideFinding, WithdrawOverride
from services.validation.projections.submissions import SUBMISSIONS
from shared.events.validation import OverrideReason
from shared.runtime.http import Access, Call

ACCESS: Final[Mapping[str, Access]] = {
    "POST /v1/scrubs/{encounter_id}/overrides": Access(
        scope="validation.override",
        does="OverrideFinding → FindingOverridden, CodesValidated | CodesRejected",
        reads="scrubs",
        version_of=STREAM,
        changes=True,
    ),
    "POST /v1/scrubs/{encounter_id}/withdrawals": Access(
        scope="validation.override",
        does="WithdrawOverride → OverrideLapsed, CodesValidated | CodesRejected",
        reads="scrubs",
        version_of=STREAM,
        changes=True,
    ),
}
Note: TypeAlias = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2_000)]


class OverriddenRule(Body):
    """A rule whose failures may pass in one set of codes, and why. **Shape**: `note` is kept sealed."""

    rule_id: Id
    coding_version: int = Field(ge=1, le=1_000_000, strict=True, description="Which codes: the latest.", examples=[1])
    reason: OverrideReason = Field(description="Why it may pass.")
    note: Note | None = Field(
        default=None, description="Why, in words; kept sealed.", examples=["payer agreed by phone"]
    )


class WithdrawnRule(Body):
    """A rule whose failures shall pass no more in one set of codes. **Shape**: `note` says why, and is kept sealed."""

    rule_id: Id
    coding_version: int = Field(ge=1, le=1_000_000, strict=True, description="Which codes: the latest.", examples=[1])
    note: Note = Field(description="Why, in words; kept sealed.", examples=["the payer took it back"])


@ROUTER.post("/scrubs/{encounter_id}/overrides")
async def override_finding(encounter_id: Id, body: OverriddenRule, call: Call) -> Scrub:
    """Let pass what a rule found in the latest codes, and scrub again at once. It lapses when the codes change.

    **Errors**: 404 `codes-not-found`, `finding-not-found`; 409 `codes-changed`, `finding-not-overridable`,
    `person-needed`.
    """
    await call.handle(
        OverrideFinding(
            rule_id=body.rule_id,
            coding_version=body.coding_version,
            reason=body.reason,
            note=body.note,
            actor=call.caller.actor,
            again=await again(encounter_id, call),
        )
    )
    return await standing(encounter_id, call)


@ROUTER.post("/scrubs/{encounter_id}/withdrawals")
async def withdraw_override(encounter_id: Id, body: WithdrawnRule, call: Call) -> Scrub:
    """Withdraw what was let pass of a rule in the latest codes, and scrub again at once.

    **Errors**: 404 `codes-not-found`, `override-not-found`; 409 `codes-changed`, `claim-under-way`, `person-needed`.
    """
    sent = await call.row(SUBMISSIONS, encounter_id)
    await call.handle(
        WithdrawOverride(
            rule_id=body.rule_id,
            coding_version=body.coding_version,
            note=body.note,
            under_way=sent is not None and sent.under_way,
            actor=call.caller.actor,
            again=await again(encounter_id, call),
        )
    )
    return await standing(encounter_id, call)
