-- The SQL face under the names that the project's founding documents gave it. Read-only: orders enter through order
-- entry or the web, where they are checked and funded, so what was addOrder(...) there is the view "addOrder" of
-- the rows that were added. Each name works with and without quotes.
create view "addOrder" as
select o.order_no as id, o.account as "userId", i.symbol as security,
       case o.side when 'buy' then 'bid' when 'sell' then 'ask' end as type, o.type as exec_type,
       decimal_of(o.price_ticks * i.tick_e8, 8) as price,
       decimal_of(o.qty_lots * i.lot_atoms, b.decimals) as amount,
       decimal_of(o.executed_lots * i.lot_atoms, b.decimals) as filled,
       o.status, time_of(o.created_ns) as timestamp
from orders o
left join instruments i using (instrument)
left join assets b on b.asset = i.base_asset;

-- total = price times amount
create view "addTrade" as
select t.match as id, t.taker_account as "userId", i.symbol as security, time_of(t.time_ns) as timestamp,
       decimal_of(t.price_ticks * i.tick_e8, 8) as price,
       decimal_of(t.qty_lots * i.lot_atoms, b.decimals) as amount,
       decimal_of(t.price_ticks * t.qty_lots::numeric * i.tick_lot_atoms, q.decimals) as total,
       t.record_seq
from trades t
join instruments i using (instrument)
join assets b on b.asset = i.base_asset
join assets q on q.asset = i.quote_asset;

-- The last n trades, newest first, of one market or of all. n is at most 1000: beyond that, ask the view.
create function "getLatestTrades"(n integer, market text default null)
returns table ("userId" bigint, security text, "timestamp" timestamptz, price numeric, amount numeric, total numeric)
language sql stable as $$
    select "userId", security, "timestamp", price, amount, total
    from "addTrade"
    where market is null or security = market
    order by record_seq desc
    limit least(greatest(n, 0), 1000)
$$;

-- The book of a market from its open orders, grouped by a price step: a bid belongs to the step at or below it, an
-- ask to the one at or above. total = price times amount, summed over the orders. Best first. It is as fresh as
-- the mark; the live book is at /depth.
create function "getAggOrderBook"(market text, step numeric)
returns table (side text, price numeric, amount numeric, total numeric)
language plpgsql stable as $$
begin
    if not exists (select from instruments where symbol = market) then
        raise exception 'no market is called %', market using hint = 'select symbol from instruments';
    end if;
    if step is null or step <= 0 then
        raise exception 'the price step must be above 0, not %', step;
    end if;
    return query
    select case o.side when 'buy' then 'bid' else 'ask' end,
           case o.side when 'buy' then floor(p.exact / step) * step else ceil(p.exact / step) * step end as grouped,
           decimal_of(sum(o.left_lots * i.lot_atoms), b.decimals),
           decimal_of(sum(o.price_ticks * o.left_lots::numeric * i.tick_lot_atoms), q.decimals)
    from instruments i
    join orders o on o.instrument = i.instrument and o.is_open and o.status in ('open', 'partly_filled')
    join assets b on b.asset = i.base_asset
    join assets q on q.asset = i.quote_asset
    cross join lateral (select decimal_of(o.price_ticks * i.tick_e8, 8) as exact) p
    where i.symbol = market and o.type = 'limit'
    group by o.side, grouped, b.decimals, q.decimals
    order by o.side, case o.side when 'buy' then -1 else 1 end
        * case o.side when 'buy' then floor(min(p.exact) / step) * step else ceil(min(p.exact) / step) * step end;
end $$;

create view addorder as select * from "addOrder";
create view addtrade as select * from "addTrade";
create function getlatesttrades(n integer, market text default null)
returns table ("userId" bigint, security text, "timestamp" timestamptz, price numeric, amount numeric, total numeric)
language sql stable as $$ select * from "getLatestTrades"(n, market) $$;
create function getaggorderbook(market text, step numeric)
returns table (side text, price numeric, amount numeric, total numeric)
language sql stable as $$ select * from "getAggOrderBook"(market, step) $$;

grant select on "addOrder", "addTrade", addorder, addtrade to xc_reader, xc_writer;
