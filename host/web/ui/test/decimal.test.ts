// @ts-nocheck: node's own modules have no types here
import assert from "node:assert/strict";
import test from "node:test";
import { ceilTo, compact, floorTo, format, grouped, parse, ratio, read, rescale, show, trimmed } from "../src/decimal";

test("a price is counted in its own units, exactly", () => {
    assert.equal(parse("100.05", 2), 10005n);
    assert.equal(parse("100", 2), 10000n);
    assert.equal(parse(".5", 2), 50n);
    assert.equal(parse("7.", 2), 700n);
    assert.equal(parse(" 1,234.50 ", 2), 123450n);
    assert.equal(parse("-0.01", 2), -1n);
    assert.equal(parse("0.1", 18)! * 3n, parse("0.3", 18)); // floating point says otherwise
    assert.equal(parse("90071992547409.93", 2), 9007199254740993n); // beyond 2^53
});

test("what is no number, or finer than the instrument, is refused", () => {
    for (const bad of ["", "-", ".", "1e3", "0x10", "1.2.3", "abc", "NaN", "Infinity", "1 000"]) assert.equal(parse(bad, 2), null, bad);
    assert.equal(parse("1.005", 2), null);
    assert.equal(parse("1.0050", 3), 1005n);
});

test("the server's finer digits are cut, not rounded", () => {
    assert.equal(read("1.999", 2), 199n);
    assert.equal(read("rubbish", 2), 0n);
});

test("what is written reads back as the same", () => {
    for (const units of [0n, 1n, -1n, 99n, 100n, 123456789012345678901234567890n])
        for (const decimals of [0, 1, 2, 8, 18]) assert.equal(parse(format(units, decimals), decimals), units);
    assert.equal(format(5n, 2), "0.05");
    assert.equal(format(-5n, 2), "-0.05");
});

test("people see groups of three, and no idle zeros", () => {
    assert.equal(show(123456789n, 2), "1,234,567.89");
    assert.equal(grouped("999"), "999");
    assert.equal(grouped("1000.0001"), "1,000.0001");
    assert.equal(trimmed("1.500"), "1.5");
    assert.equal(trimmed("1.000"), "1");
    assert.equal(trimmed("1.000", 2), "1.00");
    assert.equal(trimmed("100"), "100");
});

test("volumes shrink to three figures and a letter", () => {
    assert.equal(compact("12.345"), "12.34");
    assert.equal(compact("999.9"), "999.9");
    assert.equal(compact("1234.5"), "1.23K");
    assert.equal(compact("12345"), "12.3K");
    assert.equal(compact("123456"), "123K");
    assert.equal(compact("1234567890"), "1.23B");
});

test("steps and scales round toward what they say", () => {
    assert.equal(floorTo(107n, 10n), 100n);
    assert.equal(ceilTo(101n, 10n), 110n);
    assert.equal(ceilTo(100n, 10n), 100n);
    assert.equal(rescale(1999n, 3, 1), 19n);
    assert.equal(rescale(19n, 1, 3), 1900n);
    assert.equal(ratio(1n, 3n, 3), 333n);
    assert.equal(ratio(1n, 0n, 3), 0n);
});
