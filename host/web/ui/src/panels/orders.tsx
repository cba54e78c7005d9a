/* Open orders with their cancels, and what has been: finished orders and own trades. */
import { signal, useComputed } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { api, Refusal, type MyTrade, type Order } from "../api";
import { grouped, read, ratio, trimmed } from "../decimal";
import { chooseSymbol } from "../live";
import * as state from "../state";
import { confirm } from "./dialogs";
import { stamp } from "./times";
import { toast } from "./toasts";

const LISTS = [
    ["open", "Open orders"],
    ["orders", "Order history"],
    ["trades", "Trade history"],
] as const;
type List = (typeof LISTS)[number][0];

const list = signal<List>("open");
const onlyThis = signal(state.remembered("only-this", "no") === "yes");

function kindOf(order: Order): string {
    const words: Record<string, string> = {
        LIMIT: "Limit",
        MARKET: "Market",
        LIMIT_MAKER: "Post-only",
        STOP_LOSS: "Stop",
        STOP_LOSS_LIMIT: "Stop limit",
        TAKE_PROFIT: "Take profit",
        TAKE_PROFIT_LIMIT: "Take profit limit",
    };
    const kind = words[order.type] ?? order.type;
    return order.timeInForce !== "GTC" && order.type === "LIMIT" ? `${kind} ${order.timeInForce}` : kind;
}

function priceOf(order: Order): string {
    const isZero = /^[0.]*$/.test(order.price);
    const waits = !/^[0.]*$/.test(order.stopPrice);
    const price = isZero ? "market" : grouped(order.price);
    return waits ? `${grouped(order.stopPrice)} → ${price}` : price;
}

const STATUS: Record<string, string> = {
    NEW: "Open",
    PARTIALLY_FILLED: "Partly filled",
    FILLED: "Filled",
    CANCELED: "Cancelled",
    REJECTED: "Rejected",
    EXPIRED: "Expired",
    EXPIRED_IN_MATCH: "Expired (self-trade)",
};

async function cancel(order: Order): Promise<void> {
    try {
        await api.cancel(order, state.userId.value);
        toast(`Cancelled: ${order.side.toLowerCase()} ${grouped(order.origQty)} ${order.symbol}`);
    } catch (problem) {
        toast(problem instanceof Refusal ? problem.message : String(problem), "bad");
    }
}

export async function cancelAll(): Promise<void> {
    const only = onlyThis.value ? state.symbol.value : undefined;
    const count = shownOpen().length;
    if (count === 0) {
        toast("There is no open order to cancel.");
        return;
    }
    const orders = `${count === 1 ? "The open order" : `All ${count} open orders`}${only === undefined ? "" : ` in ${only}`}`;
    if (!(await confirm(`Cancel ${count === 1 ? "it" : "them all"}?`, `${orders} will be cancelled.`, count === 1 ? "Cancel the order" : `Cancel ${count} orders`))) return;
    try {
        const { cancelled } = await api.cancelAll(state.userId.value, only);
        toast(`${cancelled} ${cancelled === 1 ? "order" : "orders"} cancelled`);
    } catch (problem) {
        toast(problem instanceof Refusal ? problem.message : String(problem), "bad");
    }
}

function ofSymbol<T extends { symbol: string }>(all: T[]): T[] {
    return onlyThis.value ? all.filter((each) => each.symbol === state.symbol.value) : all;
}

function shownOpen(): Order[] {
    return ofSymbol(state.openOrders.value);
}

function Symbol({ of }: { of: string }) {
    return (
        <button type="button" class="symbol" onClick={() => chooseSymbol(of)} title={`Show ${of}`}>
            {of}
        </button>
    );
}

function Filled({ order }: { order: Order }) {
    const part = ratio(read(order.executedQty, 18) * 100n, read(order.origQty, 18), 0);
    return (
        <td class="figure filled" data-label="Filled">
            {grouped(order.executedQty)}
            <i style={{ "--part": `${part}%` } as Record<string, string>} aria-hidden="true" />
        </td>
    );
}

function OrderRow({ order, open }: { order: Order; open: boolean }) {
    const side = order.side.toLowerCase();
    return (
        <tr data-order={order.orderId}>
            <td class="time" data-label="Time">
                {stamp(open ? order.time : order.updateTime)}
            </td>
            <td class="name">
                <Symbol of={order.symbol} />
            </td>
            <td class={`side ${side}`}>{order.side === "BUY" ? "Buy" : "Sell"}</td>
            <td class="kind">{kindOf(order)}</td>
            <td class="figure" data-label="Price">
                {priceOf(order)}
            </td>
            <td class="figure" data-label="Quantity">
                {grouped(order.origQty)}
            </td>
            <Filled order={order} />
            <td class="status">{open && !order.isWorking ? "Waiting" : (STATUS[order.status] ?? order.status)}</td>
            {open && (
                <td class="act">
                    <button
                        type="button"
                        class="cancel"
                        aria-label={`Cancel ${side} ${order.origQty} ${order.symbol} at ${order.price}`}
                        onClick={() => void cancel(order)}
                    >
                        Cancel
                    </button>
                </td>
            )}
        </tr>
    );
}

