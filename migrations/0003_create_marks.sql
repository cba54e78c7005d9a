-- How far the journal is in these tables: the whole of exactly-once. A batch of rows and the move of the mark are
-- one transaction, and the move must find the mark where the batch began. One row: the rows of two journals
-- have the same numbers and cannot share a database.
create table marks (
    journal    text        primary key check (journal ~ '^[0-9a-f]{16}$'), -- cluster_id of the segments
    record_seq bigint      not null check (record_seq >= 0),               -- last record applied
    time_ns    bigint      not null,                                       -- its time
    applied_at timestamptz not null default now()
) with (fillfactor = 10);
create unique index marks_single on marks ((true));

grant select, insert, update on marks to xc_writer;
grant select on marks to xc_reader;
