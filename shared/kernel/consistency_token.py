"""What a command hands its caller so that later reads, of any service, show what it did: positions of its public facts.

Owns: the text of a token, and merging tokens. Callers never look inside; `shared/clients/consistency.py` keeps one for
them. Refuses: saying whether the facts are there (`shared/runtime/consistency.py`).
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections import defaultdict
from collections.abc import Iterable
from typing import Annotated, Final

from msgspec import Meta, MsgspecError, Struct, msgpack
from msgspec.structs import replace

from shared.kernel.errors import Malformed

CONSISTENCY: Final = "Consistency-Token"
"""The header, of answers to commands and of requests that read."""
RANGES_MAX: Final = 8
"""Ranges that a token keeps apart for one partition; of more, the oldest become one that spans them."""
TOKEN_RANGES_MAX: Final = 240
"""Ranges of a whole token, about: where many partitions were written to, each keeps fewer. Services refuse a header of
more than 8,000 characters, and so does what stands before many of them."""
_VERSION: Final = 1

_Count = Annotated[int, Meta(ge=0, le=2**63 - 1)]


class BadConsistencyToken(Malformed):
    """A token is not one that an answer of ours carried, or a newer release than this one made it."""

    slug = "bad-consistency-token"


class PositionRange(Struct, frozen=True, array_like=True, gc=False):
    """Where facts stand in a store and on the log. **Shape**: of one partition, `first` and `last` position of them."""

    topic: str
    store_id: str
    incarnation: _Count
    partition: _Count
    first: _Count
    last: _Count


class _Span(Struct, frozen=True, array_like=True, gc=False):
    partition: _Count
    first: _Count
    last: _Count


class _OfStore(Struct, frozen=True, array_like=True, gc=False):
    """Ranges of one store on one topic: their names are long, and stand in a token once."""

    topic: str
    store_id: str
    incarnation: _Count
    spans: tuple[_Span, ...]


class _Token(Struct, frozen=True, array_like=True, gc=False):
    version: int
    stores: tuple[_OfStore, ...]


_ENCODER: Final = msgpack.Encoder()
_DECODER: Final = msgpack.Decoder(_Token)


def token_of(ranges: Iterable[PositionRange]) -> str:
    """Return the token of ranges: base64url without padding; empty where there are none."""
    by_store: dict[tuple[str, str, int], list[_Span]] = {}
    for each in ranges:
        spans = by_store.setdefault((each.topic, each.store_id, each.incarnation), [])
        spans.append(_Span(each.partition, each.first, each.last))
    if not by_store:
        return ""
    token = _Token(_VERSION, tuple(_OfStore(*store, tuple(spans)) for store, spans in by_store.items()))
    return urlsafe_b64encode(_ENCODER.encode(token)).rstrip(b"=").decode()


def ranges_of(token: str) -> tuple[PositionRange, ...]:
    """Return what a token says; nothing for an empty one. **Errors**: `BadConsistencyToken`."""
    if not token:
        return ()
    try:
        read = _DECODER.decode(urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    except (MsgspecError, NotBase64, ValueError):
        read = None
    if read is None or read.version != _VERSION:
        raise BadConsistencyToken("send a Consistency-Token as an answer gave it, or leave the header out")
    return tuple(
        PositionRange(of.topic, of.store_id, of.incarnation, each.partition, each.first, each.last)
        for of in read.stores
        for each in of.spans
    )


def merged(*tokens: str) -> str:
    """Return one token that stands for all: whoever has waited for it has waited for each. It does not grow for ever.

    **Errors**: `BadConsistencyToken`.
    """
    by_partition: dict[tuple[str, str, int, int], list[PositionRange]] = defaultdict(list)
    for each in {each for token in tokens for each in ranges_of(token)}:
        by_partition[each.topic, each.store_id, each.incarnation, each.partition].append(each)
    most = max(1, min(RANGES_MAX, TOKEN_RANGES_MAX // max(1, len(by_partition))))
    return token_of(each for key in sorted(by_partition) for each in _fewer(by_partition[key], most))


def _fewer(ranges: list[PositionRange], most: int) -> list[PositionRange]:
    """Return ranges of one partition in order, joined where they touch and, the oldest ones, where there are many."""
    kept: list[PositionRange] = []
    for each in sorted(ranges, key=lambda each: (each.first, each.last)):
        if kept and each.first <= kept[-1].last + 1:
            kept[-1] = replace(kept[-1], last=max(kept[-1].last, each.last))
        else:
            kept.append(each)
    if len(kept) > most:
        oldest = len(kept) - most
        kept[: oldest + 1] = [replace(kept[0], last=kept[oldest].last)]
    return kept
