-- What everybody has, and how it came to be so. `balances` is the last state; `balance_changes` has a row for every
-- movement with the balance after it, so that an account's history reads like a statement, and the two check
-- each other. One record may move several balances: `part` numbers them.
create table balances (
    account         bigint        not null,
    asset           integer       not null,
    available_atoms numeric(39,0) not null check (available_atoms >= 0 or account = 0), -- 0 is the outside
    held_atoms      numeric(39,0) not null check (held_atoms >= 0),
    seq             bigint        not null,
    primary key (account, asset)
) with (fillfactor = 60);

create type balance_reason as enum (
    'deposit', 'withdrawal_requested', 'withdrawal_done', 'withdrawal_refused',
    'order_held',     -- an order's funds move from available to held
    'order_released', -- what a cancelled, reduced or rejected order no longer needs moves back
    'trade_paid',     -- leaves held; what a buying taker saved against its limit returns to available
    'trade_received', -- comes to available, the fee taken off
    'fee'             -- comes to the house
);

create table balance_changes (
    record_seq            bigint         not null,
    part                  smallint       not null,
    time_ns               bigint         not null,
    account               bigint         not null,
    asset                 integer        not null,
    reason                balance_reason not null,
    reference             bigint         not null, -- order_no; of a deposit or withdrawal its transfer_no
    available_delta_atoms numeric(39,0)  not null,
    held_delta_atoms      numeric(39,0)  not null,
    available_atoms       numeric(39,0)  not null, -- after it
    held_atoms            numeric(39,0)  not null,
    primary key (account, record_seq, part, time_ns)
) partition by range (time_ns);
create index balance_changes_in_time on balance_changes using brin (time_ns) with (pages_per_range = 32);

grant select, insert, update on balances to xc_writer;
grant select, insert on balance_changes to xc_writer; -- append-only
grant select on balances, balance_changes to xc_reader;
