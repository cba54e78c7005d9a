/* Short news at the edge of the page, read out by screen readers, gone by themselves. */
import { signal } from "@preact/signals";

export type Tone = "buy" | "sell" | "plain" | "bad";

const SHOWN_MS = 4500;
const SHOWN_MAX = 4;

const toasts = signal<{ id: number; words: string; tone: Tone }[]>([]);
let nextId = 1;

export function toast(words: string, tone: Tone = "plain"): void {
    const id = nextId++;
    toasts.value = [...toasts.value, { id, words, tone }].slice(-SHOWN_MAX);
    window.setTimeout(() => (toasts.value = toasts.value.filter((each) => each.id !== id)), tone === "bad" ? 2 * SHOWN_MS : SHOWN_MS);
}

export function Toasts() {
    return (
        <div class="toasts" role="status" aria-live="polite">
            {toasts.value.map((each) => (
                <p key={each.id} class={`toast ${each.tone}`}>
                    {each.words}
                </p>
            ))}
        </div>
    );
}
