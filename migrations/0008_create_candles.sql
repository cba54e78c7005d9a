-- Candles of 1 s, 1 m, 5 m, 15 m, 30 m, 1 h, 4 h and 1 d, made by the projector as trades come and written in the same
-- transaction: PostgreSQL has no first() and last(), and building them from trades costs a thousand times more.
-- A candle covers [open_ns, open_ns + interval_s) and exists only where something traded.
create table candles (
    instrument            integer       not null,
    interval_s            integer       not null check (interval_s in (1, 60, 300, 900, 1800, 3600, 14400, 86400)),
    open_ns               bigint        not null,
    open_ticks            bigint        not null,
    high_ticks            bigint        not null,
    low_ticks             bigint        not null,
    close_ticks           bigint        not null,
    volume_lots           bigint        not null,
    quote_atoms           numeric(39,0) not null,
    taker_buy_lots        bigint        not null,
    taker_buy_quote_atoms numeric(39,0) not null,
    trade_count           bigint        not null,
    first_match           bigint        not null,
    last_match            bigint        not null,
    seq                   bigint        not null, -- record of its last trade
    primary key (instrument, interval_s, open_ns),
    check (low_ticks <= open_ticks and low_ticks <= close_ticks and high_ticks >= open_ticks and high_ticks >= close_ticks),
    check (open_ns % (interval_s * 1000000000::bigint) = 0)
) with (fillfactor = 70);

grant select, insert, update on candles to xc_writer;
grant select on candles to xc_reader;
