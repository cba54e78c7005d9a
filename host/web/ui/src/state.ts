/* What the page knows, as signals: a panel draws again only when a signal that it reads has changed. Book and tape
 * change too often for that; they are plain objects with listeners that are called once per animation frame. */
import { computed, signal } from "@preact/signals";
import type { Account, Balance, Instrument, MyTrade, Order, Ticker, Trade } from "./api";
import { Book } from "./book";
import { parse, read } from "./decimal";

export type Theme = "dark" | "light";
export type Tab = "chart" | "book" | "trade" | "orders" | "funds";

/* ---- remembered between visits; a browser that forbids it forgets ---- */

export function remembered(key: string, otherwise: string): string {
    try {
        return localStorage.getItem(`crosspoint.${key}`) ?? otherwise;
    } catch {
        return otherwise;
    }
}

export function remember(key: string, value: string): void {
    try {
        localStorage.setItem(`crosspoint.${key}`, value);
    } catch {
        /* private window: the choice lasts as long as the page */
    }
}

export const theme = signal<Theme>(remembered("theme", "dark") === "light" ? "light" : "dark");
export const tab = signal<Tab>("chart");
export const interval = signal(remembered("interval", "1m"));

/* ---- the market ---- */

export const instruments = signal<Instrument[]>([]);
export const tickers = signal<ReadonlyMap<string, Ticker>>(new Map());
export const symbol = signal("");
export const instrument = computed(() => instruments.value.find((each) => each.symbol === symbol.value) ?? null);
export const ticker = computed(() => tickers.value.get(symbol.value) ?? null);

export interface LastTrade {
    price: string;
    rising: boolean | null;
}
export const lastTrade = signal<LastTrade | null>(null);
/** Price units of the touch, for estimates; null: nothing there. */
export const touch = signal<{ bid: bigint | null; ask: bigint | null }>({ bid: null, ask: null });

class Frames {
    private readonly listeners = new Set<() => void>();
    private pending = false;

    listen(listener: () => void): () => void {
        this.listeners.add(listener);
        this.changed();
        return () => this.listeners.delete(listener);
    }

    changed(): void {
        if (this.pending) return;
        this.pending = true;
        requestAnimationFrame(() => {
            this.pending = false;
            for (const listener of this.listeners) listener();
        });
    }
}

export const TAPE_MAX = 200;

/** Of the instrument shown. Replaced when another is chosen. */
export const market = {
    book: new Book(0, 0),
    trades: [] as Trade[], // newest first, at most TAPE_MAX
    bookFrames: new Frames(),
    tapeFrames: new Frames(),
    candle: null as ((kline: unknown) => void) | null,
};

/* ---- the account ---- */

export const accounts = signal<Account[]>([]);
export const userId = signal("");
/** Why there is no account to trade with; "" when there is one. */
export const noAccount = signal("");
export const openOrders = signal<Order[]>([]);
export const orderHistory = signal<Order[]>([]);
export const myTrades = signal<MyTrade[]>([]);
export const balances = signal<Balance[]>([]);

export const ASSET_DECIMALS = 18; // amounts of any asset, exact

export function free(asset: string): bigint {
    const balance = balances.value.find((each) => each.asset === asset);
    return balance === undefined ? 0n : read(balance.free, ASSET_DECIMALS);
}

/* ---- exchange and connection ---- */

export const exchangeAttached = signal<boolean | null>(null);

/* ---- what the form holds; the ladder writes into it ---- */

export type Side = "buy" | "sell";
export type Kind = "limit" | "market" | "stop";
export const form = {
    side: signal<Side>("buy"),
    kind: signal<Kind>("limit"),
    price: signal(""),
    stop: signal(""),
    qty: signal(""),
};

/** A price clicked in ladder or tape. */
export function fillPrice(price: string): void {
    if (form.kind.value === "market") form.kind.value = "limit";
    if (form.kind.value === "stop" && form.stop.value === "") form.stop.value = price;
    else form.price.value = price;
}

export function tickUnits(which: Instrument): bigint {
    return parse(which.tickSize, which.pricePrecision) ?? 1n;
}

export function lotUnits(which: Instrument): bigint {
    return parse(which.stepSize, which.quantityPrecision) ?? 1n;
}
