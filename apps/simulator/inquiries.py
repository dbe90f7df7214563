"""Questions that come as interchanges: each ST is read and answered, and the answers go back in one file of a kind.

Owns: which set is a question, and that it is taken only where its answer can be written. Questions are answered as the
house stands when they arrive, before the claims of the same interchange, and change nothing. Refuses: what is said
(`eligibility.py`, `claim_status.py`), and to repeat what no answer can carry: such a set goes back in the 999.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from apps.simulator import claim_status, eligibility
from apps.simulator.inbound import Address
from apps.simulator.office import Office
from shared.x12.interchange import TransactionSet
from shared.x12.sets.t270_x279a1 import eligibility_request
from shared.x12.sets.t271_x279a1 import EligibilityResponse, write_271
from shared.x12.sets.t276_x212 import claim_status_request
from shared.x12.sets.t277_x212 import ClaimStatusResponse, write_277

GUIDES: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {"270": frozenset({"005010X279", "005010X279A1"}), "276": frozenset({"005010X212"})}
)
"""Every kind of question by its ST01, and the guides of which it is taken."""


class Answers:
    """The answers to the questions of one interchange, until they are posted."""

    __slots__ = ("_address", "_claim_status", "_eligibility", "_office")

    def __init__(self, office: Office, address: Address) -> None:
        self._office, self._address = office, address
        self._eligibility: list[EligibilityResponse] = []
        self._claim_status: list[ClaimStatusResponse] = []

    def take(self, transaction: TransactionSet) -> None:
        """Answer one ST. **Errors**: `MalformedX12`, and `CannotBeWritten` where no answer can repeat what it asks."""
        if transaction.code == "270":
            insured = eligibility.answered(self._office, eligibility_request(transaction))
            self._written_271([insured])
            self._eligibility.append(insured)
        else:
            request = claim_status_request(transaction)
            claims = claim_status.answered(self._office, self._address.sender[1], request)
            self._written_277([claims])
            self._claim_status.append(claims)

    def post(self) -> None:
        """Put the answers into the mailbox, a file for each kind of question."""
        if self._eligibility:
            self._office.post("271", self._written_271(self._eligibility))
        if self._claim_status:
            self._office.post("277", self._written_277(self._claim_status))

    def _written_271(self, answers: list[EligibilityResponse]) -> bytes:
        return write_271(answers, envelope=self._office.envelope(self._address), first_control_number=1)

    def _written_277(self, answers: list[ClaimStatusResponse]) -> bytes:
        return write_277(answers, envelope=self._office.envelope(self._address), first_control_number=1)
