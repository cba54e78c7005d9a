/* One WebSocket to /channels, kept open. Channels that are wanted stay wanted: after a break the socket comes back by
 * itself, a little later each time, and asks for all of them again. Every channel begins with a snapshot, so nobody
 * above needs to know what was missed. */
import { signal } from "@preact/signals";

export type Handler = (event: string, data: unknown) => void;

export type Link = { state: "connecting" } | { state: "live" } | { state: "waiting"; retryAtMs: number };

const RETRY_FIRST_MS = 250;
const RETRY_MAX_MS = 8000;
const PROBE_EVERY_MS = 10000; // a question that costs the server nothing
const PROBE_ANSWER_MS = 5000; // without an answer by then the socket is taken for dead
const REFUSED_AGAIN_MS = 2000; // a channel that was refused (instrument not listed yet) is asked for again

export class Socket {
    readonly link = signal<Link>({ state: "connecting" });
    private socket: WebSocket | null = null;
    private readonly wanted = new Map<string, Handler>();
    private readonly asked = new Map<number, string>();
    private nextId = 1;
    private failures = 0;
    private retryTimer = 0;
    private probeTimer = 0;
    private answerTimer = 0;

    constructor(
        private readonly url: string,
        private readonly opened: () => void,
    ) {
        window.addEventListener("online", () => this.retryNow());
        window.addEventListener("pagehide", () => this.socket?.close());
        window.addEventListener("pageshow", (event) => event.persisted && this.retryNow());
        this.connect();
    }

    /** Takes the channel over; returns what ends it. */
    subscribe(channel: string, handler: Handler): () => void {
        this.wanted.set(channel, handler);
        this.ask(channel);
        return () => {
            if (this.wanted.get(channel) !== handler) return;
            this.wanted.delete(channel);
            this.send("UNSUBSCRIBE", [channel]);
        };
    }

    /** A new snapshot for a channel whose updates no longer fit. */
    refresh(channel: string): void {
        this.send("UNSUBSCRIBE", [channel]);
        this.ask(channel);
    }

    retryNow(): void {
        if (this.link.peek().state === "waiting") this.connect();
    }

    private connect(): void {
        window.clearTimeout(this.retryTimer);
        this.link.value = { state: "connecting" };
        const socket = new WebSocket(this.url);
        this.socket = socket;
        socket.onopen = () => {
            this.failures = 0;
            this.asked.clear();
            for (const channel of this.wanted.keys()) this.ask(channel);
            this.link.value = { state: "live" };
            this.probeTimer = window.setInterval(() => this.probe(), PROBE_EVERY_MS);
            this.opened();
        };
        socket.onmessage = (message) => this.take(String(message.data));
        socket.onclose = () => this.lost(socket);
    }

    private lost(socket: WebSocket): void {
        if (socket !== this.socket) return;
        this.socket = null;
        window.clearInterval(this.probeTimer);
        window.clearTimeout(this.answerTimer);
        const wait = Math.min(RETRY_MAX_MS, RETRY_FIRST_MS * 2 ** this.failures++);
        const waitMs = wait * (0.75 + Math.random() / 2); // so that many pages do not come back as one
        this.link.value = { state: "waiting", retryAtMs: Date.now() + waitMs };
        this.retryTimer = window.setTimeout(() => this.connect(), waitMs);
    }

    private probe(): void {
        this.send("LIST_SUBSCRIPTIONS", undefined);
        window.clearTimeout(this.answerTimer);
        const socket = this.socket;
        this.answerTimer = window.setTimeout(() => {
            if (socket === null || socket !== this.socket) return;
            socket.close();
            this.lost(socket); // a dead peer answers no close either
        }, PROBE_ANSWER_MS);
    }

    private ask(channel: string): void {
        const id = this.send("SUBSCRIBE", [channel]);
        if (id > 0) this.asked.set(id, channel);
    }

    private send(method: string, params: string[] | undefined): number {
        if (this.socket === null || this.socket.readyState !== WebSocket.OPEN) return 0;
        const id = this.nextId++;
        this.socket.send(JSON.stringify({ method, params, id }));
        return id;
    }

    private take(text: string): void {
        window.clearTimeout(this.answerTimer);
        const message = JSON.parse(text) as {
            channel?: string;
            event?: string;
            data?: unknown;
            id?: number;
            error?: unknown;
        };
        if (message.channel !== undefined && message.event !== undefined) {
            this.wanted.get(message.channel)?.(message.event, message.data);
            return;
        }
        const channel = this.asked.get(message.id ?? 0);
        if (channel === undefined) return;
        this.asked.delete(message.id ?? 0);
        if (message.error !== undefined)
            window.setTimeout(() => this.wanted.has(channel) && this.ask(channel), REFUSED_AGAIN_MS);
    }
}
