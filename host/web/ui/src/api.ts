/* The plain API on our own origin, typed. A refusal is a Refusal with the server's own sentence. */

export interface Instrument {
    symbol: string;
    status: string;
    baseAsset: string;
    quoteAsset: string;
    tickSize: string;
    stepSize: string;
    minNotional: string;
    makerFee: string;
    takerFee: string;
    pricePrecision: number;
    quantityPrecision: number;
}

export interface Ticker {
    symbol: string;
    priceChange: string;
    priceChangePercent: string;
    lastPrice: string;
    highPrice: string;
    lowPrice: string;
    volume: string;
    quoteVolume: string;
    count: number;
}

export interface Trade {
    id: number;
    price: string;
    qty: string;
    time: number;
    isBuyerMaker: boolean;
}

export type Kline = [
    openTime: number,
    open: string,
    high: string,
    low: string,
    close: string,
    volume: string,
    closeTime: number,
    quoteVolume: string,
    trades: number,
    ...rest: unknown[],
];

export interface Order {
    symbol: string;
    orderId: number;
    clientOrderId: string;
    price: string;
    origQty: string;
    executedQty: string;
    cummulativeQuoteQty: string;
    status: string;
    timeInForce: string;
    type: string;
    side: "BUY" | "SELL";
    stopPrice: string;
    time: number;
    updateTime: number;
    isWorking: boolean;
}

export interface MyTrade {
    symbol: string;
    id: number;
    orderId: number;
    price: string;
    qty: string;
    quoteQty: string;
    commission: string;
    commissionAsset: string;
    time: number;
    isBuyer: boolean;
    isMaker: boolean;
}

export interface Balance {
    asset: string;
    free: string;
    locked: string;
}

export interface Account {
    user_id: string;
    name: string;
}

export interface NewOrder {
    market: string;
    side: "buy" | "sell";
    type: "limit" | "market";
    quantity: string;
    user_id: string;
    client_order_id: string;
    price?: string;
    stop_price?: string;
    stop_type?: "stop" | "take_profit";
    time_in_force?: string;
    post_only?: boolean;
}

/** `reason` is "" when nobody answered. */
export class Refusal extends Error {
    constructor(
        message: string,
        readonly reason: string,
    ) {
        super(message);
    }
}

const ANSWER_MS = 15000; // the server itself gives up after 10 s and says so

async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), ANSWER_MS);
    let response: Response;
    let answer: unknown;
    try {
        response = await fetch(path, {
            method,
            signal: abort.signal,
            ...(body === undefined
                ? {}
                : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
        });
        answer = await response.json();
    } catch {
        throw new Refusal(
            method === "GET"
                ? "The server does not answer."
                : "The server does not answer, so it is not known whether this was done. Look at your open orders before you try again.",
            "",
        );
    } finally {
        clearTimeout(timer);
    }
    if (response.ok) return answer as T;
    const { msg, reason } = answer as { msg?: string; reason?: string };
    throw new Refusal(msg ?? `The server answered ${response.status}.`, reason ?? "");
}

function query(path: string, values: Record<string, string | number | undefined>): string {
    const words = Object.entries(values)
        .filter(([, value]) => value !== undefined)
        .map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`);
    return `${path}?${words.join("&")}`;
}

export const api = {
    instruments: () => call<Instrument[]>("GET", "/instruments"),
    accounts: () => call<Account[]>("GET", "/accounts"),
    klines: (symbol: string, interval: string, endTime?: number) =>
        call<Kline[]>("GET", query("/klines", { symbol, interval, limit: 500, end_time: endTime })),
    orderHistory: (user: string) => call<Order[]>("GET", query("/orders/history", { user_id: user, limit: 100 })),
    tradeHistory: (user: string) => call<MyTrade[]>("GET", query("/trade/history", { user_id: user, limit: 100 })),
    place: (order: NewOrder) => call<Order>("POST", "/order", order),
    cancel: (order: Order, user: string) =>
        call<Order>("DELETE", "/order", { order_id: String(order.orderId), market: order.symbol, user_id: user }),
    cancelAll: (user: string, market?: string) =>
        call<{ cancelled: number }>("POST", "/order/cancel_all", { user_id: user, market }),
};
