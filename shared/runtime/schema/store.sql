-- The fact store of one service; the same in all five. Read models have tables of their own, made from their row types.

create table if not exists store_head (
    one          boolean primary key default true check (one),
    store_id     uuid not null,
    incarnation  integer not null default 1,
    position     bigint not null default 0,
    chain_hash   bytea not null,
    recorded_at  timestamptz not null,
    system_id    text not null,     -- a copy that is put back by hand has the old one's facts but another identity
    timeline     integer not null
);
do $$ begin -- without a lock where they are there already: a flush may hold the row
    if not exists (select 1 from information_schema.columns where table_schema = current_schema()
                   and table_name = 'store_head' and column_name = 'restoring') then
        alter table store_head
            add column restoring      boolean not null default false,  -- only `claimlog restore` writes
            add column effects_held   boolean not null default false,  -- until a person looked
            add column streams_locked boolean not null default false;  -- whether locked_stream has rows
    end if;
end $$;

do $$ begin -- the same for generations of read models
    if not exists (select 1 from information_schema.columns where table_schema = current_schema()
                   and table_name = 'store_head' and column_name = 'read_models') then
        alter table store_head add column read_models integer not null default 0;  -- counts swaps
    end if;
end $$;

create table if not exists events (
    position       bigint primary key,
    tenant_id      text not null,
    stream         text not null,
    version        integer not null,
    event_id       uuid not null unique,
    type           text not null,
    schema_version integer not null,
    key            text not null,
    public         boolean not null,
    occurred_at    timestamptz not null,
    recorded_at    timestamptz not null,
    actor_kind     text not null,
    actor_id       text not null,
    correlation_id text not null,
    causation_id   text,
    unit_first     bigint not null,
    unit_last      bigint not null,
    names          text not null,   -- JSON: kind and HMAC of what the fact reserved
    chain_hash     bytea not null,
    data           bytea not null,
    unique (tenant_id, stream, version)
);

create table if not exists names (
    tenant_id text not null,
    kind      text not null,
    hmac      text not null,
    stream    text not null,
    primary key (tenant_id, kind, hmac)
);

create table if not exists idempotency (
    tenant_id  text not null,
    route      text not null,
    key        text not null,
    body_hmac  text not null,
    stream     text not null,
    version    integer not null,
    written_at timestamptz not null default now(),
    primary key (tenant_id, route, key)
);
do $$ begin
    if not exists (select 1 from information_schema.columns where table_schema = current_schema()
                   and table_name = 'idempotency' and column_name = 'status') then
        alter table idempotency add column status integer not null default 0;  -- 0: of an older release
    end if;
end $$;
create index if not exists idempotency_written on idempotency (written_at);  -- old ones are forgotten

do $$ begin
    if not exists (select 1 from information_schema.columns where table_schema = current_schema()
                   and table_name = 'idempotency' and column_name = 'token') then
        alter table idempotency add column token text not null default '';  -- a repeat is answered with it again
    end if;
end $$;

create table if not exists checkpoint (
    topic       text not null,
    partition   integer not null,
    next_offset bigint not null,
    store_id    text not null,
    incarnation integer not null,
    position    bigint not null,
    attempts    integer not null default 0,
    primary key (topic, partition)
);

create table if not exists parked (
    topic     text not null,
    partition integer not null,
    offset_   bigint not null,
    tenant_id text not null,
    key       text not null,
    position  bigint not null,
    event_id  uuid not null,
    cause     text not null,
    parked_at timestamptz not null default now(),
    primary key (topic, partition, offset_)
);
create index if not exists parked_key on parked (tenant_id, key);
create index if not exists parked_position on parked (topic, partition, position);  -- who waits for facts looks here

create table if not exists discarded (  -- a restore may read them again: they are never handled
    event_id  uuid primary key,
    tenant_id text not null,
    key       text not null,
    topic     text not null,
    partition integer not null,
    offset_   bigint not null
);
create index if not exists discarded_key on discarded (tenant_id, key);

create table if not exists locked_stream (  -- a restore found facts missing: no command until a person looked
    tenant_id text not null,
    stream    text not null,
    position  bigint not null,          -- the first lost position that locks it
    primary key (tenant_id, stream)
);

create table if not exists files (
    tenant_id text not null,
    sha256    text not null,
    kind      text not null,
    sealed    bytea not null,
    stored_at timestamptz not null default now(),
    primary key (tenant_id, sha256)
);

create table if not exists number_sequence (
    tenant_id text not null,
    name      text not null,
    last      bigint not null,
    primary key (tenant_id, name)
);

create table if not exists relayed (
    topic             text not null,
    partition         integer not null,
    position          bigint not null,  -- the highest of this store that the partition has
    primary key (topic, partition)
);

create table if not exists incarnation (  -- of what a partition has: known once a restore read the topics
    topic          text not null,
    partition      integer not null,
    incarnation    integer not null,
    after_position bigint not null,       -- facts above it were published under this one, or a later one
    primary key (topic, partition, incarnation)
);

create table if not exists relay_head (
    one      boolean primary key default true check (one),
    position bigint not null default 0
);
insert into relay_head default values on conflict do nothing;

create table if not exists projected (
    name     text primary key,          -- read model and version
    position bigint not null,
    broken   text
);
do $$ begin
    if not exists (select 1 from information_schema.columns where table_schema = current_schema()
                   and table_name = 'projected' and column_name = 'generation') then
        alter table projected add column generation integer not null default 1;  -- which table is in service
    end if;
end $$;

create table if not exists rebuild (  -- what a replay has done so far: it goes on there
    name        text primary key,       -- read model and version
    generation  integer not null,       -- of the table that is being filled
    code        text not null,          -- hash of the fold: another one begins again
    source      text not null,
    position    bigint not null default 0,
    places      text not null default '[]',  -- JSON: how far each partition was folded
    skipped     text not null default '[]',  -- JSON: records that were parked when they were passed
    events      bigint not null default 0,
    started_at  timestamptz not null default now()
);

create table if not exists verified (  -- what the last proof came to
    one       boolean primary key default true check (one),
    ended_at  timestamptz not null,
    looked_at text not null,            -- everything, facts or part
    position  bigint not null,
    seconds   double precision not null,
    broken    text[] not null,          -- names of invariants
    unchecked text[] not null
);

create table if not exists operation (  -- work that outlasts its request; no personal values
    id             uuid primary key,
    tenant_id      text not null,
    kind           text not null,
    subject        text not null,       -- route, or read model
    actor_kind     text not null,
    actor_id       text not null,
    correlation_id text not null,
    created_at     timestamptz not null,
    total          bigint not null,     -- lines, or facts
    done           bigint not null default 0,
    worked         integer not null default 0,  -- parts
    state          text not null default 'running',
    problem        text,
    ended_at       timestamptz
);
create index if not exists operation_of_tenant on operation (tenant_id, id);
create index if not exists operation_running on operation (id) where state = 'running';

create table if not exists operation_part (  -- what was sent, and what came of it, sealed
    operation_id uuid not null,
    kind         text not null,
    number       integer not null,      -- from 0
    sealed       bytea not null,
    kept_at      timestamptz not null default now(),
    primary key (operation_id, kind, number)
);
