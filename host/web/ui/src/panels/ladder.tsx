/* The book as a ladder: asks above, bids below, the touch in the middle, bars for what a price would take in all. Rows
 * are made once and only their texts change, at most once per animation frame, so that 20 updates a second cost next
 * to nothing. */
import { effect, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { groupSteps, type LadderLevel, type Side } from "../book";
import { format, grouped, ratio, rescale, show, trimmed } from "../decimal";
import * as state from "../state";
import { textCell } from "./cells";

const ROW_PX = 20;

class Row {
    readonly element = document.createElement("button");
    private readonly bar = document.createElement("i");
    private readonly cells: Text[]; // written in place: a new node for every text would be litter
    private texts = ["", "", ""];
    private width = "";
    private own = false;
    price = "";

    constructor() {
        this.element.type = "button";
        this.element.className = "level";
        this.element.tabIndex = -1;
        this.bar.className = "bar";
        this.element.append(this.bar);
        this.cells = ["price", "qty", "total"].map((name) => textCell(this.element, name));
    }

    show(price: string, texts: string[], width: string, own: boolean): void {
        this.price = price;
        for (const [i, cell] of this.cells.entries()) {
            const text = texts[i] ?? "";
            if (this.texts[i] !== text) cell.data = text;
        }
        this.texts = texts;
        if (this.width !== width) this.bar.style.transform = `scaleX(${width})`;
        this.width = width;
        if (this.own !== own) this.element.classList.toggle("own", own);
        this.own = own;
        this.element.disabled = price === "";
    }
}

class LadderSide {
    private rows: Row[] = [];
    levels: LadderLevel[] = [];

    constructor(
        private readonly box: HTMLElement,
        private readonly side: Side,
    ) {
        box.addEventListener("click", (event) => {
            const row = this.rows.find((each) => each.element.contains(event.target as Node));
            if (row !== undefined && row.price !== "") state.fillPrice(row.price);
        });
        box.addEventListener("keydown", (event) => this.walk(event));
    }

    count(): number {
        const count = Math.max(1, Math.floor(this.box.clientHeight / ROW_PX));
        while (this.rows.length < count) {
            const row = new Row();
            this.rows.push(row);
            this.box.append(row.element);
        }
        while (this.rows.length > count) this.rows.pop()?.element.remove();
        if (this.rows[0] !== undefined) this.rows[0].element.tabIndex = 0;
        return count;
    }

    draw(deepest: bigint, step: bigint, own: ReadonlySet<string>): void {
        const { priceDecimals, qtyDecimals } = state.market.book;
        for (const [i, row] of this.rows.entries()) {
            const level = this.levels[i];
            if (level === undefined) {
                row.show("", ["", "", ""], "0", false);
                continue;
            }
            const price = format(level.price, priceDecimals);
            const texts = [grouped(price), show(level.qty, qtyDecimals), show(level.total, qtyDecimals)];
            const width = format(ratio(level.total, deepest, 3), 3);
            row.show(price, texts, width, own.has(`${this.side} ${level.price / step}`));
        }
    }

    /** Up and down walk the prices as they stand on the screen. */
    private walk(event: KeyboardEvent): void {
        const down = event.key === "ArrowDown";
        if (!down && event.key !== "ArrowUp") return;
        const at = this.rows.findIndex((each) => each.element === document.activeElement);
        const next = this.rows[at + (down === (this.side === "bids") ? 1 : -1)];
        if (at < 0 || next === undefined) return;
        event.preventDefault();
        next.element.focus();
    }
}

/** Where the account's own orders stand, as "bids 1234" with the price counted in steps. */
function ownLevels(step: bigint): Set<string> {
    const { book } = state.market;
    const own = new Set<string>();
    for (const order of state.openOrders.peek()) {
        if (order.symbol !== state.symbol.peek() || !order.isWorking) continue;
        const units = BigInt(order.price.replace(".", ""));
        const price = rescale(units, order.price.includes(".") ? order.price.split(".")[1]!.length : 0, book.priceDecimals);
        own.add(order.side === "BUY" ? `bids ${price / step}` : `asks ${(price + step - 1n) / step}`);
    }
    return own;
}

function Middle() {
    const instrument = state.instrument.value;
    const last = state.lastTrade.value;
    const { bid, ask } = state.touch.value;
    if (instrument === null) return <div class="middle" />;
    const spread = bid !== null && ask !== null ? ask - bid : null;
    const way = last?.rising === true ? "up" : last?.rising === false ? "down" : "";
    return (
        <div class="middle">
            <button
                type="button"
                class={`last ${way}`}
                title="Last trade; click to take the price"
                disabled={last === null}
                onClick={() => last !== null && state.fillPrice(last.price)}
            >
                {last === null ? "–" : grouped(last.price)}
                <span aria-hidden="true">{way === "up" ? "↑" : way === "down" ? "↓" : ""}</span>
            </button>
            {spread !== null && ask !== null && (
                <span class="spread">
                    <span class="word">spread</span> {trimmed(show(spread, instrument.pricePrecision))}
                    <span class="dim"> {format(ratio(spread * 100n, ask, 3), 3)} %</span>
                </span>
            )}
        </div>
    );
}

export function Ladder() {
    const asks = useRef<HTMLDivElement>(null);
    const bids = useRef<HTMLDivElement>(null);
    const instrument = state.instrument.value;
    const step = useSignal(1n);
    const steps = instrument === null ? [] : groupSteps(state.tickUnits(instrument));

    useEffect(() => {
        if (instrument === null) return;
        const wanted = state.remembered(`step.${instrument.symbol}`, "");
        step.value = steps.find((each) => String(each) === wanted) ?? state.tickUnits(instrument);
    }, [instrument]);

    useEffect(() => {
        if (asks.current === null || bids.current === null) return;
        const above = new LadderSide(asks.current, "asks");
        const below = new LadderSide(bids.current, "bids");
        const draw = () => {
            const { book } = state.market;
            const by = step.peek();
            above.levels = book.ladder("asks", by, above.count());
            below.levels = book.ladder("bids", by, below.count());
            const askTotal = above.levels[above.levels.length - 1]?.total ?? 0n;
            const bidTotal = below.levels[below.levels.length - 1]?.total ?? 0n;
            const deepest = askTotal > bidTotal ? askTotal : bidTotal;
            const own = ownLevels(by);
            above.draw(deepest, by, own);
            below.draw(deepest, by, own);
        };
        const { bookFrames } = state.market;
        const end = bookFrames.listen(draw);
        const sizes = new ResizeObserver(() => bookFrames.changed());
        sizes.observe(asks.current);
        sizes.observe(bids.current);
        const endEffect = effect(() => {
            void step.value;
            void state.openOrders.value;
            bookFrames.changed();
        });
        return () => {
            end();
            endEffect();
            sizes.disconnect();
        };
    }, []);

    return (
        <section class="panel ladder" aria-label="Order book">
            <header class="panel-head">
                <h2>Order book</h2>
                <label class="group">
                    <span class="word">group</span>
                    <select
                        value={String(step.value)}
                        aria-label="Group prices by"
                        onChange={(event) => {
                            step.value = BigInt(event.currentTarget.value);
                            state.remember(`step.${state.symbol.peek()}`, event.currentTarget.value);
                        }}
                    >
                        {steps.map((each) => (
                            <option key={String(each)} value={String(each)}>
                                {trimmed(format(each, instrument?.pricePrecision ?? 0))}
                            </option>
                        ))}
                    </select>
                </label>
            </header>
            <div class="columns" aria-hidden="true">
                <span>Price{instrument && ` ${instrument.quoteAsset}`}</span>
                <span>Qty{instrument && ` ${instrument.baseAsset}`}</span>
                <span class="total">Total</span>
            </div>
            <div class="levels asks" ref={asks} aria-label="Asks" role="group" />
            <Middle />
            <div class="levels bids" ref={bids} aria-label="Bids" role="group" />
        </section>
    );
}
