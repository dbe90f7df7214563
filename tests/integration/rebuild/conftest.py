"""A log of each kind, and topics of one's own."""

from tests.support.logs import log, prefix

__all__ = ["log", "prefix"]
