/* The page: where the panels stand, the keys, and the theme. */
import { effect } from "@preact/signals";
import { render } from "preact";
import "./styles/page.css";
import { socket } from "./live";
import { Balances } from "./panels/balances";
import { Chart } from "./panels/chart";
import { Dialogs, keysShown } from "./panels/dialogs";
import { Header, pickerOpen } from "./panels/header";
import { Ladder } from "./panels/ladder";
import { cancelAll, Orders } from "./panels/orders";
import { Tape } from "./panels/tape";
import { Ticket } from "./panels/ticket";
import { Toasts } from "./panels/toasts";
import * as state from "./state";

const TABS: [state.Tab, string][] = [
    ["chart", "Chart"],
    ["book", "Book"],
    ["trade", "Trade"],
    ["orders", "Orders"],
    ["funds", "Funds"],
];

/** Shown only at phone width, where one tab is seen at a time. */
function Tabs() {
    return (
        <nav class="phone-tabs" aria-label="Panels">
            {TABS.map(([name, words]) => (
                <button key={name} type="button" aria-pressed={state.tab.value === name} onClick={() => (state.tab.value = name)}>
                    {words}
                    {name === "orders" && state.openOrders.value.length > 0 && <span class="count">{state.openOrders.value.length}</span>}
                </button>
            ))}
        </nav>
    );
}

function Page() {
    const stale = socket.link.value.state !== "live" ? " stale" : "";
    return (
        <>
            <Header />
            <main class={`desk tab-${state.tab.value}${stale}`}>
                <Chart />
                <Ladder />
                <Tape />
                <Ticket />
                <Orders />
                <Balances />
            </main>
            <Tabs />
            <Toasts />
            <Dialogs />
        </>
    );
}

function toForm(side: state.Side): void {
    state.form.side.value = side;
    state.tab.value = "trade";
    const needsPrice = state.form.kind.value !== "market" && state.form.price.value === "";
    requestAnimationFrame(() => {
        const box = (needsPrice ? document.getElementById("price") : null) ?? document.getElementById("qty");
        box?.focus();
        if (box instanceof HTMLInputElement) box.select();
    });
}

const KEYS: Record<string, () => void> = {
    b: () => toForm("buy"),
    s: () => toForm("sell"),
    x: () => void cancelAll(),
    i: () => (pickerOpen.value = true),
    "?": () => (keysShown.value = true),
};

function isTyping(target: EventTarget | null): boolean {
    return target instanceof HTMLElement && target.closest("input[type=text], select, textarea") !== null;
}

document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
        if (pickerOpen.value) {
            pickerOpen.value = false;
            document.getElementById("instrument")?.focus();
        } else if (isTyping(event.target)) (event.target as HTMLElement).blur();
        return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (document.querySelector("dialog[open]") !== null) return;
    const action = KEYS[event.key];
    if (action === undefined) return;
    event.preventDefault();
    action();
});

effect(() => {
    document.documentElement.dataset["theme"] = state.theme.value;
    state.remember("theme", state.theme.value);
});

const root = document.getElementById("page");
if (root !== null) render(<Page />, root);
