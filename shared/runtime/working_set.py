"""What one flush has loaded under the lock and is about to write: streams, names, rows.

Owns: deciding units in order so that later ones see the facts of earlier ones, and folding facts into rows. A unit is
staged apart and joins the batch whole or not at all. Refuses: transactions and answers to callers (`flush.py`).
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any, Final

from msgspec import structs
from structlog import get_logger

from shared.events.envelope import Actor, Envelope, Event, link
from shared.kernel.decider import Decider
from shared.kernel.errors import Unavailable
from shared.kernel.projection import AnyProjection, nowhere
from shared.kernel.reaction import Reaction
from shared.runtime.ahead import Cause, Decisions, Rehearsal, folded, rows_for, touches
from shared.runtime.consistency import token_for
from shared.runtime.decisions import told
from shared.runtime.keys import AtHand, Vault, is_personal, subject_of
from shared.runtime.losses import StreamUnlocked
from shared.runtime.missed import Opened, ReadingAhead, Slice, opened, slice_after
from shared.runtime.row_cache import NOT_KEPT, RowCache
from shared.runtime.state_cache import StateCache
from shared.runtime.store import (
    Answer,
    AnswerKey,
    Batch,
    Fact,
    NameKey,
    ProjectionBroken,
    RowKey,
    RowPlace,
    StoreTx,
    StoreUnavailable,
    Stream,
    UnstorableValue,
    table_name,
)
from shared.runtime.unit import (
    EventTooLarge,
    IdempotencyKeyReused,
    NameTaken,
    Outcome,
    SeveralMatch,
    Stage,
    StreamLocked,
    Unit,
    UnitTooLarge,
    VersionDiffers,
    reaction_ids,
)
from shared.runtime.wiring import Wiring

_LOG = get_logger("working-set")

AnyDecider = Decider[Any, Any, Any]
_ABSENT: Final = object()


@dataclass(frozen=True, slots=True)
class Mark:
    """A place to go back to."""

    position: int
    chain_hash: bytes
    events: int


class WorkingSet:
    """The state of one flush. **Shape**: `batch` is what it will write."""

    def __init__(  # noqa: PLR0913 (what a flush has in its hands)
        self,
        tx: StoreTx,
        wiring: Wiring,
        vault: Vault,
        cache: StateCache,
        kept: RowCache,
        *,
        ahead: ReadingAhead | None = None,
        moment: datetime,
        locked: frozenset[Stream] = frozenset(),
    ) -> None:
        self.batch = Batch()
        self._moment = moment  # under the lock: what is recorded later has no earlier time, whoever records it
        self.states: dict[Stream, tuple[int, Any]] = {}
        self._new: set[Stream] = set()  # without a fact before this flush
        self.rows: dict[RowPlace, Any] = {}
        self._tx = tx
        self._wiring = wiring
        self._vault = vault
        self._cache = cache
        self._kept = kept
        self._ahead = ahead
        self._locked = locked
        self._names: dict[NameKey, str | None] = {}
        self._answers: dict[AnswerKey, Answer] = dict(tx.standing.answers)
        self._rehearsal = Rehearsal(wiring, (), frozenset())
        self._decisions = Decisions(vault)
        self._at_hand = AtHand(vault)
        self._pending: dict[RowPlace, list[Event]] = {}
        self._behind: set[str] = set()
        self._broken: set[str] = set()
        self.position = tx.head.position
        self._chain_hash = tx.head.chain_hash
        self._undo: list[tuple[dict[Any, Any], Any, Any]] = []

    # -- undoing -------------------------------------------------------------------------------------------------

    def mark(self) -> Mark:
        """Return a place to go back to, should what follows fail half-way."""
        self._undo.clear()
        return Mark(self.position, self._chain_hash, len(self.batch.events))

    def undo(self, mark: Mark) -> None:
        """Go back to the last mark: nothing that was decided or folded since is in the batch."""
        for target, key, before in reversed(self._undo):
            if before is _ABSENT:
                target.pop(key, None)
            else:
                target[key] = before
        self._undo.clear()
        del self.batch.events[mark.events :]
        self.position, self._chain_hash = mark.position, mark.chain_hash

    def _put(self, target: dict[Any, Any], key: object, value: object) -> None:
        self._undo.append((target, key, target.get(key, _ABSENT)))
        target[key] = value

    def _put_row(self, table: str, key: RowKey, row: object) -> None:
        self._put(self.rows, (table, key), row)
        self._put(self.batch.rows.setdefault(table, {}), key, row)

    # -- loading -------------------------------------------------------------------------------------------------

    async def prefetch(self, units: Sequence[Unit], causes: Sequence[Cause], *, is_late: Callable[[], bool]) -> None:
        """Load at once what the batch will most likely ask for; what is missed is loaded when it is asked for.

        **Shape**: `causes` are facts to fold and to react to; the last ones are left out where it gets late.
        """
        self._rehearsal = Rehearsal(self._wiring, causes, self._tx.standing.existing)
        while await self._load_rows(self._rehearsal.missing(self.rows, is_late=is_late)):
            pass
        await self._load_ahead(units)
        await self._prefetch_names(units)

    async def _load_ahead(self, units: Sequence[Unit]) -> None:
        """Load the streams of a batch; where one of them cannot be read, each unit loads its own, and fails alone."""
        targets = (each for unit in units for each in self._wiring.targets(unit.tenant_id, unit.commands))
        try:
            await self._load_streams(chain(self._rehearsal.targets(), targets))
        except (StoreUnavailable, UnstorableValue):
            raise
        except Exception as error:  # noqa: BLE001 (it shows again when the unit is decided)
            _LOG.warning("streams-not-loaded", kind=type(error).__name__, units=len(units))

    async def _prefetch_names(self, units: Sequence[Unit]) -> None:
        """Decide ahead, without judging, to learn which names and keys the batch needs."""
        names: set[NameKey] = set()
        subjects: set[tuple[str, str]] = set()
        for unit in units:
            for command in unit.commands:
                with suppress(Exception):  # whatever it is shows again when the unit is decided
                    decider = self._wiring.decider(command)
                    if decider not in self._wiring.look_ahead:
                        continue
                    _, state = self.states[unit.tenant_id, decider.stream(command)]
                    facts = await self._decisions.facts(unit.tenant_id, decider, state, command)
                    names.update(chain.from_iterable(reserved for _, reserved in facts))
                    if not unit.validate_only:  # nobody's key is made for what is not written
                        subjects.update((unit.tenant_id, subject_of(fact)) for fact, _ in facts if is_personal(fact))
        await self._load_names(names)
        with suppress(Unavailable):  # it is told to those that need a key, and to nobody else
            await self._at_hand.prepare(subjects)

    async def _load_names(self, names: Iterable[NameKey]) -> None:
        wanted = [name for name in names if name not in self._names]
        if wanted:
            held = await self._tx.held_names(wanted)
            self._names |= {name: held.get(name) for name in wanted}

    async def _load_streams(self, targets: Iterable[tuple[Stream, AnyDecider]]) -> None:
        """Have the states of streams as the lock shows them: the cache, and what the store has above it."""
        deciders = {stream: decider for stream, decider in targets if stream not in self.states}
        if not deciders:
            return
        known: dict[Stream, tuple[int, Any]] = {}
        unsure: dict[Stream, int] = {}
        newer: list[Envelope] = []
        shown = self._tx.standing.streams
        for stream, decider in deciders.items():
            version, state, is_latest = self._cache.find(stream, decider.initial)
            known[stream] = (version, state)
            if not version and stream in shown:
                newer += shown[stream]
            elif not is_latest:
                unsure[stream] = version
        if unsure:
            newer += await self._tx.events_after(unsure)
        await self._vault.prepare_to_open(newer)
        for envelope in newer:
            stream = (envelope.tenant_id, envelope.stream)
            event = self._vault.open(envelope)
            _, state = known[stream]
            if event is not None:
                state = deciders[stream].evolve(state, event)
            known[stream] = (envelope.version, state)
        self._new |= {stream for stream, (version, _) in known.items() if version == 0}
        self.states |= known

    async def _load_rows(self, wanted: Mapping[AnyProjection, Iterable[RowKey]]) -> bool:
        """Have rows that are not here yet, out of memory or from the store; return whether there were any."""
        before = len(self.rows)
        missing: dict[AnyProjection, list[RowKey]] = {}
        for projection, keys in wanted.items():
            table = table_name(projection)
            for key in keys:
                if (table, key) in self.rows:
                    continue
                row = None if self._is_new(projection, key) else self._kept.find((table, key))
                if row is NOT_KEPT:
                    missing.setdefault(projection, []).append(key)
                else:
                    self._have_row(projection, (table, key), row)
        if missing:
            for projection, found in (await self._tx.rows(missing)).items():
                table = table_name(projection)
                for key in missing[projection]:
                    self._have_row(projection, (table, key), found.get(key))
        return len(self.rows) > before

    def _is_new(self, projection: AnyProjection, key: RowKey) -> bool:
        """Return whether a row cannot be there yet, because the streams that hold its facts had none."""
        if projection.source == "foreign" or projection.streams is None or projection.leads is not nowhere:
            return False
        tenant_id, name = key
        streams = projection.streams(name)
        return bool(streams) and all((tenant_id, stream) in self._new for stream in streams)

    def _have_row(self, projection: AnyProjection, place: RowPlace, row: object) -> None:
        """Take a row as the lock shows it, and fold into it what waited for it."""
        table, key = place
        if row is None:
            self.batch.absent[table].add(key)
        self._put(self.rows, place, row)
        waiting = self._pending.pop(place, None)
        if waiting is not None:  # an undo must bring back what earlier units left for this row
            self._undo.append((self._pending, place, waiting))
            for event in waiting:
                self._apply(projection, key, event)

    # -- deciding ------------------------------------------------------------------------------------------------

    async def decide(self, unit: Unit) -> Outcome:
        """Decide a unit and take its facts into the batch. **Errors**: its deciders' and those of `unit.py`."""
        if not self._wiring.service.settings.decisions_logged:
            return await self._decided(unit)
        *_, ((_, stream), _) = self._wiring.targets(unit.tenant_id, unit.commands)
        return await told(self._wiring.service.name, stream.partition("-")[0], unit, self._decided(unit))

    async def _decided(self, unit: Unit) -> Outcome:
        repeated = await self._repeated(unit)
        if repeated is not None:
            return repeated
        stage = Stage(unit)
        targets = list(self._wiring.targets(unit.tenant_id, unit.commands))
        await self._load_streams(targets)
        addressed, _ = targets[-1]
        if unit.expected_version is not None and self.states[addressed][0] != unit.expected_version:
            raise VersionDiffers("the object changed since it was read; read it again, then decide again")
        for command, (target, decider) in zip(unit.commands, targets, strict=True):
            if target in self._locked:
                raise StreamLocked("facts of it were lost; a person has to look at it and release it")
            await self._decide(stage, decider, target, command)
        if len(stage.facts) > self._wiring.service.settings.unit_events_max:
            raise UnitTooLarge("the unit adds more facts than one may; send fewer at a time")
        (_, stream), (version, state) = addressed, self._state(stage, addressed)
        if unit.validate_only:
            rows = await self._rows_after(stage)
            return Outcome(
                state=state, version=version, stream=stream, position=self.position, added=len(stage.facts), rows=rows
            )
        await self._take(stage)
        token = ""
        if unit.wants_token:
            added = self.batch.events[len(self.batch.events) - len(stage.facts) :]
            token = token_for(added, self._wiring.service, self._tx.head)
        if unit.idempotency and stage.facts:
            key = unit.idempotency
            answer = Answer(body_hmac=key.body_hmac, stream=stream, version=version, token=token, status=key.status)
            self._put(self._answers, unit.answer_key, answer)
            self._put(self.batch.answers, unit.answer_key, answer)
        return Outcome(
            state=state,
            version=version,
            stream=stream,
            position=self.position,
            added=len(stage.facts),
            token=token,
        )

    async def _rows_after(self, stage: Stage) -> dict[RowPlace, Any]:
        """Return the rows of own read models as a unit's facts would leave them; nothing of it is kept."""
        touched = list(touches(self._wiring, stage.unit.tenant_id, (fact for fact, *_ in stage.facts)))
        for projection, key, _ in touched:
            await self._load_rows({projection: [key]})
        return folded(touched, self.rows)

    def _state(self, stage: Stage, target: Stream) -> tuple[int, Any]:
        return stage.states.get(target) or self.states[target]

    async def _decide(self, stage: Stage, decider: AnyDecider, target: Stream, command: object) -> None:
        (tenant_id, stream), (version, state) = target, self._state(stage, target)
        for fact, names in await self._decisions.facts(tenant_id, decider, state, command):
            version += 1
            event_id = next(stage.unit.ids)
            stage.facts.append((fact, stream, version, event_id))
            state = decider.evolve(state, fact)
            if names:
                await self._reserve(stage, names, stream, event_id)
        stage.states[target] = (version, state)

    async def _reserve(self, stage: Stage, keys: tuple[NameKey, ...], stream: str, event_id: str) -> None:
        await self._load_names(keys)
        others: dict[str, str] = {}
        for key in keys:
            holder = stage.names.get(key) or self._names[key]
            if holder is not None and holder != stream:
                others.setdefault(holder, key[1])
            stage.names[key] = stream
        if len(others) > 1:
            raise SeveralMatch("several objects hold these names; look at each, and name the one that is meant")
        for holder, kind in others.items():
            raise NameTaken(kind, holder)
        stage.fact_names[event_id] = tuple((kind, hmac) for _, kind, hmac in keys)

    async def _repeated(self, unit: Unit) -> Outcome | None:
        """Return the answer of an idempotency key that was used before. **Errors**: `IdempotencyKeyReused`."""
        answer = self._answers.get(unit.answer_key) if unit.answer_key else None
        if unit.idempotency is None or answer is None:
            return None
        if answer.body_hmac != unit.idempotency.body_hmac:
            raise IdempotencyKeyReused("the key was used for another request; take a new one")
        target = (unit.tenant_id, answer.stream)
        await self._load_streams([(target, self._wiring.decider(unit.commands[-1]))])
        _, state = self.states[unit.tenant_id, answer.stream]
        return Outcome(
            state=state,
            version=answer.version,
            stream=answer.stream,
            position=self.position,
            added=0,
            token=answer.token,
            status=answer.status,
        )

    # -- taking --------------------------------------------------------------------------------------------------

    async def _take(self, stage: Stage) -> None:
        """Seal and chain a unit's facts, fold them into own read models, and let the batch have them."""
        unit = stage.unit
        await self._at_hand.prepare(
            {(unit.tenant_id, subject_of(fact)) for fact, *_ in stage.facts if is_personal(fact)}
        )
        limit = self._wiring.service.settings.event_bytes_max
        sealed = [
            self._vault.seal(fact, tenant_id=unit.tenant_id, event_id=event_id) for fact, _, _, event_id in stage.facts
        ]
        if max(map(len, sealed), default=0) > limit:
            raise EventTooLarge("a fact is larger than one may be; send long texts as files")
        files = {
            (unit.tenant_id, file.sha256): (
                file,
                await self._vault.seal_file(unit.tenant_id, file.sha256, file.content),
            )
            for file in unit.files
        }
        previous = self.batch.events[-1].recorded_at if self.batch.events else self._tx.head.recorded_at
        recorded_at = max(self._moment, previous)
        first, last = self.position + 1, self.position + len(stage.facts)
        for (fact, stream, version, event_id), data in zip(stage.facts, sealed, strict=True):
            self.position += 1
            envelope = Envelope(
                position=self.position,
                tenant_id=unit.tenant_id,
                stream=stream,
                version=version,
                event_id=event_id,
                type=type(fact).__name__,
                schema_version=fact.schema_version,
                key=fact.subject(),
                public=type(fact).__name__ in self._wiring.public,
                occurred_at=unit.now,
                recorded_at=recorded_at,
                actor=unit.actor,
                correlation_id=unit.correlation_id,
                causation_id=unit.causation_id,
                unit_first=first,
                unit_last=last,
                names=stage.fact_names.get(event_id, ()),
                chain_hash=b"",
                data=data,
            )
            self._chain_hash = link(self._chain_hash, envelope)
            structs.force_setattr(envelope, "chain_hash", self._chain_hash)  # nobody has seen it yet
            self.batch.events.append(envelope)
            self._fold_own(unit.tenant_id, fact)
            if type(fact) is StreamUnlocked:
                self._put(self.batch.unlocked, (unit.tenant_id, fact.unlocked_stream), None)
        for target, state in stage.states.items():
            self._put(self.states, target, state)
        for name, holder in stage.names.items():
            self._put(self._names, name, holder)
            self._put(self.batch.names, name, holder)
        for file_key, file in files.items():
            self._put(self.batch.files, file_key, file)

    def _fold_own(self, tenant_id: str, fact: Event) -> None:
        for projection in self._wiring.own.get(type(fact), ()):
            table = table_name(projection)
            if table not in self._behind and table not in self._broken:
                self._fold(projection, tenant_id, fact)

    def _keys(self, projection: AnyProjection, fact: Event) -> tuple[str, ...]:
        try:
            return projection.keys(fact)
        except Exception as error:
            if projection.source == "foreign":
                raise  # the record parks
            self._break(projection, error)
            return ()

    def _break(self, projection: AnyProjection, error: Exception) -> None:
        """Let facts go on; the readers of this read model get 503."""
        table = table_name(projection)
        self._put(self.batch.broken, table, type(error).__name__)
        _LOG.error("projection-broken", projection=table, kind=type(error).__name__)

    def _fold(self, projection: AnyProjection, tenant_id: str, fact: Event) -> None:
        table = table_name(projection)
        for key in self._keys(projection, fact):
            place = (table, (tenant_id, key))
            if place in self.rows:
                self._apply(projection, (tenant_id, key), fact)
            else:
                self._put(self._pending, place, [*self._pending.get(place, ()), fact])

    def _apply(self, projection: AnyProjection, key: RowKey, fact: Event) -> None:
        table = table_name(projection)
        if table in self.batch.broken:
            return
        try:
            row = projection.apply(self.rows[table, key], fact)
        except Exception as error:
            if projection.source == "foreign":
                raise  # the record parks
            self._break(projection, error)
            return
        self._put_row(table, key, row)

    async def fold_foreign(self, envelope: Envelope, event: Event) -> None:
        """Fold a fact of another service into the read models that learn from it. **Errors**: those of `apply`."""
        for projection in self._wiring.foreign.get(type(event), ()):
            table = table_name(projection)
            keys = [(envelope.tenant_id, key) for key in projection.keys(event)]
            if any((table, key) not in self.rows for key in keys):
                await self._load_rows({projection: keys})
            self._fold(projection, envelope.tenant_id, event)

    async def react(self, reaction: Reaction[Any], envelope: Envelope, event: Event) -> Outcome | None:
        """Decide what a fact leads to. **Errors**: those of `decide`."""
        existing = self._tx.standing.existing
        if existing and next(reaction_ids(envelope.event_id, reaction.name)) in existing:
            return None
        commands = self._rehearsal.commands(reaction, envelope, self.rows)
        if commands is None or self._behind or self._broken or self.batch.broken:
            commands = await self._wanted(reaction, envelope, event)
        if not commands:
            return None
        unit = Unit(
            tenant_id=envelope.tenant_id,
            actor=Actor(kind=reaction.actor, id=f"{self._wiring.service.name}/{reaction.name}"),
            commands=commands,
            ids=reaction_ids(envelope.event_id, reaction.name),
            now=envelope.recorded_at,
            correlation_id=envelope.correlation_id,
            causation_id=envelope.event_id,
        )
        return await self.decide(unit)

    async def _wanted(self, reaction: Reaction[Any], envelope: Envelope, event: Event) -> tuple[object, ...]:
        """Return the commands that a fact becomes. **Errors**: `ProjectionBroken`."""
        rows, _ = rows_for(self._wiring, envelope, self.rows)
        unusable = self._behind | self._broken | self.batch.broken.keys()
        while True:
            needs = {
                projection: [(envelope.tenant_id, key) for key in keys]
                for projection, keys in reaction.needs(event, rows).items()
            }
            if unusable and not unusable.isdisjoint(map(table_name, needs)):
                raise ProjectionBroken("a reaction needs a read model that stopped; mend and rebuild it")
            if not await self._load_rows(needs):
                return reaction.react(event, rows)

    async def catch_up(self, *, nothing_missed: bool) -> None:
        """Fold what own read models have missed: a new version, or facts that an older release wrote.

        At most a slice of it at a time; until a read model is at the head, this flush leaves it as it is.
        **Shape**: `nothing_missed` where nobody else wrote since this process saw them whole.
        """
        if nothing_missed:
            return
        stored = await self._tx.projected()
        self._broken = {table for table, (_, broken) in stored.items() if broken is not None}
        reached = {
            table_name(each): stored.get(table_name(each), (0, None))[0] for each in self._wiring.own_projections
        }
        behind = [
            each
            for each in self._wiring.own_projections
            if reached[table_name(each)] < self._tx.head.position and table_name(each) not in self._broken
        ]
        if behind:
            await self._fold_missed(behind, reached)

    async def _fold_missed(self, behind: Sequence[AnyProjection], reached: Mapping[str, int]) -> None:
        after = min(reached[table_name(projection)] for projection in behind)
        types = frozenset(event.__name__ for projection in behind for event in projection.events)
        wanted = slice_after(self._tx.head, after, types)
        missed: dict[AnyProjection, list[tuple[AnyProjection, RowKey, Event]]] = {each: [] for each in behind}
        for fact, event in await self._missed(wanted):
            if isinstance(event, Exception):
                self._break_those_that_fold(
                    fact, [each for each in behind if reached[table_name(each)] < fact.position], event
                )
                continue
            for each in self._wiring.own.get(type(event), ()):
                if each in missed and reached[table_name(each)] < fact.position:
                    missed[each] += [(each, (fact.tenant_id, key), event) for key in self._keys(each, event)]
        await self._load_rows({each: dict.fromkeys(key for _, key, _ in touched) for each, touched in missed.items()})
        for projection, touched in missed.items():
            self._apply_missed(projection, touched)
            table = table_name(projection)
            self.batch.projected[table] = max(wanted.to, reached[table])
            if self.batch.projected[table] < self._tx.head.position:
                self._behind.add(table)

    def _break_those_that_fold(self, fact: Fact, behind: Iterable[AnyProjection], error: Exception) -> None:
        """Let facts go on where one of the past cannot be read; only who folds it has to wait for a person."""
        for projection in behind:
            is_broken = table_name(projection) in self.batch.broken
            if not is_broken and fact.type in {event.__name__ for event in projection.events}:
                self._break(projection, error)

    async def _missed(self, wanted: Slice) -> Opened:
        """Return the facts of a slice, and begin to read the one behind it where a catch-up goes on to it."""
        found = self._ahead.taken(wanted) if self._ahead else None
        if found is None:
            found = await opened(self._vault, await self._tx.facts_between(wanted.after, wanted.to, wanted.types))
        if self._ahead and wanted.to < self._tx.head.position:
            self._ahead.begin(self._tx.head, slice_after(self._tx.head, wanted.to, wanted.types))
        return found

    def _apply_missed(self, projection: AnyProjection, touched: Iterable[tuple[AnyProjection, RowKey, Event]]) -> None:
        """Fold facts of the past into rows that are here; each row joins the batch once, as the last fact leaves it."""
        if table_name(projection) not in self.batch.broken:
            try:
                for (table, key), row in folded(touched, self.rows).items():
                    self._put_row(table, key, row)
            except Exception as error:  # noqa: BLE001 (readers of this read model get 503; facts go on)
                self._break(projection, error)

    def is_current(self) -> bool:
        """Return whether no own read model is behind the facts."""
        return not self._behind

    def is_whole(self) -> bool:
        """Return whether the next flush may take for granted that all read models are where the facts are."""
        return not (self._behind or self._broken or self.batch.broken)

    async def finish(self) -> Batch:
        """Load the rows that facts touch and nobody asked for, fold them, and return all that is to be written."""
        wanted: dict[AnyProjection, list[RowKey]] = defaultdict(list)
        for table, key in self._pending:
            wanted[self._wiring.by_table[table]].append(key)
        await self._load_rows(wanted)
        for projection in self._wiring.own_projections:
            table = table_name(projection)
            if table not in self._behind | self._broken and (self.batch.events or table in self.batch.projected):
                self.batch.projected[table] = self.position
        return self.batch
