"""What may be wrong with a service, and the command that mends it: looked at from outside, each look with a time limit.

Owns: the looks and their words. Refuses: mending, and opening the service: a doctor works where nothing else does.
A look that cannot be taken because an earlier one failed is left out. Next: `doctor_tables.py` looks at tables of
codes, `apps/embedded/doctor.py` at the machine; `apps/cli/doctor.py` shows what was found.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

import asyncpg

from shared.kernel.errors import Unavailable
from shared.runtime import clock
from shared.runtime.definition import Service
from shared.runtime.doctor_tables import tables_looked_at
from shared.runtime.hosting import UnknownLog, open_log
from shared.runtime.log import Log, topic_of
from shared.runtime.look import Level, Look
from shared.runtime.postgres import CONNECTION_ERRORS, connect
from shared.runtime.settings import BadSettings, TablesMissing
from shared.runtime.store import Place, table_name
from shared.runtime.topics import last_fact, next_offset
from shared.runtime.wiring import Wiring

SERVER_VERSION_MIN: Final = 150_000
LOOK_SECONDS_MAX: Final = 15
SKEW_SECONDS_WARN: Final = 2
SKEW_SECONDS_FAIL: Final = 60
_VERSION_UNIT: Final = 10_000


async def examine(configured: Callable[[], Service]) -> list[Look]:
    """Return what was found about a service."""
    try:
        service = configured()
    except TablesMissing as error:
        return [Look(check="code-sets", level="fail", said=str(error), mend="name a folder that holds the tables")]
    except BadSettings as error:
        return [Look(check="settings", level="fail", said=str(error), mend="claimlog config")]
    found = [_code_sets(service)] if service.tables else []
    try:
        async with _database(service) as connection:
            found += [each async for each in _of_database(service, connection)]
            if await connection.fetchval("select to_regclass('projected') is not null"):
                found += await tables_looked_at(service, connection)
            found += [each async for each in _of_log(service, connection)]
    except (TimeoutError, Unavailable, asyncpg.PostgresError, *CONNECTION_ERRORS) as error:
        variable = f"CLAIMLOG_{service.name.upper()}_DATABASE_URL"
        said = f"the database cannot be asked ({type(error).__name__})"
        mend = f"start PostgreSQL, or mend {variable}: claimlog config --service {service.name}"
        found.append(Look(check="database", level="fail", said=said, mend=mend))
    return found


def _code_sets(service: Service) -> Look:
    missing = [path for path in service.tables if not path.is_file()]
    if missing:
        variable = f"CLAIMLOG_{service.name.upper()}_TABLES_FOLDER"
        said = f"missing: {', '.join(map(str, missing))}; codes are not judged without"
        return Look(check="code-sets", level="fail", said=said, mend=f"set {variable} to the folder that holds them")
    return Look(check="code-sets", level="ok", said=f"{len(service.tables)} files are there")


@asynccontextmanager
async def _database(service: Service) -> AsyncIterator[asyncpg.Connection]:
    async with asyncio.timeout(LOOK_SECONDS_MAX):
        connection = await connect(service.settings.database_url)
    try:
        yield connection
    finally:
        await connection.close(timeout=2)


async def _of_database(service: Service, connection: asyncpg.Connection) -> AsyncIterator[Look]:
    version = int(await connection.fetchval("show server_version_num", timeout=LOOK_SECONDS_MAX))
    if version < SERVER_VERSION_MIN:
        said = f"PostgreSQL {version // _VERSION_UNIT} is too old"
        mend = f"move to PostgreSQL {SERVER_VERSION_MIN // _VERSION_UNIT} or newer"
        yield Look(check="database", level="fail", said=said, mend=mend)
    else:
        yield Look(check="database", level="ok", said=f"PostgreSQL {version // _VERSION_UNIT} answers")
    yield await _clock(connection)
    if await connection.fetchval("select to_regclass('projected') is null"):
        yield Look(check="read-models", level="warn", said="the database is empty", mend="start the service once")
        return
    rows = await connection.fetch("select name, broken from projected where broken is not null")
    broken = {row["name"]: row["broken"] for row in rows}
    sick = [each.name for each in service.projections if table_name(each) in broken]
    if sick:
        named = " ".join(f"--projection {name}" for name in sick)
        said = f"broken at a fact that they cannot fold: {', '.join(sick)}"
        mend = f"mend the fold, then: claimlog replay --service {service.name} {named}"
        yield Look(check="read-models", level="fail", said=said, mend=mend)
    else:
        yield Look(check="read-models", level="ok", said=f"{len(service.projections)} are whole")


async def _clock(connection: asyncpg.Connection) -> Look:
    there = await connection.fetchval("select clock_timestamp()", timeout=LOOK_SECONDS_MAX)
    skew = abs((there - clock.now()).total_seconds())
    level: Level = "ok"
    if skew > SKEW_SECONDS_WARN:
        level = "fail" if skew > SKEW_SECONDS_FAIL else "warn"
    mend = "" if level == "ok" else "let both machines follow one time server: timedatectl set-ntp true"
    return Look(check="clock", level=level, said=f"{skew:.1f} s between this machine and the database", mend=mend)


async def _of_log(service: Service, connection: asyncpg.Connection) -> AsyncIterator[Look]:
    """Look at the log and at what the service remembers about it."""
    url = service.settings.log_url
    kind = "Kafka" if url.startswith("kafka:") else "the log's database"
    try:
        async with asyncio.timeout(LOOK_SECONDS_MAX), open_log(url) as log:
            yield Look(check="log", level="ok", said=f"{kind} answers")
            yield await _topics(service, log)
            yield await _checkpoints(service, log, connection)
            yield await _published(service, log, connection)
    except (TimeoutError, Unavailable, UnknownLog) as error:
        said = f"{kind} does not answer ({type(error).__name__})"
        mend = f"start it (make kafka), or mend the address: claimlog config --service {service.name}"
        yield Look(check="log", level="fail", said=said, mend=mend)


async def _topics(service: Service, log: Log) -> Look:
    settings = service.settings
    names = [topic_of(settings.topic_prefix, service.name, public=public) for public in (True, False)]
    wrong = await log.differences(names, partitions=settings.topic_partitions)
    if not wrong:
        return Look(check="topics", level="ok", said=f"{len(names)} are as they must be")
    said = "; ".join(f"{topic}: {what}" for topic, what in wrong.items())
    if "would lose records" in wrong.values():
        mend = "kafka-configs.sh --alter --add-config cleanup.policy=delete,retention.ms=-1,retention.bytes=-1"
    elif set(wrong.values()) == {"missing"}:
        mend = f"claimlog topics create --service {service.name}"
    else:
        mend = f"set CLAIMLOG_{service.name.upper()}_TOPIC_PARTITIONS to what is there, or take another topic prefix"
    return Look(check="topics", level="fail", said=said, mend=mend)


async def _checkpoints(service: Service, log: Log, connection: asyncpg.Connection) -> Look:
    """Look whether anything was read that the topics do not hold: another log, or one that lost records."""
    ahead = []
    producers = Wiring(service).foreign_producers
    for topic in [topic_of(service.settings.topic_prefix, each, public=True) for each in producers]:
        for partition in range(await log.partitions(topic)):
            end = await next_offset(log, (topic, partition))
            read = await _read_to(connection, (topic, partition))
            if read > end:
                ahead.append(f"{topic}/{partition}: read to {read}, ends at {end}")
    if not ahead:
        return Look(check="checkpoints", level="ok", said="nothing was read that the topics do not hold")
    mend = f"put the log back that was read (claimlog config --service {service.name} names it), or a backup of both"
    return Look(check="checkpoints", level="fail", said="ahead of topics: " + "; ".join(ahead), mend=mend)


async def _read_to(connection: asyncpg.Connection, place: Place) -> int:
    if await connection.fetchval("select to_regclass('checkpoint') is null"):
        return 0
    found = await connection.fetchval("select next_offset from checkpoint where topic = $1 and partition = $2", *place)
    return int(found or 0)


async def _published(service: Service, log: Log, connection: asyncpg.Connection) -> Look:
    """Look whether the topics hold facts that the store does not have: an old copy was put back."""
    head = 0
    if await connection.fetchval("select to_regclass('store_head') is not null"):
        head = await connection.fetchval("select position from store_head") or 0
    newest = 0
    for public in (True, False):
        topic = topic_of(service.settings.topic_prefix, service.name, public=public)
        for partition in range(await log.partitions(topic)):
            fact = await last_fact(log, (topic, partition))
            newest = max(newest, fact.envelope.position if fact else 0)
    if newest > head:
        said = f"the topics hold facts up to {newest}, the store up to {head}: an old copy was put back"
        mend = f"claimlog restore --service {service.name}"
        return Look(check="store", level="fail", said=said, mend=mend)
    return Look(check="store", level="ok", said=f"{head:,} facts; what was published is among them")
