/* Questions before what cannot be undone, and the list of keys. Native dialogs: focus stays inside, Esc closes. */
import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { ComponentChildren } from "preact";

interface Question {
    id: number;
    title: string;
    words: string;
    action: string;
    answer: (yes: boolean) => void;
}

const question = signal<Question | null>(null);
export const keysShown = signal(false);
let nextId = 1;

/** A question that is still open is answered with no. */
export function confirm(title: string, words: string, action: string): Promise<boolean> {
    question.value?.answer(false);
    return new Promise((resolve) => {
        const id = nextId++;
        question.value = {
            id,
            title,
            words,
            action,
            answer: (yes) => {
                if (question.value?.id === id) question.value = null;
                resolve(yes);
            },
        };
    });
}

function Dialog({ label, closed, children }: { label: string; closed: () => void; children: ComponentChildren }) {
    const dialog = useRef<HTMLDialogElement>(null);
    useEffect(() => dialog.current?.showModal(), []);
    return (
        <dialog
            ref={dialog}
            aria-label={label}
            onCancel={closed}
            onClose={closed}
            onClick={(event) => event.target === dialog.current && dialog.current?.close()}
        >
            <div class="dialog">{children}</div>
        </dialog>
    );
}

const KEYS: [string, string][] = [
    ["b", "buy: to the order form"],
    ["s", "sell: to the order form"],
    ["x", "cancel all open orders, after a question"],
    ["i", "choose the instrument"],
    ["↑ ↓", "in a field: a tick or a lot (Shift: ten); in the ladder: walk the prices"],
    ["Esc", "close what is open; leave a field"],
    ["?", "this list"],
];

export function Dialogs() {
    const asked = question.value;
    if (asked !== null)
        return (
            <Dialog key={asked.id} label={asked.title} closed={() => asked.answer(false)}>
                <h2>{asked.title}</h2>
                <p>{asked.words}</p>
                <div class="actions">
                    <button type="button" onClick={() => asked.answer(false)}>
                        Keep
                    </button>
                    <button type="button" id="confirm" class="danger" autofocus onClick={() => asked.answer(true)}>
                        {asked.action}
                    </button>
                </div>
            </Dialog>
        );
    if (keysShown.value)
        return (
            <Dialog key="keys" label="Keys" closed={() => (keysShown.value = false)}>
                <h2>Keys</h2>
                <dl class="keys">
                    {KEYS.map(([key, words]) => (
                        <div key={key}>
                            <dt>
                                <kbd>{key}</kbd>
                            </dt>
                            <dd>{words}</dd>
                        </div>
                    ))}
                </dl>
                <div class="actions">
                    <button type="button" autofocus onClick={() => (keysShown.value = false)}>
                        Close
                    </button>
                </div>
            </Dialog>
        );
    return null;
}
