/* The order form. It refuses only what cannot be sent; everything else the exchange judges, and its sentence is shown. */
import { useComputed, useSignal, type Signal } from "@preact/signals";
import { api, Refusal, type Instrument, type NewOrder } from "../api";
import * as decimal from "../decimal";
import { affordable, limitEstimate, MARKET_REACH_PERCENT, marketEstimate, type Estimate, type Terms } from "../estimate";
import * as state from "../state";
import { toast } from "./toasts";

const { form } = state;

function termsOf(instrument: Instrument): Terms {
    return {
        priceDecimals: instrument.pricePrecision,
        qtyDecimals: instrument.quantityPrecision,
        lot: state.lotUnits(instrument),
        makerFee: decimal.read(instrument.makerFee, 6),
        takerFee: decimal.read(instrument.takerFee, 6),
    };
}

function Segments<T extends string>(props: { name: string; label: string; value: Signal<T>; choices: [T, string][]; id?: string }) {
    return (
        <div class={`segments ${props.name}`} role="radiogroup" aria-label={props.label}>
            {props.choices.map(([value, words]) => (
                <label key={value} class={`choice-${value}`}>
                    <input
                        type="radio"
                        name={props.name}
                        id={`${props.name}-${value}`}
                        checked={props.value.value === value}
                        onChange={() => (props.value.value = value)}
                    />
                    <span>{words}</span>
                </label>
            ))}
        </div>
    );
}

/** A number with its unit. Up and down step by tick or lot, with Shift by ten of them. */
function Field(props: { id: string; label: string; unit: string; value: Signal<string>; step: bigint; decimals: number; hint?: string }) {
    const key = (event: KeyboardEvent) => {
        if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
        const now = decimal.parse(props.value.value || "0", props.decimals);
        if (now === null) return;
        event.preventDefault();
        const by = props.step * (event.shiftKey ? 10n : 1n);
        const next = event.key === "ArrowUp" ? now + by : now - by;
        props.value.value = decimal.format(next > 0n ? next : 0n, props.decimals);
    };
    return (
        <label class="field" for={props.id}>
            <span class="field-label">{props.label}</span>
            <input
                id={props.id}
                type="text"
                inputMode="decimal"
                autocomplete="off"
                spellcheck={false}
                placeholder={props.hint ?? ""}
                value={props.value.value}
                onInput={(event) => (props.value.value = event.currentTarget.value)}
                onKeyDown={key}
            />
            <span class="unit">{props.unit}</span>
        </label>
    );
}

/** Which way the market has to come for the stop, seen from the last trade. */
function stopDirection(instrument: Instrument): { above: boolean; type: "stop" | "take_profit" } | null {
    const stop = decimal.parse(form.stop.value, instrument.pricePrecision);
    const last = state.lastTrade.value;
    if (stop === null || stop <= 0n || last === null) return null;
    const above = stop > decimal.read(last.price, instrument.pricePrecision);
    const buy = form.side.value === "buy";
    return { above, type: above === buy ? "stop" : "take_profit" };
}

function estimateOf(instrument: Instrument, atMarket: boolean, rests: boolean): Estimate | null {
    void state.touch.value; // the book has moved
    const terms = termsOf(instrument);
    const buy = form.side.value === "buy";
    const qty = decimal.parse(form.qty.value, terms.qtyDecimals);
    if (qty === null || qty <= 0n) return null;
    if (form.kind.value === "market") return marketEstimate(state.market.book, terms, buy, qty);
    const price = decimal.parse(atMarket ? form.stop.value : form.price.value, terms.priceDecimals);
    if (price === null || price <= 0n) return null;
    const estimate = limitEstimate(state.market.book, terms, buy, price, qty, rests);
    if (form.kind.value !== "stop" || !atMarket) return estimate;
    return { ...estimate, takes: true, fee: (buy ? qty : estimate.total) * terms.takerFee };
}

/** The price that the exchange holds money at while the order lives. */
function holdPrice(instrument: Instrument, atMarket: boolean): bigint | null {
    const decimals = instrument.pricePrecision;
    if (form.kind.value === "limit" || (form.kind.value === "stop" && !atMarket)) {
        const price = decimal.parse(form.price.value, decimals);
        return price !== null && price > 0n ? price : state.touch.value.ask;
    }
    const from = form.kind.value === "stop" ? decimal.parse(form.stop.value, decimals) : state.touch.value.ask;
    return from === null ? null : (from * (100n + MARKET_REACH_PERCENT) + 99n) / 100n;
}

