"""Holds the tables in PostgreSQL to a second count of the journal."""


def compare_tables(query, told, hint):
    """Row by row; `query` runs SQL as a role, `told` is a Recount, `hint` is said when a row differs."""
    orders = query("""select order_no, account, instrument, side::text, price_ticks, qty_lots, executed_lots,
        cancelled_lots, left_lots, quote_atoms, fee_atoms, status::text, client_order_id, replaces
        from orders order by order_no""", "xc_migrate")
    expected = list(told.order_rows())
    assert len(orders) == len(expected)
    for row, other in zip(orders, expected):
        assert row == other, hint
    trades = query("""select record_seq, time_ns, instrument, match, price_ticks, qty_lots, maker_order_no,
        taker_order_no, maker_account, taker_account, taker_side::text, maker_fee_atoms, taker_fee_atoms
        from trades order by record_seq""", "xc_migrate")
    assert trades == told.trades
    balances = dict(((a, s), [v, h]) for a, s, v, h in query(
        "select account, asset, available_atoms, held_atoms from balances"))
    assert balances == {k: v for k, v in told.balances.items() if k in balances or v != [0, 0]}
    sums = dict(((a, s), [v, h]) for a, s, v, h in query(
        """select account, asset, sum(available_delta_atoms), sum(held_delta_atoms) from balance_changes
        group by account, asset""", "xc_migrate"))
    assert sums == balances
    assert query("select sum(available_atoms + held_atoms) from balances group by asset") == [(0,)] * len({asset for _, asset in balances})
    candles = dict(((r[0], r[1], r[2]), r[3:]) for r in query("""select instrument, interval_s, open_ns, open_ticks,
        high_ticks, low_ticks, close_ticks, volume_lots, quote_atoms, taker_buy_lots, taker_buy_quote_atoms, trade_count,
        first_match, last_match, seq from candles""", "xc_migrate"))
    assert candles == told.candles
    # The statement of each account reads on without a gap: each row is the one before plus its own change.
    assert query("""select count(*) from (select available_atoms - available_delta_atoms
        is distinct from coalesce(lag(available_atoms) over w, 0) or held_atoms - held_delta_atoms
        is distinct from coalesce(lag(held_atoms) over w, 0) as breaks from balance_changes
        window w as (partition by account, asset order by record_seq, part)) c where breaks""", "xc_migrate") == [(0,)]
