// @ts-nocheck: node's own modules have no types here
import assert from "node:assert/strict";
import test from "node:test";
import { Book, groupSteps, SNAPSHOT_LEVELS } from "../src/book";
import { affordable, limitEstimate, marketEstimate } from "../src/estimate";

const start = { u: 10, time: 0, bids: [["99.9", "5"], ["99.5", "7"]], asks: [["100.1", "4"], ["100.6", "8"]] };

function begun(): Book {
    const book = new Book(1, 0);
    book.snapshot(structuredClone(start));
    return book;
}

function picture(book: Book): string {
    const side = (levels) => levels.map(({ price, qty }) => `${price}x${qty}`).join(" ");
    return `${side(book.bids)} | ${side(book.asks)}`;
}

const update = (U: number, u: number, bids = [], asks = []) => ({ U, u, time: 0, bids, asks });

test("an update adds, changes and removes levels, and keeps each side best first", () => {
    const book = begun();
    assert.ok(book.update(update(11, 12, [["99.7", "1"], ["99.9", "0"]], [["100.0", "2"], ["100.6", "9"], ["101.0", "3"]])));
    assert.equal(picture(book), "997x1 995x7 | 1000x2 1001x4 1006x9 1010x3");
    assert.equal(book.last, 12);
});

test("nothing is applied before the first snapshot, nor what the snapshot already holds", () => {
    const book = new Book(1, 0);
    assert.ok(book.update(update(1, 1, [["99.9", "5"]])));
    assert.equal(picture(book), " | ");
    book.snapshot(structuredClone(start));
    assert.ok(book.update(update(8, 10, [["50.0", "1"]])));
    assert.equal(picture(book), "999x5 995x7 | 1001x4 1006x8");
});

test("a gap is noticed and changes nothing", () => {
    const book = begun();
    assert.equal(book.update(update(12, 12, [["99.9", "1"]])), false);
    assert.equal(picture(book), "999x5 995x7 | 1001x4 1006x8");
});

test("a snapshot at any time replaces the book", () => {
    const book = begun();
    book.snapshot({ u: 3, time: 0, bids: [["1.0", "1"]], asks: [] });
    assert.equal(picture(book), "10x1 | ");
    assert.ok(book.update(update(4, 4, [], [["2.0", "2"]])));
    assert.equal(picture(book), "10x1 | 20x2");
});

test("a truncated side that runs short asks for a new snapshot", () => {
    const book = new Book(0, 0);
    const bids = Array.from({ length: SNAPSHOT_LEVELS }, (_, i) => [String(1000 - i), "1"]);
    book.snapshot({ u: 1, time: 0, bids, asks: [] });
    const gone = bids.slice(0, SNAPSHOT_LEVELS / 2 + 1).map(([price]) => [price, "0"]);
    assert.equal(book.update(update(2, 2, gone)), false);
});

test("grouping lets bids fall and asks rise, and totals run outward", () => {
    const book = begun();
    assert.deepEqual(book.ladder("asks", 5n, 9), [
        { price: 1005n, qty: 4n, total: 4n },
        { price: 1010n, qty: 8n, total: 12n },
    ]);
    assert.deepEqual(book.ladder("bids", 10n, 9), [{ price: 990n, qty: 12n, total: 12n }]);
    assert.deepEqual(book.ladder("bids", 1n, 1), [{ price: 999n, qty: 5n, total: 5n }]);
});

test("steps are the tick and round multiples of it", () => {
    assert.deepEqual(groupSteps(5n).map(Number), [5, 10, 20, 50, 100, 200, 500, 1000, 2000]);
    assert.deepEqual(groupSteps(1n).map(Number), [1, 2, 5, 10, 20, 50, 100, 200, 500]);
    for (const step of groupSteps(25n)) assert.equal(step % 25n, 0n);
});

test("a random stream leaves the same book as a plain map", () => {
    const book = new Book(0, 0);
    const plain = { bids: new Map(), asks: new Map() };
    let seed = 1234567;
    const random = (below: number) => (seed = (seed * 1103515245 + 12345) % 2147483648) % below;
    book.snapshot({ u: 0, time: 0, bids: [], asks: [] });
    for (let u = 1; u <= 3000; u++) {
        const side = random(2) === 0 ? "bids" : "asks";
        const price = (side === "bids" ? 100 : 200) + random(90);
        const qty = random(3);
        if (qty === 0) plain[side].delete(price);
        else plain[side].set(price, qty);
        const levels = [[String(price), String(qty)]];
        assert.ok(book.update(update(u, u, side === "bids" ? levels : [], side === "asks" ? levels : [])));
    }
    const sorted = (side, sign) => [...plain[side]].sort((a, b) => sign * (a[0] - b[0])).map(([price, qty]) => ({ price: BigInt(price), qty: BigInt(qty) }));
    assert.deepEqual(book.bids, sorted("bids", -1));
    assert.deepEqual(book.asks, sorted("asks", 1));
});

const terms = { priceDecimals: 1, qtyDecimals: 0, lot: 1n, makerFee: 500n, takerFee: 1000n };

test("a market order's estimate walks the book, and says when it is too small", () => {
    assert.deepEqual(marketEstimate(begun(), terms, true, 6n), { total: 4n * 1001n + 2n * 1006n, fee: 6000n, takes: true, short: false });
    assert.equal(marketEstimate(begun(), terms, true, 13n).short, true);
});

test("a limit order pays the taker's fee only when it meets the other side", () => {
    assert.equal(limitEstimate(begun(), terms, true, 1000n, 2n, false).takes, false);
    assert.equal(limitEstimate(begun(), terms, true, 1001n, 2n, false).takes, true);
    assert.equal(limitEstimate(begun(), terms, true, 1001n, 2n, true).takes, false);
    assert.equal(limitEstimate(begun(), terms, false, 999n, 2n, false).fee, 2n * 999n * 1000n);
});

test("a share of the balance buys whole lots and never more than it pays for", () => {
    assert.equal(affordable(terms, true, 1001n, 1000_00n, 2, 100n), 9n); // 1000.00 / 100.1
    assert.equal(affordable(terms, true, 1001n, 1000_00n, 2, 50n), 4n);
    assert.equal(affordable(terms, true, null, 1000_00n, 2, 100n), 0n);
    assert.equal(affordable({ ...terms, lot: 5n }, false, null, 19_99n, 2, 100n), 15n);
});