function complaint(instrument: Instrument, atMarket: boolean): string {
    const bad = (text: string, decimals: number) => decimal.parse(text, Math.max(decimals, 18)) === null;
    if (form.kind.value === "stop" && bad(form.stop.value, instrument.pricePrecision)) return "Enter the price that sets the order off.";
    if (form.kind.value !== "market" && !atMarket && bad(form.price.value, instrument.pricePrecision)) return "Enter a price.";
    if (bad(form.qty.value, instrument.quantityPrecision)) return "Enter a quantity.";
    return "";
}

const plain = (text: string) => text.trim().replace(/,/g, "");

function Summary({ instrument, estimate }: { instrument: Instrument; estimate: Estimate | null }) {
    const terms = termsOf(instrument);
    const buy = form.side.value === "buy";
    const totalDecimals = terms.priceDecimals + terms.qtyDecimals;
    const total = estimate && decimal.trimmed(decimal.show(estimate.total, totalDecimals), terms.priceDecimals);
    const feeDecimals = (buy ? terms.qtyDecimals : totalDecimals) + 6;
    const fee = estimate && decimal.trimmed(decimal.show(decimal.rescale(estimate.fee, feeDecimals, 8), 8));
    const rate = estimate?.takes === false ? instrument.makerFee : instrument.takerFee;
    const percent = decimal.trimmed(decimal.format(decimal.read(rate, 6), 4));
    return (
        <dl class="summary">
            <dt>{form.kind.value === "limit" ? "Total" : "Total, about"}</dt>
            <dd>
                {total ?? "–"} <span class="dim">{instrument.quoteAsset}</span>
            </dd>
            <dt>
                Fee, about{" "}
                <span class="dim">{estimate === null ? "" : `${estimate.takes ? "taker" : "maker"} ${percent} %`}</span>
            </dt>
            <dd>
                {fee ?? "–"} <span class="dim">{buy ? instrument.baseAsset : instrument.quoteAsset}</span>
            </dd>
        </dl>
    );
}

