"""What carrying files to and from a clearinghouse can come to, whatever carries them.

Owns: the three ways in which a send fails, because each is followed by something else. Refuses: carrying
(`adapters/`). Next: `effects.py` turns outcomes into commands.
"""

from shared.kernel.errors import Rejected, Unavailable


class NotSent(Unavailable):
    """The connection did not come about: the file is certainly not there, and may be sent again."""

    slug = "clearinghouse-unreachable"


class OutcomeUnknown(Unavailable):
    """The connection broke after something was sent, or the answer makes no sense: ask before anything else."""

    slug = "clearinghouse-outcome-unknown"


class SendRefused(Rejected):
    """The clearinghouse read the request and does not take the file: the same bytes will be refused again."""

    slug = "clearinghouse-refused"
