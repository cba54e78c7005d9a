-- Every trade, in partitions of one UTC day that the projector has made ahead: old days are dropped or moved whole.
-- Rows come in order of time, so a BRIN index of a few kilobytes serves ranges of time; the B-trees serve the
-- questions people ask (the last trades of an instrument, of an account). The primary key refuses a trade
-- that comes twice.
create table trades (
    record_seq      bigint        not null,
    time_ns         bigint        not null,
    instrument      integer       not null,
    match           bigint        not null, -- number of the trade
    price_ticks     bigint        not null,
    qty_lots        bigint        not null check (qty_lots > 0),
    maker_order_no  bigint        not null,
    taker_order_no  bigint        not null,
    maker_account   bigint        not null,
    taker_account   bigint        not null,
    taker_side      order_side    not null,
    maker_fee_atoms numeric(39,0) not null check (maker_fee_atoms >= 0), -- of what that side receives:
    taker_fee_atoms numeric(39,0) not null check (taker_fee_atoms >= 0), -- base for the buyer, quote for the seller
    primary key (instrument, record_seq, time_ns)
) partition by range (time_ns);
create index trades_in_time on trades using brin (time_ns) with (pages_per_range = 32);
create index trades_of_maker on trades (maker_account, record_seq);
create index trades_of_taker on trades (taker_account, record_seq);

grant select, insert on trades to xc_writer; -- append-only
grant select on trades to xc_reader;

-- Makes the partitions of `table_name` for the day of `time_ns` and `days` more; harmless when they are there. The
-- writer may call it but not otherwise change tables. Built beside and then attached: readers go on meanwhile.
create function partitions_prepare(table_name text, time_ns bigint, days integer) returns integer
language plpgsql security definer set search_path = public, pg_temp as $$
declare
    day_ns constant bigint := 86400000000000;
    first_ns bigint := time_ns - time_ns % day_ns;
    from_ns bigint;
    name text;
    made integer := 0;
begin
    if table_name not in ('trades', 'balance_changes') then
        raise exception 'table % has no partitions by day', table_name;
    end if;
    if days not between 0 and 31 then
        raise exception 'at most 31 days ahead, not %', days;
    end if;
    for i in 0 .. days loop
        from_ns := first_ns + i * day_ns;
        name := table_name || to_char(to_timestamp(from_ns / 1000000000) at time zone 'UTC', '_YYYYMMDD');
        if to_regclass(name) is null then
            execute format('create table %I (like %I including defaults including constraints)', name, table_name);
            execute format('alter table %I attach partition %I for values from (%s) to (%s)',
                           table_name, name, from_ns, from_ns + day_ns);
            made := made + 1;
        end if;
    end loop;
    return made;
end $$;
revoke all on function partitions_prepare from public;
grant execute on function partitions_prepare to xc_writer;