export function Ticket() {
    const instrument = state.instrument.value;
    const tif = useSignal<"GTC" | "IOC" | "FOK">("GTC");
    const then = useSignal<"market" | "limit">("market");
    const postOnly = useSignal(false);
    const sending = useSignal(false);
    const error = useSignal("");
    const kind = form.kind.value;
    const atMarket = kind === "market" || (kind === "stop" && then.value === "market");
    const estimate = useComputed(() => {
        const which = state.instrument.value;
        const market = form.kind.value === "market" || (form.kind.value === "stop" && then.value === "market");
        return which === null ? null : estimateOf(which, market, postOnly.value && !market);
    });
    if (instrument === null) return <section class="panel ticket" aria-label="New order" />;

    const buy = form.side.value === "buy";
    const pays = buy ? instrument.quoteAsset : instrument.baseAsset;
    const payDecimals = buy ? instrument.pricePrecision : instrument.quantityPrecision;
    const available = decimal.show(
        decimal.rescale(state.free(pays), state.ASSET_DECIMALS, Math.max(payDecimals, 2)),
        Math.max(payDecimals, 2),
    );
    const direction = kind === "stop" ? stopDirection(instrument) : null;

    const share = (percent: bigint) => {
        const terms = termsOf(instrument);
        const price = holdPrice(instrument, atMarket);
        const qty = affordable(terms, buy, price, state.free(pays), state.ASSET_DECIMALS, percent);
        form.qty.value = decimal.format(qty, terms.qtyDecimals);
    };

    const send = async (event: Event) => {
        event.preventDefault();
        error.value = complaint(instrument, atMarket);
        if (error.value !== "" || sending.value) return;
        const order: NewOrder = {
            market: instrument.symbol,
            side: form.side.value,
            type: atMarket ? "market" : "limit",
            quantity: plain(form.qty.value),
            user_id: state.userId.value,
            client_order_id: `page-${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 8)}`,
        };
        if (!atMarket) {
            order.price = plain(form.price.value);
            order.time_in_force = tif.value;
            if (postOnly.value) order.post_only = true;
        }
        if (kind === "stop") {
            order.stop_price = plain(form.stop.value);
            order.stop_type = direction?.type ?? "stop";
        }
        sending.value = true;
        const begun = performance.now();
        try {
            const answer = await api.place(order);
            const took = Math.max(1, Math.round(performance.now() - begun));
            toast(`${words(instrument, answer)} · ${took} ms`, answer.side === "BUY" ? "buy" : "sell");
            form.qty.value = "";
        } catch (problem) {
            error.value = problem instanceof Refusal ? problem.message : String(problem);
        } finally {
            sending.value = false;
        }
    };

    return (
        <section class="panel ticket" aria-label="New order">
            <form onSubmit={(event) => void send(event)} noValidate>
                <Segments
                    name="side"
                    label="Side"
                    value={form.side}
                    choices={[
                        ["buy", "Buy"],
                        ["sell", "Sell"],
                    ]}
                />
                <Segments
                    name="kind"
                    label="Order type"
                    value={form.kind}
                    choices={[
                        ["limit", "Limit"],
                        ["market", "Market"],
                        ["stop", "Stop"],
                    ]}
                />
                <div class="available">
                    <span class="dim">Available</span>
                    <span>
                        {available} <span class="dim">{pays}</span>
                    </span>
                </div>
                {kind === "stop" && (
                    <Field id="stop" label="Trigger" unit={instrument.quoteAsset} value={form.stop} step={state.tickUnits(instrument)} decimals={instrument.pricePrecision} />
                )}
                {kind === "stop" && (
                    <Segments
                        name="then"
                        label="When triggered"
                        value={then}
                        choices={[
                            ["market", "then market"],
                            ["limit", "then limit"],
                        ]}
                    />
                )}
                {!atMarket && (
                    <Field id="price" label="Price" unit={instrument.quoteAsset} value={form.price} step={state.tickUnits(instrument)} decimals={instrument.pricePrecision} />
                )}
                <Field id="qty" label="Quantity" unit={instrument.baseAsset} value={form.qty} step={state.lotUnits(instrument)} decimals={instrument.quantityPrecision} />
                <div class="shares" role="group" aria-label="Share of the balance">
                    {[25n, 50n, 75n, 100n].map((percent) => (
                        <button key={String(percent)} type="button" onClick={() => share(percent)}>
                            {String(percent)}%
                        </button>
                    ))}
                </div>
                {!atMarket && (
                    <div class="terms">
                        <Segments
                            name="tif"
                            label="Time in force"
                            value={tif}
                            choices={[
                                ["GTC", "GTC"],
                                ["IOC", "IOC"],
                                ["FOK", "FOK"],
                            ]}
                        />
                        <label class="check">
                            <input
                                type="checkbox"
                                id="post-only"
                                checked={postOnly.value}
                                onChange={(event) => (postOnly.value = event.currentTarget.checked)}
                            />
                            <span>Post-only</span>
                        </label>
                    </div>
                )}
                <Summary instrument={instrument} estimate={estimate.value} />
                {direction !== null && (
                    <p class="note">
                        Waits until a trade at {decimal.grouped(plain(form.stop.value))} or {direction.above ? "above" : "below"}
                        {direction.type === "take_profit" ? " (take profit)" : ""}, then {buy ? "buys" : "sells"}{" "}
                        {atMarket ? "at the market." : "with the limit price."}
                    </p>
                )}
                {estimate.value?.short === true && <p class="note warn">The book holds less than this now; what finds no match expires.</p>}
                <button
                    type="submit"
                    id="submit"
                    class={`submit ${form.side.value}`}
                    disabled={sending.value || state.userId.value === "" || state.exchangeAttached.value === false}
                >
                    {buy ? "Buy" : "Sell"} {instrument.baseAsset}
                </button>
                <p class="problem" role="alert" id="problem">
                    {error.value || (state.userId.value === "" ? state.noAccount.value : "")}
                </p>
            </form>
        </section>
    );
}

function words(instrument: Instrument, order: { side: string; status: string; origQty: string; executedQty: string; price: string; cummulativeQuoteQty: string }): string {
    const side = order.side === "BUY" ? "Buy" : "Sell";
    const filled = decimal.read(order.executedQty, instrument.quantityPrecision);
    const what = `${side} ${decimal.grouped(order.origQty)} ${instrument.baseAsset}`;
    if (order.status === "FILLED") {
        const spent = decimal.read(order.cummulativeQuoteQty, 18);
        const average = filled === 0n ? 0n : decimal.rescale(spent, 18, instrument.quantityPrecision + 18) / filled;
        return `${what}: filled at ${decimal.show(decimal.rescale(average, 18, instrument.pricePrecision), instrument.pricePrecision)}`;
    }
    if (order.status === "NEW") return `${what}: accepted`;
    if (order.status === "PARTIALLY_FILLED") return `${what}: ${decimal.grouped(order.executedQty)} filled, the rest is in the book`;
    return `${what}: ${filled > 0n ? `${decimal.grouped(order.executedQty)} filled, ` : ""}${order.status.toLowerCase().replace(/_/g, " ")}`;
}
