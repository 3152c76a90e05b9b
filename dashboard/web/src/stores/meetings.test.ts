import { createPinia, setActivePinia } from "pinia";
import { beforeEach, expect, test, vi } from "vitest";
import type { Meeting, MeetingTime } from "../types-meetings";
import { sv } from "../wording/sv";
import { useDesk } from "./desk";
import { useMeetings, type Wanted } from "./meetings";

const row = { meeting: "mtg_1", version: 3, starts_at: "2026-11-16T09:00:00Z" } as Meeting;
const time: MeetingTime = {
    starts_at: "2026-11-17T09:00:00Z",
    ends_at: "2026-11-17T09:45:00Z",
    office: "norrby",
    office_label: "Norrby",
    mode: "physical",
};
const wanted = { type: "kundmote" } as Wanted;
const written = { text: "Vi pratade.", agreed: "", next_step: "Vi ringer.", how: "print", reason: "" };
let asked: { path: string; body: unknown; key: string | undefined }[] = [];
let answer: () => Response;

beforeEach(() => {
    setActivePinia(createPinia());
    asked = [];
    answer = () => new Response(null, { status: 204 });
    vi.stubGlobal("fetch", async (path: string, init: RequestInit) => {
        const headers = init.headers as Record<string, string>;
        asked.push({ path, body: init.body ? JSON.parse(String(init.body)) : undefined, key: headers["Idempotency-Key"] });
        return answer();
    });
});

function refuses(status: number, kind: string, more: object = {}): void {
    answer = () => Response.json({ type: `urn:kundcenter:${kind}`, ...more }, { status });
}

test("a time is held under the page's own name for it, so that it is held once", async () => {
    answer = () => Response.json(row);
    await useMeetings().hold("con_1", wanted, time, "key-00000001");
    const { office_label: _label, ends_at: _end, ...at } = time;
    expect(asked).toEqual([{ path: "/api/contacts/con_1/meetings", body: { wanted, at }, key: "key-00000001" }]);
});

test("what the rules refuse is said in words, with the type that is meant", async () => {
    const meetings = useMeetings();
    refuses(422, "MeetingRefusedError", { reason: "about_a_decision", instead: "kundmote" });
    expect(await meetings.times("con_1", wanted)).toBeNull();
    expect(meetings.fault).toBe(sv.meetingRefused.about_a_decision);
    expect([meetings.instead, meetings.faultOf]).toEqual(["kundmote", "con_1"]);
});

test("a meeting is closed in the version that was looked at, and it is said", async () => {
    expect(await useMeetings().close(row, written)).toBe(true);
    expect(asked[0]).toEqual({ path: "/api/meetings/mtg_1/close", body: { ...written, version: 3 }, key: undefined });
    expect(useDesk().message).toBe(sv.meetingClose.done);
});

test("a meeting that is not closed is not said to be, and the reason stays to be read", async () => {
    const meetings = useMeetings();
    refuses(422, "NextStepMissingError");
    expect(await meetings.close(row, written)).toBe(false);
    expect(meetings.fault).toBe(sv.meetingFaults.NextStepMissingError);
    expect(useDesk().message).toBe("");
});

test("what one agent has looked at is gone for the next one", async () => {
    const meetings = useMeetings();
    answer = () => Response.json({ holds_meetings: true, to_close: [], today: [], coming: [] });
    await meetings.showDay();
    expect(meetings.day).not.toBeNull();
    meetings.forget();
    expect([meetings.day, meetings.card]).toEqual([null, null]);
});
