/* Candles and volume by lightweight-charts. The chart draws with floating point, as screens may; the figures in the
 * legend are the server's own strings. */
import { effect, useSignal } from "@preact/signals";
import {
    CandlestickSeries,
    ColorType,
    CrosshairMode,
    HistogramSeries,
    LineStyle,
    TickMarkType,
    createChart,
    type IChartApi,
    type IPriceLine,
    type ISeriesApi,
    type UTCTimestamp,
} from "lightweight-charts";
import { useEffect, useRef } from "preact/hooks";
import { api, type Instrument, type Kline } from "../api";
import { compact, grouped } from "../decimal";
import { connection } from "../live";
import * as state from "../state";
import { clock, day } from "./times";

const INTERVALS = ["1m", "5m", "15m", "30m", "1h", "4h", "1d"];
const OLDER_WITHIN_BARS = 20; // so near the left end, older candles are fetched
const FIRST_BARS = 120;
const EMPTY_BARS = 40; // at most, left of the first candle of a young market

function colour(name: string): string {
    return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

function tickWords(timeMs: number, type: TickMarkType): string {
    if (type === TickMarkType.Year) return day(timeMs).slice(0, 4);
    if (type === TickMarkType.Month || type === TickMarkType.DayOfMonth) return day(timeMs).slice(5);
    return clock(timeMs).slice(0, 5);
}

const seconds = (kline: Kline) => (kline[0] / 1000) as UTCTimestamp;

class Candles {
    private readonly chart: IChartApi;
    private readonly candles: ISeriesApi<"Candlestick">;
    private readonly volume: ISeriesApi<"Histogram">;
    private readonly klines = new Map<number, Kline>(); // by open time in s
    private lines: IPriceLine[] = [];
    private loading = false;
    private wanted = 0; // of several loads under way the last one counts

    constructor(
        box: HTMLElement,
        private readonly legend: (kline: Kline | null) => void,
    ) {
        this.chart = createChart(box, {
            autoSize: true,
            crosshair: { mode: CrosshairMode.Normal },
            timeScale: {
                timeVisible: true,
                rightOffset: 6,
                barSpacing: 7,
                borderVisible: false,
                tickMarkFormatter: (time: number, type: TickMarkType) => tickWords(time * 1000, type),
            },
            rightPriceScale: { borderVisible: false, scaleMargins: { top: 0.12, bottom: 0.24 } },
            localization: {
                timeFormatter: (time: number) => `${day(time * 1000)} ${clock(time * 1000).slice(0, 5)}`,
            },
        });
        this.candles = this.chart.addSeries(CandlestickSeries, { borderVisible: false });
        this.volume = this.chart.addSeries(HistogramSeries, {
            priceScaleId: "volume",
            priceFormat: { type: "volume" },
            lastValueVisible: false,
            priceLineVisible: false,
        });
        this.volume.priceScale().applyOptions({ scaleMargins: { top: 0.82, bottom: 0 } });
        this.chart.subscribeCrosshairMove((at) => {
            this.legend(typeof at.time === "number" ? (this.klines.get(at.time) ?? null) : null);
        });
        this.chart.timeScale().subscribeVisibleLogicalRangeChange((range) => {
            if (range !== null && range.from < OLDER_WITHIN_BARS) void this.loadOlder();
        });
    }

    colours(): void {
        const [up, down] = [colour("buy"), colour("sell")];
        this.chart.applyOptions({
            layout: {
                background: { type: ColorType.Solid, color: colour("panel") },
                textColor: colour("dim"),
                fontFamily: getComputedStyle(document.body).fontFamily,
                fontSize: 11,
                attributionLogo: true,
            },
            grid: { vertLines: { color: colour("grid") }, horzLines: { color: colour("grid") } },
            crosshair: {
                vertLine: { color: colour("faint"), labelBackgroundColor: colour("raised") },
                horzLine: { color: colour("faint"), labelBackgroundColor: colour("raised") },
            },
        });
        this.candles.applyOptions({ upColor: up, downColor: down, wickUpColor: up, wickDownColor: down });
        this.draw(false);
    }

    async load(instrument: Instrument, interval: string, anew: boolean): Promise<void> {
        const wanted = ++this.wanted;
        if (anew) {
            this.klines.clear();
            this.draw(false);
            this.candles.applyOptions({
                priceFormat: {
                    type: "custom",
                    formatter: (price: number) => grouped(price.toFixed(instrument.pricePrecision)),
                    minMove: Number(instrument.tickSize),
                },
            });
        }
        const klines = await api.klines(instrument.symbol, interval).catch(() => []);
        if (wanted !== this.wanted) return;
        for (const kline of klines) this.klines.set(seconds(kline), kline);
        this.loading = false;
        this.draw(anew);
    }

    update(kline: Kline): void {
        const last = [...this.klines.keys()].pop();
        this.klines.set(seconds(kline), kline);
        if (last !== undefined && seconds(kline) < last) return;
        this.candles.update(this.bar(kline));
        this.volume.update(this.column(kline));
        this.legend(null);
    }

    newest(): Kline | null {
        return [...this.klines.values()].pop() ?? null;
    }

    /** The account's working orders as lines. */
    orders(): void {
        for (const line of this.lines) this.candles.removePriceLine(line);
        this.lines = state.openOrders.value
            .filter((order) => order.symbol === state.symbol.value)
            .map((order) =>
                this.candles.createPriceLine({
                    price: Number(order.isWorking ? order.price : order.stopPrice),
                    color: colour(order.side === "BUY" ? "buy" : "sell"),
                    lineWidth: 1,
                    lineStyle: order.isWorking ? LineStyle.LargeDashed : LineStyle.SparseDotted,
                    axisLabelVisible: false,
                    title: `${order.isWorking ? "" : "stop "}${order.side.toLowerCase()} ${order.origQty}`,
                }),
            );
    }

    end(): void {
        this.chart.remove();
    }

    private bar(kline: Kline) {
        const [open, high, low, close] = [kline[1], kline[2], kline[3], kline[4]].map(Number) as [number, number, number, number];
        return { time: seconds(kline), open, high, low, close };
    }

    private column(kline: Kline) {
        const rose = Number(kline[4]) >= Number(kline[1]);
        return { time: seconds(kline), value: Number(kline[5]), color: colour(rose ? "buy-faint" : "sell-faint") };
    }

    private draw(fit: boolean): void {
        const klines = [...this.klines.values()].sort((a, b) => a[0] - b[0]);
        this.klines.clear();
        for (const kline of klines) this.klines.set(seconds(kline), kline);
        this.candles.setData(klines.map((kline) => this.bar(kline)));
        this.volume.setData(klines.map((kline) => this.column(kline)));
        if (fit && klines.length > 0)
            this.chart.timeScale().setVisibleLogicalRange({ from: Math.max(klines.length - FIRST_BARS, -EMPTY_BARS), to: klines.length + 6 });
        this.legend(null);
    }

    private async loadOlder(): Promise<void> {
        const first = this.klines.values().next().value;
        const instrument = state.instrument.peek();
        if (this.loading || first === undefined || instrument === null) return;
        this.loading = true;
        const wanted = this.wanted;
        const older = await api.klines(instrument.symbol, state.interval.peek(), first[0] - 1).catch(() => []);
        if (wanted !== this.wanted) return;
        const before = this.klines.size;
        for (const kline of older) if (!this.klines.has(seconds(kline))) this.klines.set(seconds(kline), kline);
        if (this.klines.size === before) return; // the beginning: `loading` stays, nothing more is asked for
        this.draw(false);
        this.loading = false;
    }
}

function Legend({ kline }: { kline: Kline | null }) {
    if (kline === null) return <div class="legend" />;
    const rose = Number(kline[4]) >= Number(kline[1]);
    const figure = (name: string, text: string) => (
        <span>
            <span class="dim">{name}</span> <b class={rose ? "buy" : "sell"}>{text}</b>
        </span>
    );
    return (
        <div class="legend">
            {figure("O", grouped(kline[1]))}
            {figure("H", grouped(kline[2]))}
            {figure("L", grouped(kline[3]))}
            {figure("C", grouped(kline[4]))}
            {figure("V", compact(kline[5]))}
        </div>
    );
}

export function Chart() {
    const box = useRef<HTMLDivElement>(null);
    const shown = useSignal<Kline | null>(null);

    useEffect(() => {
        if (box.current === null) return;
        const candles = new Candles(box.current, (kline) => (shown.value = kline ?? candles.newest()));
        state.market.candle = (kline) => candles.update(kline as Kline);
        let last = "";
        const ends = [
            effect(() => {
                void state.theme.value;
                candles.colours();
            }),
            effect(() => {
                void state.theme.value;
                candles.orders();
            }),
            effect(() => {
                const instrument = state.instrument.value;
                const what = `${instrument?.symbol} ${state.interval.value}`;
                void connection.value; // after a break the candles of the break are missing
                if (instrument !== null) void candles.load(instrument, state.interval.value, what !== last);
                last = what;
            }),
        ];
        return () => {
            for (const end of ends) end();
            state.market.candle = null;
            candles.end();
        };
    }, []);

    return (
        <section class="panel chart" aria-label="Candle chart">
            <header class="panel-head">
                <div class="intervals" role="group" aria-label="Interval">
                    {INTERVALS.map((each) => (
                        <button
                            key={each}
                            type="button"
                            aria-pressed={state.interval.value === each}
                            onClick={() => {
                                state.interval.value = each;
                                state.remember("interval", each);
                            }}
                        >
                            {each}
                        </button>
                    ))}
                </div>
                <Legend kline={shown.value} />
            </header>
            <div class="canvas" ref={box} />
        </section>
    );
}
