/* The local copy of one instrument's book (docs/web-api.md section 4): a snapshot replaces it at any time, an update
 * is applied only when it follows the last one without a gap. Prices and quantities are bigints of the
 * instrument's own decimals. Each side is an array, best first, so that the ladder reads it from the top. */
import { ceilTo, floorTo, read } from "./decimal";

export type WireLevel = [price: string, qty: string];

export interface BookSnapshot {
    u: number;
    time: number;
    bids: WireLevel[];
    asks: WireLevel[];
}

export interface BookUpdate extends BookSnapshot {
    U: number;
}

export interface Level {
    price: bigint;
    qty: bigint;
}

export interface LadderLevel extends Level {
    total: bigint; // of this level and all better ones
}

export type Side = "bids" | "asks";

/** A snapshot holds at most so many levels a side; what lies behind them is not known. */
export const SNAPSHOT_LEVELS = 500;

export class Book {
    bids: Level[] = [];
    asks: Level[] = [];
    last = -1; // u of the last one applied; -1 before the first snapshot
    private truncated = { bids: false, asks: false };

    constructor(
        readonly priceDecimals: number,
        readonly qtyDecimals: number,
    ) {}

    snapshot(data: BookSnapshot): void {
        this.bids = data.bids.map((level) => this.level(level));
        this.asks = data.asks.map((level) => this.level(level));
        this.truncated = { bids: data.bids.length >= SNAPSHOT_LEVELS, asks: data.asks.length >= SNAPSHOT_LEVELS };
        this.last = data.u;
    }

    /** False: there is a gap, or too little is left of a truncated snapshot. The book needs a new one. */
    update(data: BookUpdate): boolean {
        if (this.last < 0 || data.u <= this.last) return true;
        if (data.U !== this.last + 1) return false;
        for (const level of data.bids) this.put("bids", this.level(level));
        for (const level of data.asks) this.put("asks", this.level(level));
        this.last = data.u;
        return !this.runsShort("bids") && !this.runsShort("asks");
    }

    /** The best `rows` levels, prices gathered to multiples of `step`: bids fall to one, asks rise. */
    ladder(side: Side, step: bigint, rows: number): LadderLevel[] {
        const levels: LadderLevel[] = [];
        let total = 0n;
        for (const level of this[side]) {
            const price = side === "bids" ? floorTo(level.price, step) : ceilTo(level.price, step);
            const last = levels[levels.length - 1];
            if (last !== undefined && last.price === price) {
                total += level.qty;
                last.qty += level.qty;
                last.total = total;
                continue;
            }
            if (levels.length === rows) break;
            total += level.qty;
            levels.push({ price, qty: level.qty, total });
        }
        return levels;
    }

    /** What taking `qty` from a side would cost now, in price units times quantity units, and how much is there. */
    cost(side: Side, qty: bigint): { cost: bigint; taken: bigint } {
        let taken = 0n;
        let cost = 0n;
        for (const level of this[side]) {
            if (taken === qty) break;
            const part = level.qty < qty - taken ? level.qty : qty - taken;
            taken += part;
            cost += part * level.price;
        }
        return { cost, taken };
    }

    best(side: Side): bigint | null {
        return this[side][0]?.price ?? null;
    }

    private level([price, qty]: WireLevel): Level {
        return { price: read(price, this.priceDecimals), qty: read(qty, this.qtyDecimals) };
    }

    private runsShort(side: Side): boolean {
        return this.truncated[side] && this[side].length < SNAPSHOT_LEVELS / 2;
    }

    private put(side: Side, level: Level): void {
        const levels = this[side];
        let low = 0;
        let high = levels.length;
        while (low < high) {
            const middle = (low + high) >> 1;
            const price = (levels[middle] as Level).price;
            if (side === "bids" ? price > level.price : price < level.price) low = middle + 1;
            else high = middle;
        }
        const found = levels[low]?.price === level.price;
        if (level.qty === 0n) {
            if (found) levels.splice(low, 1);
        } else if (found) levels[low] = level;
        else levels.splice(low, 0, level);
    }
}

/** Steps for grouping: 1, 2, 5, 10, ... ticks, those that make round prices. */
export function groupSteps(tick: bigint): bigint[] {
    const steps = [tick];
    let power = 1n;
    while (power <= tick) power *= 10n;
    for (; steps.length < 9; power *= 10n)
        for (const factor of [1n, 2n, 5n]) {
            const step = (power * factor) / 10n;
            if (step > tick && step % tick === 0n && steps.length < 9) steps.push(step);
        }
    return steps;
}
