/* Instrument with its day, account, connection, theme. */
import { signal, useComputed, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { Ticker } from "../api";
import { compact, grouped } from "../decimal";
import { chooseAccount, chooseSymbol, socket } from "../live";
import * as state from "../state";
import { keysShown } from "./dialogs";

export const pickerOpen = signal(false);

function Change({ ticker }: { ticker: Ticker | null }) {
    if (ticker === null) return <span class="change">–</span>;
    const falls = ticker.priceChangePercent.startsWith("-");
    const cut = ticker.priceChangePercent.replace(/(\.\d\d)\d*$/, "$1");
    const still = /^-?[0.]*$/.test(cut);
    const percent = still ? cut.replace("-", "") : cut;
    return <span class={`change ${still ? "" : falls ? "sell" : "buy"}`}>{`${falls || still ? "" : "+"}${percent} %`}</span>;
}

/** A price of 0 says that there was no trade yet. */
function traded(price: string | undefined): string | undefined {
    return price === undefined || /^[0.]*$/.test(price) ? undefined : price;
}

/** grouped, or a dash. */
function figure(price: string | undefined): string {
    const known = traded(price);
    return known === undefined ? "–" : grouped(known);
}

function Picker() {
    const box = useRef<HTMLDivElement>(null);
    const looked = useSignal("");
    const found = useComputed(() =>
        state.instruments.value.filter((each) => each.symbol.toLowerCase().includes(looked.value.trim().toLowerCase())),
    );
    useEffect(() => {
        box.current?.querySelector("input")?.focus();
        const outside = (event: Event) => {
            if (!(event.target as Element).closest(".picker, .instrument")) pickerOpen.value = false;
        };
        document.addEventListener("pointerdown", outside);
        return () => document.removeEventListener("pointerdown", outside);
    }, []);
    const choose = (symbol: string) => {
        chooseSymbol(symbol);
        pickerOpen.value = false;
        document.getElementById("instrument")?.focus();
    };
    const key = (event: KeyboardEvent) => {
        const rows = [...(box.current?.querySelectorAll<HTMLElement>("input, .row") ?? [])];
        const at = rows.indexOf(document.activeElement as HTMLElement);
        const next = event.key === "ArrowDown" ? rows[at + 1] : event.key === "ArrowUp" ? rows[at - 1] : undefined;
        if (event.key === "Enter" && at === 0 && found.value[0] !== undefined) choose(found.value[0].symbol);
        if (next === undefined) return;
        event.preventDefault();
        next.focus();
    };
    return (
        <div class="picker" ref={box} role="dialog" aria-label="Choose an instrument" onKeyDown={key}>
            <input
                type="text"
                placeholder="Search"
                aria-label="Search instruments"
                autocomplete="off"
                value={looked.value}
                onInput={(event) => (looked.value = event.currentTarget.value)}
            />
            <div class="row-heads" aria-hidden="true">
                <span>Instrument</span>
                <span>Last</span>
                <span>24 h</span>
                <span>Volume</span>
            </div>
            {found.value.map((each) => {
                const ticker = state.tickers.value.get(each.symbol) ?? null;
                return (
                    <button key={each.symbol} type="button" class="row" aria-current={each.symbol === state.symbol.value} onClick={() => choose(each.symbol)}>
                        <span class="name">
                            <b>{each.baseAsset}</b>
                            <span class="dim">/{each.quoteAsset}</span>
                            {each.status !== "TRADING" && <em>{each.status.toLowerCase()}</em>}
                        </span>
                        <span>{figure(ticker?.lastPrice)}</span>
                        <Change ticker={ticker} />
                        <span>{ticker ? compact(ticker.quoteVolume) : "–"}</span>
                    </button>
                );
            })}
            {found.value.length === 0 && <p class="empty">No instrument of this name.</p>}
        </div>
    );
}

function Figure({ name, children }: { name: string; children: preact.ComponentChildren }) {
    return (
        <div class="stat">
            <span class="dim">{name}</span>
            <span>{children}</span>
        </div>
    );
}

function Market() {
    const instrument = state.instrument.value;
    const ticker = state.ticker.value;
    const last = state.lastTrade.value;
    const price = last?.price ?? traded(ticker?.lastPrice);
    useEffect(() => {
        document.title = instrument === null ? "crosspoint" : `${price === undefined ? "" : `${grouped(price)} `}${instrument.symbol} · crosspoint`;
    }, [price, instrument]);
    if (instrument === null) return <div class="market" />;
    return (
        <div class="market">
            <button type="button" id="instrument" class="instrument" aria-haspopup="dialog" aria-expanded={pickerOpen.value} onClick={() => (pickerOpen.value = !pickerOpen.value)}>
                <b>{instrument.baseAsset}</b>
                <span class="dim">/{instrument.quoteAsset}</span>
                <svg viewBox="0 0 10 6" width="10" height="6" aria-hidden="true">
                    <path d="M1 1l4 4 4-4" fill="none" stroke="currentColor" stroke-width="1.5" />
                </svg>
                {instrument.status !== "TRADING" && <em>{instrument.status.toLowerCase()}</em>}
            </button>
            {pickerOpen.value && <Picker />}
            <div class="price">
                <span class={`now ${last?.rising === true ? "buy" : last?.rising === false ? "sell" : ""}`}>{price === undefined ? "–" : grouped(price)}</span>
                <Change ticker={ticker} />
            </div>
            <div class="stats">
                <Figure name="24 h high">{figure(ticker?.highPrice)}</Figure>
                <Figure name="24 h low">{figure(ticker?.lowPrice)}</Figure>
                <Figure name={`24 h volume ${instrument.baseAsset}`}>{ticker ? compact(ticker.volume) : "–"}</Figure>
                <Figure name={`24 h volume ${instrument.quoteAsset}`}>{ticker ? compact(ticker.quoteVolume) : "–"}</Figure>
                <Figure name="24 h trades">{ticker ? compact(String(ticker.count)) : "–"}</Figure>
            </div>
        </div>
    );
}

/** A light and words. While the socket waits, it counts down and can be told to try at once. */
function Connection() {
    const now = useSignal(Date.now());
    const link = socket.link.value;
    useEffect(() => {
        if (link.state !== "waiting") return;
        const timer = window.setInterval(() => (now.value = Date.now()), 250);
        return () => window.clearInterval(timer);
    }, [link.state]);
    if (link.state === "live") {
        const away = state.exchangeAttached.value === false;
        return (
            <span class={`link ${away ? "away" : "live"}`} id="link" role="status" title={away ? "The web process runs, the exchange does not: what you see is the last state, orders are refused." : "Connected; what you see is now."}>
                <i aria-hidden="true" />
                {away ? "exchange away" : "live"}
            </span>
        );
    }
    const seconds = link.state === "waiting" ? Math.ceil((link.retryAtMs - now.value) / 1000) : 0;
    return (
        <button type="button" class="link lost" id="link" onClick={() => socket.retryNow()} title="The connection is lost; what you see may be old. Click to try now.">
            <i aria-hidden="true" />
            {seconds > 1 ? `reconnecting in ${seconds} s` : "reconnecting"}
        </button>
    );
}

function AccountPicker() {
    return (
        <label class="account">
            <span class="dim">account</span>
            <select id="account" aria-label="Account" value={state.userId.value} disabled={state.accounts.value.length === 0} onChange={(event) => chooseAccount(event.currentTarget.value)}>
                {state.accounts.value.map((each) => (
                    <option key={each.user_id} value={each.user_id}>
                        {each.name || `account ${each.user_id}`}
                    </option>
                ))}
            </select>
        </label>
    );
}

export function Header() {
    const dark = state.theme.value === "dark";
    return (
        <header class="top">
            <a class="brand" href="/" aria-label="crosspoint">
                <svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">
                    <path d="M3 16L17 4" stroke="var(--buy)" stroke-width="2.4" stroke-linecap="round" />
                    <path d="M3 4L17 16" stroke="var(--sell)" stroke-width="2.4" stroke-linecap="round" />
                    <circle cx="10" cy="10" r="2.6" fill="var(--text)" />
                </svg>
                <span>crosspoint</span>
            </a>
            <Market />
            <div class="tools">
                <Connection />
                <AccountPicker />
                <button type="button" class="icon keys-button" aria-label="Keys" title="Keys (?)" onClick={() => (keysShown.value = true)}>
                    ?
                </button>
                <button
                    type="button"
                    class="icon"
                    id="theme"
                    aria-label={dark ? "Light theme" : "Dark theme"}
                    title={dark ? "Light theme" : "Dark theme"}
                    onClick={() => (state.theme.value = dark ? "light" : "dark")}
                >
                    <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
                        <circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" stroke-width="1.5" />
                        <path d="M8 2a6 6 0 0 1 0 12z" fill="currentColor" />
                    </svg>
                </button>
            </div>
        </header>
    );
}
