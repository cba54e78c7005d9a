/* The last trades, newest on top, coloured by who came to trade: green bought, red sold. */
import { useEffect, useRef } from "preact/hooks";
import type { Trade } from "../api";
import { grouped } from "../decimal";
import * as state from "../state";
import { textCell } from "./cells";
import { clock } from "./times";

const ROW_PX = 20;

class TapeRow {
    readonly element = document.createElement("div");
    private readonly cells = ["price", "qty", "time"].map((name) => textCell(this.element, name));
    private shown: Trade | null = null;

    show(trade: Trade | null): void {
        if (trade === this.shown) return;
        this.shown = trade;
        const texts = trade === null ? ["", "", ""] : [grouped(trade.price), grouped(trade.qty), clock(trade.time)];
        for (const [i, cell] of this.cells.entries()) cell.data = texts[i] ?? "";
        this.element.className = trade === null ? "print" : trade.isBuyerMaker ? "print sell" : "print buy";
    }
}

export function Tape() {
    const list = useRef<HTMLDivElement>(null);
    const instrument = state.instrument.value;

    useEffect(() => {
        const box = list.current;
        if (box === null) return;
        const rows: TapeRow[] = [];
        const { tapeFrames } = state.market;
        const end = tapeFrames.listen(() => {
            const count = Math.min(state.TAPE_MAX, Math.max(1, Math.floor(box.clientHeight / ROW_PX)));
            while (rows.length < count) {
                const row = new TapeRow();
                rows.push(row);
                box.append(row.element);
            }
            while (rows.length > count) rows.pop()?.element.remove();
            for (const [i, row] of rows.entries()) row.show(state.market.trades[i] ?? null);
        });
        const sizes = new ResizeObserver(() => tapeFrames.changed());
        sizes.observe(box);
        return () => {
            end();
            sizes.disconnect();
        };
    }, []);

    return (
        <section class="panel tape" aria-label="Last trades">
            <header class="panel-head">
                <h2>Trades</h2>
            </header>
            <div class="columns" aria-hidden="true">
                <span>Price{instrument && ` ${instrument.quoteAsset}`}</span>
                <span>Qty{instrument && ` ${instrument.baseAsset}`}</span>
                <span>Time</span>
            </div>
            <div class="prints" ref={list} />
        </section>
    );
}
