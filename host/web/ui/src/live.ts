/* Joins socket, API and state: which channels are wanted, and what each event changes. */
import { batch, effect, signal } from "@preact/signals";
import { api, Refusal, type Balance, type MyTrade, type Order, type Ticker, type Trade } from "./api";
import { Book, type BookSnapshot, type BookUpdate } from "./book";
import { read } from "./decimal";
import { Socket } from "./socket";
import * as state from "./state";

const LIST_AGAIN_MS = 2000;
const HISTORY_MAX = 200;

/** Counts connections; who shows fetched history fetches it again when this changes. */
export const connection = signal(0);

const socketUrl = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/channels`;
export const socket = new Socket(socketUrl, () => {
    connection.value++;
    void list();
});

/* ---- instruments and accounts: asked for at every connection, since the exchange may be another one ---- */

let listTimer = 0;

async function list(): Promise<void> {
    window.clearTimeout(listTimer);
    try {
        const [instruments] = await Promise.all([api.instruments(), listAccounts()]);
        // The same list again must not look like a change: books and charts hang on it.
        if (JSON.stringify(instruments) !== JSON.stringify(state.instruments.value))
            state.instruments.value = instruments;
        const known = instruments.some((each) => each.symbol === state.symbol.value);
        if (instruments.length > 0 && !known) chooseSymbol(firstSymbol(instruments.map((each) => each.symbol)));
        if (instruments.length > 0 && state.accounts.value.length > 0) return;
    } catch {
        /* the socket says that the server is away */
    }
    listTimer = window.setTimeout(() => void list(), LIST_AGAIN_MS);
}

async function listAccounts(): Promise<void> {
    try {
        const accounts = await api.accounts();
        state.accounts.value = accounts;
        state.noAccount.value = accounts.length > 0 ? "" : "There is no account yet.";
        const wanted = state.userId.value || state.remembered("account", "");
        const found = accounts.find((each) => each.user_id === wanted) ?? accounts[0];
        state.userId.value = found?.user_id ?? "";
    } catch (error) {
        state.noAccount.value = error instanceof Refusal ? error.message : String(error);
    }
}

function firstSymbol(symbols: string[]): string {
    const wanted = [decodeURIComponent(location.hash.slice(1)), state.remembered("symbol", "")];
    return wanted.find((each) => symbols.includes(each)) ?? symbols[0] ?? "";
}

export function chooseSymbol(symbol: string): void {
    state.remember("symbol", symbol);
    history.replaceState(null, "", `#${encodeURIComponent(symbol)}`);
    state.symbol.value = symbol;
}

export function chooseAccount(user: string): void {
    state.remember("account", user);
    state.userId.value = user;
}

window.addEventListener("hashchange", () => {
    const symbol = decodeURIComponent(location.hash.slice(1));
    if (state.instruments.value.some((each) => each.symbol === symbol)) chooseSymbol(symbol);
});

/* ---- for as long as the page lives ---- */

socket.subscribe("status", (_, data) => {
    const attached = (data as { exchange: string }).exchange === "attached";
    if (attached && state.exchangeAttached.value === false) void list();
    state.exchangeAttached.value = attached;
});

socket.subscribe("ticker.*", (_, data) => {
    const tickers = new Map(state.tickers.value);
    for (const ticker of Array.isArray(data) ? (data as Ticker[]) : [data as Ticker]) tickers.set(ticker.symbol, ticker);
    state.tickers.value = tickers;
});

/* ---- the instrument shown ---- */

function showTouch(): void {
    const bid = state.market.book.best("bids");
    const ask = state.market.book.best("asks");
    const shown = state.touch.peek();
    if (shown.bid !== bid || shown.ask !== ask) state.touch.value = { bid, ask };
}
state.market.bookFrames.listen(showTouch);

state.market.tapeFrames.listen(() => {
    const trades = state.market.trades;
    const newest = trades[0];
    if (newest === undefined) {
        state.lastTrade.value = null;
        return;
    }
    const before = trades.find((each) => each.price !== newest.price);
    const rising =
        before === undefined
            ? null
            : read(newest.price, state.ASSET_DECIMALS) > read(before.price, state.ASSET_DECIMALS);
    const shown = state.lastTrade.peek();
    if (shown?.price !== newest.price || shown.rising !== rising)
        state.lastTrade.value = { price: newest.price, rising };
});

