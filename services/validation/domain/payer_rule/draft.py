"""The versions of one rule of a payer, and the cases that each was tried by before it was kept.

Owns: the numbering, and that no version is kept whose cases it contradicts. Refuses: what cannot be read
(`reading.py`). A version is never changed and never deleted; which one judges is decided elsewhere (`in_force.py`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, ClassVar, Final, TypeAlias

from msgspec import Meta, Struct

from services.validation.domain.payer_rule.condition import Case, Draft, PayerRule
from services.validation.domain.payer_rule.judging import Said, unlike
from shared.events.envelope import Actor, Event
from shared.kernel.dates import Instant
from shared.kernel.decider import Decider
from shared.kernel.errors import Rejected

PREFIX: Final = "payer-"
ID_PATTERN: Final = r"^payer(-[a-z0-9]+)+$"
"""Ids of built-in rules have underscores, so that no rule of a payer can take the name of one."""
ID_LENGTH_MAX: Final = 60
VERSIONS_MAX: Final = 500
PayerRuleId: TypeAlias = Annotated[
    str, Meta(description="The rule, as its user calls it.", examples=["payer-visit-with-vaccine"])
]
Version: TypeAlias = Annotated[int, Meta(description="Which form of the rule, from 1.", examples=[1])]


class PayerRuleDrafted(Event, frozen=True, kw_only=True):
    """A rule of a payer has a new version. **Moment**: its cases say what they should. **Key**: `rule_id`.

    **Versions**: 1 (2026-11). It judges nothing before it is activated.
    """

    key: ClassVar[str] = "rule_id"
    rule_id: PayerRuleId
    version: Version
    rule: Annotated[PayerRule, Meta(description="What it asks for; its texts are the user's, nothing personal.")]
    cases: Annotated[tuple[Case, ...], Meta(description="Claims that show what it finds and what it lets alone.")]
    drafted_by: Annotated[str, Meta(description="Whose account wrote it; never a name.", examples=["biller-2"])]
    drafted_at: Instant


class PayerRuleCasesFail(Rejected):
    """A rule says of its own cases something else than they expect; `errors` names them."""

    slug = "payer-rule-cases-fail"

    def __init__(self, says: Mapping[int, Said]) -> None:
        super().__init__("mend the rule, or what the cases expect")
        self.errors = tuple(
            {"pointer": f"/cases/{at}", "code": "case-fails", "why": f"the rule says of it: {said}"}
            for at, said in says.items()
        )


class PayerRuleVersionsFull(Rejected):
    """A rule has as many versions as one may have; write another rule."""

    slug = "payer-rule-versions-full"


class Drafted(Struct, frozen=True, kw_only=True, gc=False):
    """The latest version."""

    rule_id: str
    version: int
    draft: Draft
    drafted_by: str
    drafted_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftRule:
    """Keep a next version of a rule, or the first."""

    rule_id: str
    draft: Draft
    actor: Actor
    now: datetime


def decide(latest: Drafted | None, command: DraftRule) -> tuple[PayerRuleDrafted, ...]:
    """Return the next version; nothing where the latest says the same.

    **Errors**: `PayerRuleCasesFail`, `PayerRuleVersionsFull`.
    """
    draft = command.draft
    if latest is not None and latest.draft == draft:
        return ()
    if failing := unlike(draft.rule, draft.cases):
        raise PayerRuleCasesFail(failing)
    version = 1 if latest is None else latest.version + 1
    if version > VERSIONS_MAX:
        raise PayerRuleVersionsFull("it cannot have another version")
    return (
        PayerRuleDrafted(
            rule_id=command.rule_id,
            version=version,
            rule=draft.rule,
            cases=draft.cases,
            drafted_by=command.actor.id,
            drafted_at=command.now,
        ),
    )


def evolve(_: Drafted | None, event: PayerRuleDrafted) -> Drafted:
    """Return the version that is the latest now."""
    return Drafted(
        rule_id=event.rule_id,
        version=event.version,
        draft=Draft(rule=event.rule, cases=event.cases),
        drafted_by=event.drafted_by,
        drafted_at=event.drafted_at,
    )


def stream(command: DraftRule) -> str:
    """Return the history that a command is decided on: one per rule."""
    return f"payer-rule-{command.rule_id}"


PAYER_RULE_DRAFTS: Final[Decider[Drafted | None, DraftRule, PayerRuleDrafted]] = Decider(
    commands=(DraftRule,), events=(PayerRuleDrafted,), stream=stream, initial=None, decide=decide, evolve=evolve
)
