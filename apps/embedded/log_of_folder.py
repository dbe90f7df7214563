"""Whether a data folder and a log belong together: its stores' facts are on it, and nobody else's.

Owns: the comparison at the start. Without it a folder whose facts went elsewhere would wait for them for ever.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from shared.kernel.errors import Malformed
from shared.runtime.log import Log, topic_of
from shared.runtime.store import Store
from shared.runtime.wire import arrived

_ELSEWHERE: Final = (
    "the facts of {data} are on another log; set CLAIMLOG_DATA to another folder for this one, or KAFKA_BOOTSTRAP and"
    " CLAIMLOG_TOPIC_PREFIX as they were"
)
_OTHERS: Final = (
    "the topics {prefix}.… hold the facts of another data folder; set CLAIMLOG_TOPIC_PREFIX to a new name, or"
    " CLAIMLOG_DATA to that folder"
)


class LogOfAnotherFolder(Malformed):
    """The facts of this data folder are on another log, or the topics hold those of another folder."""

    slug = "log-of-another-folder"


async def refuse_another_log(data: Path, kind: str, prefix: str, stores: Mapping[str, Store], log: Log) -> None:
    """Remember the log of a folder; refuse another one, and topics of another folder.

    **Errors**: `LogOfAnotherFolder`.
    """
    note = data / "log.json"
    chosen = {"kind": kind, "prefix": prefix}
    if note.exists() and json.loads(note.read_text()) != chosen:
        raise LogOfAnotherFolder(_ELSEWHERE.format(data=data))
    for name, store in stores.items():
        store_id = (await store.head()).store_id
        _, relayed = await store.relayed()
        topic = topic_of(prefix, name, public=True)
        for partition in range(await log.partitions(topic)):
            last = await log.last((topic, partition))
            found = arrived(last) if last else None
            if found is not None and found.store_id != store_id:
                raise LogOfAnotherFolder(_OTHERS.format(prefix=prefix))
            if found is None and relayed.get((topic, partition)):
                raise LogOfAnotherFolder(_ELSEWHERE.format(data=data))
    note.write_text(json.dumps(chosen))
