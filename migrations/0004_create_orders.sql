-- Each order with its last state, refused ones too. A batch brings the state after its last record, and a state is
-- only replaced by a later one (seq). No index holds a column that changes while the order is open, so most updates
-- stay within the page (HOT; hence the fill factor).
create type order_side as enum ('buy', 'sell');
create type order_type as enum ('limit', 'market');
create type order_tif as enum ('gtc', 'ioc', 'fok');
create type order_stp as enum ('none', 'expire_taker', 'expire_maker', 'expire_both', 'decrement');
create type order_trigger as enum ('above', 'below');
create type order_door as enum ('engine', 'order_entry', 'web', 'operator');
create type order_status as enum (
    'sent',          -- funded and on its way to the matcher
    'waiting',       -- a stop or take-profit before its trigger
    'open',          -- accepted, nothing executed yet
    'partly_filled',
    'filled',
    'cancelled',     -- `why` says by what; something may have executed before
    'replaced',      -- by the order `replaced_by`
    'refused',       -- by the engine; `why` is its verdict; nothing was held
    'rejected'       -- by the matcher; `why` is its reason; what was held is released
);

create table orders (
    order_no        bigint        primary key,       -- record_seq of the command that placed it
    account         bigint        not null,
    instrument      integer       not null,          -- 65535 and the like in refused orders: no such instrument
    side            order_side,                      -- null (and in the next ones): refused for a value without meaning
    type            order_type,
    tif             order_tif,
    stp             order_stp,
    post_only       boolean       not null,
    door            order_door    not null,
    client_order_id text,
    user_ref        bigint,                          -- order entry's UserRefNum
    price_ticks     bigint        not null,
    limit_ticks     bigint        not null,          -- market orders: protection price
    trigger         order_trigger,
    trigger_ticks   bigint        not null,
    qty_lots        bigint        not null,
    executed_lots   bigint        not null check (executed_lots >= 0),
    cancelled_lots  bigint        not null check (cancelled_lots >= 0),
    left_lots       bigint        not null check (left_lots >= 0),
    quote_atoms     numeric(39,0) not null check (quote_atoms >= 0), -- value of what executed
    fee_atoms       numeric(39,0) not null,                          -- of the asset received
    status          order_status  not null,
    is_open         boolean       not null,          -- sent, waiting, open, partly_filled
    why             text,
    matcher_seq     bigint        not null,          -- 0: never sent
    replaces        bigint,
    replaced_by     bigint,
    created_ns      bigint        not null,
    updated_ns      bigint        not null,
    seq             bigint        not null,          -- record of the last change
    check (is_open or left_lots = 0),
    check (status in ('refused', 'rejected') or qty_lots = executed_lots + cancelled_lots + left_lots)
) with (fillfactor = 60);
create index orders_of_account on orders (account, order_no);
create index orders_open on orders (instrument, order_no) where is_open; -- moves once per order, when it closes

grant select, insert, update on orders to xc_writer;
grant select on orders to xc_reader;
