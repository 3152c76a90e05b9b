import { expect, test } from "vitest";
import { atTime, inWords, onDate, secondsSince, stopwatch } from "./time";
import { fill } from "./wording/sv";

test.each([
    [0, "0 s"],
    [59, "59 s"],
    [60, "1 min"],
    [3599, "59 min"],
    [4320, "1 h 12 min"],
])("%i seconds are said as %s", (seconds, words) => expect(inWords(seconds)).toBe(words));

test.each([
    [7, "0:07"],
    [247, "4:07"],
    [3847, "1:04:07"],
])("%i seconds stand on the clock as %s", (seconds, shown) => expect(stopwatch(seconds)).toBe(shown));

test("instants are shown in Swedish time, winter and summer", () => {
    expect(atTime("2026-01-15T09:00:00Z")).toBe("10:00");
    expect(atTime("2026-07-15T09:00:00Z")).toBe("11:00");
});

test("a date is the same day wherever the browser is", () => expect(onDate("2026-12-24")).toBe("24 december 2026"));

test("a clock that is behind never shows less than nothing", () => {
    expect(secondsSince("2026-01-15T09:00:10Z", Date.parse("2026-01-15T09:00:00Z"))).toBe(0);
});

test("what is filled in is text, even when it looks like a place to fill", () => {
    expect(fill("{a} och {b}", { a: "{b}", b: "<b>" })).toBe("{b} och <b>");
});
