/* Money without floating point. A number is a bigint that counts units of 10^-decimals: "100.05" with 2 decimals
 * is 10005n. Prices, quantities and amounts are strings on the wire and bigints here; a `number` never holds one. */

const SHAPE = /^(-?)(\d+)(?:\.(\d*))?$|^(-?)\.(\d+)$/;

/** The units that `text` names, or null when it is no number or finer than `decimals`. */
export function parse(text: string, decimals: number): bigint | null {
    const match = SHAPE.exec(text.trim().replace(/,/g, ""));
    if (match === null) return null;
    const sign = match[1] ?? match[4] ?? "";
    const whole = match[2] ?? "0";
    const fraction = (match[3] ?? match[5] ?? "").replace(/0+$/, "");
    if (fraction.length > decimals) return null;
    const units = BigInt(whole + fraction.padEnd(decimals, "0"));
    return sign === "-" ? -units : units;
}

/** Like parse, for what the server sent: a number that is not one is 0, finer digits are cut off. */
export function read(text: string, decimals: number): bigint {
    const point = text.indexOf(".");
    const cut = point >= 0 ? text.slice(0, point + 1 + decimals) : text;
    return parse(cut, decimals) ?? 0n;
}

/** Plain digits, as the server reads them: "1234.50". */
export function format(units: bigint, decimals: number): string {
    const negative = units < 0n;
    const digits = (negative ? -units : units).toString().padStart(decimals + 1, "0");
    const whole = digits.slice(0, digits.length - decimals);
    const text = decimals > 0 ? `${whole}.${digits.slice(digits.length - decimals)}` : whole;
    return negative ? `-${text}` : text;
}

/** For people: "1,234.50". */
export function show(units: bigint, decimals: number): string {
    return grouped(format(units, decimals));
}

export function grouped(text: string): string {
    const point = text.indexOf(".");
    const whole = point < 0 ? text : text.slice(0, point);
    return whole.replace(/\B(?=(\d{3})+$)/g, ",") + (point < 0 ? "" : text.slice(point));
}

/** Without zeros at the end, but with at least `keep` decimals: trimmed("1.500", 0) is "1.5". */
export function trimmed(text: string, keep = 0): string {
    const point = text.indexOf(".");
    if (point < 0) return text;
    let end = text.length;
    while (end > point + 1 + keep && text[end - 1] === "0") end--;
    return text.slice(0, end === point + 1 ? point : end);
}

export function decimalsOf(text: string): number {
    const point = text.indexOf(".");
    return point < 0 ? 0 : text.length - point - 1;
}

/** The same value counted in finer or coarser units; coarser cuts toward zero. */
export function rescale(units: bigint, from: number, to: number): bigint {
    return to >= from ? units * 10n ** BigInt(to - from) : units / 10n ** BigInt(from - to);
}

export function floorTo(units: bigint, step: bigint): bigint {
    return step <= 0n ? units : units - (((units % step) + step) % step);
}

export function ceilTo(units: bigint, step: bigint): bigint {
    const floor = floorTo(units, step);
    return floor === units ? units : floor + step;
}

/** part / whole in units of 10^-decimals, cut toward zero; 0 when there is no whole. */
export function ratio(part: bigint, whole: bigint, decimals: number): bigint {
    return whole === 0n ? 0n : (part * 10n ** BigInt(decimals)) / whole;
}

/** "12.3M": short words for volumes. Three figures and a letter; small numbers stay as they are. */
export function compact(text: string): string {
    const whole = text.split(".")[0] ?? "0";
    const letters = ["", "K", "M", "B", "T"];
    const group = Math.min(Math.floor((whole.replace("-", "").length - 1) / 3), letters.length - 1);
    if (group === 0) return trimmed(text.slice(0, whole.length + 3));
    const cut = whole.length - group * 3;
    const fraction = whole.slice(cut, cut + Math.max(0, 3 - cut));
    return grouped(whole.slice(0, cut)) + (fraction ? `.${fraction}` : "") + letters[group];
}
