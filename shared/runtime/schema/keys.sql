-- Data keys of patients and tenants, wrapped; a database of its own, so that a copy of a store opens nothing.

create table if not exists data_keys (
    kid          uuid primary key,
    tenant_id    text not null,
    subject      text not null,
    wrapped      bytea,                 -- null once destroyed
    created_at   timestamptz not null default now(),
    destroyed_at timestamptz,
    unique (tenant_id, subject)
);