function watchBook(symbol: string): () => void {
    const { market } = state;
    const channel = `depth.${symbol}`;
    return socket.subscribe(channel, (event, data) => {
        if (event === "snapshot") market.book.snapshot(data as BookSnapshot);
        else if (!market.book.update(data as BookUpdate)) {
            market.book.last = -1; // nothing is applied until the snapshot is here
            socket.refresh(channel);
        }
        market.bookFrames.changed();
    });
}

function watchTape(symbol: string): () => void {
    const { market } = state;
    return socket.subscribe(`trade.${symbol}`, (event, data) => {
        if (event === "snapshot") market.trades = (data as Trade[]).slice().reverse();
        else if ((data as Trade).id > (market.trades[0]?.id ?? 0)) market.trades.unshift(data as Trade);
        if (market.trades.length > state.TAPE_MAX) market.trades.length = state.TAPE_MAX;
        market.tapeFrames.changed();
    });
}

effect(() => {
    const instrument = state.instrument.value;
    if (instrument === null) return;
    const { market } = state;
    market.book = new Book(instrument.pricePrecision, instrument.quantityPrecision);
    market.trades = [];
    market.bookFrames.changed();
    market.tapeFrames.changed();
    batch(() => {
        state.form.price.value = "";
        state.form.stop.value = "";
        state.form.qty.value = "";
    });
    const ends = [watchBook(instrument.symbol), watchTape(instrument.symbol)];
    return () => ends.forEach((end) => end());
});

effect(() => {
    const symbol = state.instrument.value?.symbol;
    const interval = state.interval.value;
    if (symbol === undefined) return;
    return socket.subscribe(`candle.${symbol}.${interval}`, (_, data) =>
        state.market.candle?.((data as { kline: unknown }).kline),
    );
});

/* ---- the account shown ---- */

function isOpen(order: Order): boolean {
    return order.status === "NEW" || order.status === "PARTIALLY_FILLED";
}

function takeOrder(order: Order): void {
    const others = state.openOrders.value.filter((each) => each.orderId !== order.orderId);
    if (isOpen(order)) {
        const at = state.openOrders.value.findIndex((each) => each.orderId === order.orderId);
        if (at < 0) others.unshift(order);
        else others.splice(at, 0, order);
    } else {
        const finished = state.orderHistory.value.filter((each) => each.orderId !== order.orderId);
        state.orderHistory.value = [order, ...finished].slice(0, HISTORY_MAX);
    }
    state.openOrders.value = others;
}

function takeBalance(balance: Balance): void {
    const at = state.balances.value.findIndex((each) => each.asset === balance.asset);
    const balances = state.balances.value.slice();
    if (at < 0) balances.push(balance);
    else balances[at] = balance;
    state.balances.value = balances;
}

function takeTrades(trades: MyTrade[]): void {
    const key = (trade: MyTrade) => `${trade.symbol} ${trade.id} ${trade.isBuyer}`;
    const known = new Map(state.myTrades.value.map((each) => [key(each), each]));
    for (const trade of trades) known.set(key(trade), trade);
    state.myTrades.value = [...known.values()].sort((a, b) => b.time - a.time || b.id - a.id).slice(0, HISTORY_MAX);
}

async function fetchHistory(user: string): Promise<void> {
    const [orders, trades] = await Promise.allSettled([api.orderHistory(user), api.tradeHistory(user)]);
    if (state.userId.value !== user) return;
    batch(() => {
        if (orders.status === "fulfilled") {
            const newer = state.orderHistory.value.filter(
                (each) => !orders.value.some((other) => other.orderId === each.orderId),
            );
            state.orderHistory.value = [...newer, ...orders.value].slice(0, HISTORY_MAX);
        }
        if (trades.status === "fulfilled") takeTrades(trades.value);
    });
}

function forgetAccount(): void {
    state.openOrders.value = [];
    state.orderHistory.value = [];
    state.myTrades.value = [];
    state.balances.value = [];
}

effect(() => {
    const user = state.userId.value;
    if (user === "") return;
    batch(forgetAccount);
    return socket.subscribe(`user.${user}`, (event, data) =>
        batch(() => {
            if (event === "order") takeOrder(data as Order);
            else if (event === "balance") takeBalance(data as Balance);
            else if (event === "trade") takeTrades([data as MyTrade]);
            else if (event === "snapshot") {
                const all = data as { orders: Order[]; balances: Balance[]; trades: MyTrade[] };
                state.openOrders.value = all.orders;
                state.balances.value = all.balances;
                state.myTrades.value = [];
                takeTrades(all.trades);
                void fetchHistory(user);
            }
        }),
    );
});
