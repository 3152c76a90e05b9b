import { expect, test } from "vitest";
import type { Card } from "../types";
import { nextInWords, whoIs } from "./words";

const card: Card = {
    contact: "con_1",
    number: "",
    display_name: "",
    level: 2,
    opened_at: "2026-11-16T09:00:00Z",
    answers: [],
    person: { name: "Vera Provsson", language: "sv", protected: false, matters: [] },
    person_unavailable: false,
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
