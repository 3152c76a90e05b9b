import { expect, test } from "vitest";
import type { Card } from "../types";
import { nextInWords, waitInWords, whoIs } from "./words";

const card: Card = {
    contact: "con_1",
    number: "",
    display_name: "",
    level: 2,
    opened_at: "2026-11-16T09:00:00Z",
    answers: [],
    person: { name: "Vera Provsson", language: "sv", protected: false, matters: [] },
    person_unavailable: false, rings_back: false, code: "",
};

test("one who has shown nothing is not identified, whatever else is known", () => {
    expect(whoIs(card, 0)).toBe("Ej identifierad");
    expect(whoIs(null, 1)).toBe("Ej identifierad");
});

test("one who has shown who they are is never called unknown while the name is on its way", () => {
    expect(whoIs(null, 2)).toBe("Hämtar namnet …");
    expect(whoIs(card, 2)).toBe("Vera Provsson");
    expect(whoIs({ ...card, person: null, person_unavailable: true }, 2)).toBe("Namnet syns inte just nu");
    expect(whoIs({ ...card, person: { ...card.person!, name: "", protected: true } }, 2)).toBe("Skyddade personuppgifter");
});

test("what is missing comes before what is decided, and that before what is expected", () => {
    const matter = { benefit: "x", state: "x", decision_expected_on: "2026-12-01", decided_on: "2026-11-01", missing: ["hyresavi"] };
    expect(nextInWords(matter)).toBe("Saknas: hyresavi");
    expect(nextInWords({ ...matter, missing: [] })).toBe("Beslut 1 november 2026");
    expect(nextInWords({ ...matter, missing: [], decided_on: null })).toBe("Beslut väntas 1 december 2026");
});

test("how long somebody would wait is a range, or nothing when nobody is sure", () => {
    const queue = { queue: "sjuk", label: "Sjuk", waiting: 0, longest_since: null, written: 0, written_since: null };
    expect(waitInWords({ ...queue, least_minutes: 5, most_minutes: 10 })).toBe("den som ringer nu väntar 5–10 min");
    expect(waitInWords({ ...queue, least_minutes: 0, most_minutes: 2 })).toBe("den som ringer nu väntar mindre än 2 min");
    expect(waitInWords({ ...queue, least_minutes: null, most_minutes: null })).toBe("");
});
