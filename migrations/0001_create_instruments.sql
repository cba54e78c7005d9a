-- What is traded, and in which units: every row of every other table counts ticks, lots or atoms, and only these
-- two tables say how much that is. Filled by the projector from ASSET and INSTRUMENT records, refusals left out.
create table assets (
    asset    integer  primary key,          -- index, as in the records
    name     text     not null unique,
    decimals smallint not null check (decimals between 0 and 18), -- atoms per unit = 10^decimals
    seq      bigint   not null              -- record that said so
);

create table instruments (
    instrument         integer       primary key,
    symbol             text          not null unique,
    base_asset         integer       not null references assets,
    quote_asset        integer       not null references assets,
    tick_e8            numeric(20,0) not null check (tick_e8 > 0),        -- price of a tick in 1e-8 of the quote unit
    lot_atoms          numeric(20,0) not null check (lot_atoms > 0),      -- base atoms in a lot
    tick_lot_atoms     numeric(20,0) not null check (tick_lot_atoms > 0), -- quote atoms of one tick times one lot
    min_notional_atoms numeric(39,0) not null,
    max_order_lots     numeric(20,0) not null,                            -- 0 = no limit but the matcher's
    maker_fee_ppm      bigint        not null,
    taker_fee_ppm      bigint        not null,
    seq                bigint        not null
);

grant select, insert, update on assets, instruments to xc_writer;
grant select on assets, instruments to xc_reader;
