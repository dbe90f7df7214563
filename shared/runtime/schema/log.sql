-- The log in PostgreSQL: what Kafka is to a cluster, for one machine.

create table if not exists log_partition (
    topic       text not null,
    partition   integer not null,
    next_offset bigint not null default 0,  -- locked FOR UPDATE by a producer: offsets have no gaps, in commit order
    primary key (topic, partition)
);

create table if not exists log_record (
    topic     text not null,
    partition integer not null,
    offset_   bigint not null,
    key       bytea not null,
    value     bytea not null,
    headers   bytea not null,               -- JSON
    primary key (topic, partition, offset_)
);
