/* What an order would cost, from exact numbers: totals, fees, and how much a share of the balance buys. */
import type { Book } from "./book";
import { floorTo } from "./decimal";

export interface Terms {
    priceDecimals: number;
    qtyDecimals: number;
    lot: bigint;
    makerFee: bigint; // millionths
    takerFee: bigint;
}

/** A market order stops at this distance from the touch: what the engine's own collar does when we name no price. */
export const MARKET_REACH_PERCENT = 5n;

export interface Estimate {
    total: bigint; // quote, in priceDecimals + qtyDecimals
    fee: bigint; // of the base (buy; qtyDecimals + 6) or the quote (sell; priceDecimals + qtyDecimals + 6)
    takes: boolean; // trades at once, at least in part: the taker's fee
    short: boolean; // a market order that the book cannot fill now
}

export function marketEstimate(book: Book, terms: Terms, buy: boolean, qty: bigint): Estimate {
    const { cost, taken } = book.cost(buy ? "asks" : "bids", qty);
    return { total: cost, fee: (buy ? taken : cost) * terms.takerFee, takes: true, short: taken < qty };
}

export function limitEstimate(book: Book, terms: Terms, buy: boolean, price: bigint, qty: bigint, rests: boolean): Estimate {
    const against = book.best(buy ? "asks" : "bids");
    const takes = !rests && against !== null && (buy ? price >= against : price <= against);
    const total = price * qty;
    return { total, fee: (buy ? qty : total) * (takes ? terms.takerFee : terms.makerFee), takes, short: false };
}

/** The most that `percent` of what is free can buy or sell, in whole lots. `free` has `freeDecimals`. */
export function affordable(
    terms: Terms,
    buy: boolean,
    price: bigint | null,
    free: bigint,
    freeDecimals: number,
    percent: bigint,
): bigint {
    const share = (free * percent) / 100n;
    if (!buy) return floorTo((share * 10n ** BigInt(terms.qtyDecimals)) / 10n ** BigInt(freeDecimals), terms.lot);
    if (price === null || price <= 0n) return 0n;
    const scale = 10n ** BigInt(terms.priceDecimals + terms.qtyDecimals);
    return floorTo((share * scale) / (price * 10n ** BigInt(freeDecimals)), terms.lot);
}