function TradeRow({ trade }: { trade: MyTrade }) {
    return (
        <tr data-trade={trade.id}>
            <td class="time" data-label="Time">
                {stamp(trade.time)}
            </td>
            <td class="name">
                <Symbol of={trade.symbol} />
            </td>
            <td class={`side ${trade.isBuyer ? "buy" : "sell"}`}>{trade.isBuyer ? "Buy" : "Sell"}</td>
            <td class="kind">{trade.isMaker ? "Maker" : "Taker"}</td>
            <td class="figure" data-label="Price">
                {grouped(trade.price)}
            </td>
            <td class="figure" data-label="Quantity">
                {grouped(trade.qty)}
            </td>
            <td class="figure" data-label="Total">
                {grouped(trimmed(trade.quoteQty, 2))}
            </td>
            <td class="figure" data-label="Fee">
                {trimmed(trade.commission)} <span class="dim">{trade.commissionAsset}</span>
            </td>
        </tr>
    );
}

function Table({ heads, empty, children, count }: { heads: [string, string][]; empty: string; count: number; children: ComponentChildren }) {
    if (count === 0) return <p class="empty">{empty}</p>;
    return (
        <table>
            <thead>
                <tr>
                    {heads.map(([words, kind]) => (
                        <th key={words} class={kind} scope="col">
                            {words}
                        </th>
                    ))}
                </tr>
            </thead>
            <tbody>{children}</tbody>
        </table>
    );
}

const ORDER_HEADS: [string, string][] = [
    ["Time", "time"],
    ["Instrument", "name"],
    ["Side", "side"],
    ["Type", "kind"],
    ["Price", "figure"],
    ["Quantity", "figure"],
    ["Filled", "figure"],
    ["Status", "status"],
];
const TRADE_HEADS: [string, string][] = [...ORDER_HEADS.slice(0, 3), ["Role", "kind"], ["Price", "figure"], ["Quantity", "figure"], ["Total", "figure"], ["Fee", "figure"]];

export function Orders() {
    const open = useComputed(shownOpen);
    const finished = useComputed(() => ofSymbol(state.orderHistory.value));
    const trades = useComputed(() => ofSymbol(state.myTrades.value));
    return (
        <section class="panel orders" aria-label="Orders">
            <header class="panel-head">
                <div class="tabs" role="tablist" aria-label="Lists">
                    {LISTS.map(([name, words]) => (
                        <button key={name} type="button" role="tab" id={`list-${name}`} aria-selected={list.value === name} aria-controls="list" onClick={() => (list.value = name)}>
                            {words}
                            {name === "open" && <span class="count">{open.value.length}</span>}
                        </button>
                    ))}
                </div>
                <label class="check">
                    <input
                        type="checkbox"
                        checked={onlyThis.value}
                        onChange={(event) => {
                            onlyThis.value = event.currentTarget.checked;
                            state.remember("only-this", onlyThis.value ? "yes" : "no");
                        }}
                    />
                    <span>This instrument only</span>
                </label>
                {list.value === "open" && (
                    <button type="button" id="cancel-all" class="quiet" disabled={open.value.length === 0} onClick={() => void cancelAll()}>
                        Cancel all
                    </button>
                )}
            </header>
            <div class="list" id="list" role="tabpanel" aria-labelledby={`list-${list.value}`} tabIndex={0}>
                {list.value === "open" && (
                    <Table heads={[...ORDER_HEADS, ["", "act"]]} count={open.value.length} empty="No open orders. What you place rests here until it trades or you cancel it.">
                        {open.value.map((order) => (
                            <OrderRow key={order.orderId} order={order} open={true} />
                        ))}
                    </Table>
                )}
                {list.value === "orders" && (
                    <Table heads={ORDER_HEADS} count={finished.value.length} empty="No finished orders yet.">
                        {finished.value.map((order) => (
                            <OrderRow key={order.orderId} order={order} open={false} />
                        ))}
                    </Table>
                )}
                {list.value === "trades" && (
                    <Table heads={TRADE_HEADS} count={trades.value.length} empty="No trades yet.">
                        {trades.value.map((trade) => (
                            <TradeRow key={`${trade.id} ${trade.isBuyer}`} trade={trade} />
                        ))}
                    </Table>
                )}
            </div>
        </section>
    );
}
