/* Times as people here read them: local, 24 hours. */

const two = (value: number) => String(value).padStart(2, "0");

export function clock(timeMs: number): string {
    const time = new Date(timeMs);
    return `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
}

export function day(timeMs: number): string {
    const time = new Date(timeMs);
    return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
}

/** Of today: the clock alone; older: with its day. */
export function stamp(timeMs: number): string {
    const today = day(Date.now());
    const date = day(timeMs);
    return date === today ? clock(timeMs) : `${date.slice(5)} ${clock(timeMs)}`;
}
