"""What a batch will most likely ask for: its rows as they will be, and the streams that its reactions will decide on.

Owns: guesses, made without judging, so that a batch is loaded in a few questions and not record by record. A wrong
guess costs a question later and nothing else. Refuses: loading and deciding (`working_set.py`).
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from shared.events.envelope import Envelope, Event
from shared.kernel.decider import Decider
from shared.kernel.reaction import Reaction, Rows
from shared.runtime.store import RowKey, Stream, table_name
from shared.runtime.wiring import Wiring


def folded(
    wiring: Wiring, loaded: Mapping[tuple[str, RowKey], Any], facts: Sequence[tuple[Envelope, Event]]
) -> dict[tuple[str, RowKey], Any]:
    """Return the loaded rows that facts of others change, as they will be after the last of them."""
    rows: dict[tuple[str, RowKey], Any] = {}
    for envelope, event in facts:
        for projection in wiring.foreign.get(type(event), ()):
            with suppress(Exception):  # whatever it is shows again when the record is folded, and parks its key
                for key in projection.keys(event):
                    place = (table_name(projection), (envelope.tenant_id, key))
                    rows[place] = projection.apply(rows[place] if place in rows else loaded[place], event)
    return rows


def streams(
    wiring: Wiring, reaction: Reaction[Any], event: Event, rows: Rows, tenant_id: str
) -> Iterator[tuple[Stream, Decider[Any, Any, Any]]]:
    """Yield the streams that a reaction will most likely decide on."""
    with suppress(Exception):  # whatever it is shows again when the reaction is decided
        for command in reaction.react(event, rows):
            decider = wiring.decider(command)
            yield (tenant_id, decider.stream(command)), decider
