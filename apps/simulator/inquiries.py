"""Questions that come as interchanges: each ST is read and answered, and the answers go back in one file of a kind.

Owns: which set is a question, and that it is taken only where its answer can be written. Questions are answered as the
house stands when they arrive, before the claims of the same interchange, and change nothing. Refuses: what is said
(`eligibility.py`), and to repeat what no answer can carry: such a set goes back in the 999.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from apps.simulator import eligibility
from apps.simulator.inbound import Address
from apps.simulator.office import Office
from shared.x12.interchange import TransactionSet
from shared.x12.sets.t270_x279a1 import eligibility_request
from shared.x12.sets.t271_x279a1 import EligibilityResponse, write_271

GUIDES: Final[Mapping[str, frozenset[str]]] = MappingProxyType({"270": frozenset({"005010X279", "005010X279A1"})})
"""Every kind of question by its ST01, and the guides of which it is taken."""


class Answers:
    """The answers to the questions of one interchange, until they are posted."""

    __slots__ = ("_address", "_eligibility", "_office")

    def __init__(self, office: Office, address: Address) -> None:
        self._office, self._address = office, address
        self._eligibility: list[EligibilityResponse] = []

    def take(self, transaction: TransactionSet) -> None:
        """Answer one ST. **Errors**: `MalformedX12`, and `CannotBeWritten` where no answer can repeat what it asks."""
        answer = eligibility.answered(self._office, eligibility_request(transaction))
        self._written_271([answer])
        self._eligibility.append(answer)

    def post(self) -> None:
        """Put the answers into the mailbox, a file for each kind of question."""
        if self._eligibility:
            self._office.post("271", self._written_271(self._eligibility))

    def _written_271(self, answers: list[EligibilityResponse]) -> bytes:
        return write_271(answers, envelope=self._office.envelope(self._address), first_control_number=1)
