-- The same rows for people: symbols and names for numbers, decimals for ticks, lots and atoms, UTC times.
create function time_of(time_ns bigint) returns timestamptz language sql immutable parallel safe
    return timestamptz 'epoch' + (time_ns / 1000) * interval '1 microsecond';

-- a units of 10^-decimals; numeric keeps every digit
create function decimal_of(amount numeric, decimals integer) returns numeric language sql immutable parallel safe
    return round(amount * 10::numeric ^ -decimals, decimals);

create view readable_orders as
select o.order_no, o.account, i.symbol, o.side, o.type, o.tif, o.status, o.why,
       decimal_of(o.price_ticks * i.tick_e8, 8) as price,
       decimal_of(o.qty_lots * i.lot_atoms, b.decimals) as qty,
       decimal_of(o.executed_lots * i.lot_atoms, b.decimals) as executed,
       decimal_of(o.left_lots * i.lot_atoms, b.decimals) as "left",
       decimal_of(o.quote_atoms, q.decimals) as executed_value,
       o.client_order_id, o.door, time_of(o.created_ns) as created_at, time_of(o.updated_ns) as updated_at
from orders o
left join instruments i using (instrument)
left join assets b on b.asset = i.base_asset
left join assets q on q.asset = i.quote_asset;

create view readable_trades as
select t.record_seq, time_of(t.time_ns) as traded_at, i.symbol, t.match, t.taker_side,
       decimal_of(t.price_ticks * i.tick_e8, 8) as price,
       decimal_of(t.qty_lots * i.lot_atoms, b.decimals) as qty,
       decimal_of(t.price_ticks * t.qty_lots::numeric * i.tick_lot_atoms, q.decimals) as value,
       t.maker_account, t.taker_account, t.maker_order_no, t.taker_order_no,
       decimal_of(t.maker_fee_atoms, case t.taker_side when 'buy' then q.decimals else b.decimals end) as maker_fee,
       decimal_of(t.taker_fee_atoms, case t.taker_side when 'buy' then b.decimals else q.decimals end) as taker_fee
from trades t
join instruments i using (instrument)
join assets b on b.asset = i.base_asset
join assets q on q.asset = i.quote_asset;

create view readable_balances as
select l.account, a.name, s.name as asset,
       decimal_of(l.available_atoms, s.decimals) as available, decimal_of(l.held_atoms, s.decimals) as held
from balances l
join assets s using (asset)
left join accounts a using (account);

create view readable_balance_changes as
select c.record_seq, time_of(c.time_ns) as changed_at, c.account, s.name as asset, c.reason, c.reference,
       decimal_of(c.available_delta_atoms, s.decimals) as available_change,
       decimal_of(c.held_delta_atoms, s.decimals) as held_change,
       decimal_of(c.available_atoms, s.decimals) as available, decimal_of(c.held_atoms, s.decimals) as held
from balance_changes c
join assets s using (asset);

create view readable_candles as
select i.symbol, c.interval_s, time_of(c.open_ns) as opened_at,
       decimal_of(c.open_ticks * i.tick_e8, 8) as open, decimal_of(c.high_ticks * i.tick_e8, 8) as high,
       decimal_of(c.low_ticks * i.tick_e8, 8) as low, decimal_of(c.close_ticks * i.tick_e8, 8) as close,
       decimal_of(c.volume_lots * i.lot_atoms, b.decimals) as volume,
       decimal_of(c.quote_atoms, q.decimals) as value, c.trade_count
from candles c
join instruments i using (instrument)
join assets b on b.asset = i.base_asset
join assets q on q.asset = i.quote_asset;

-- Money is neither made nor lost: every sum here is zero.
create view asset_sums as
select s.name as asset, decimal_of(sum(l.available_atoms + l.held_atoms), s.decimals) as sum
from balances l
join assets s using (asset)
group by s.name, s.decimals;

grant select on readable_orders, readable_trades, readable_balances, readable_balance_changes, readable_candles,
    asset_sums to xc_reader, xc_writer;
