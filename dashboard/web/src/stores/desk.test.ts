import { createPinia, setActivePinia } from "pinia";
import { nextTick } from "vue";
import { beforeEach, expect, test, vi } from "vitest";
import type { About, DeskPicture } from "../types";
import { useDesk } from "./desk";
import { useSoftphone } from "./softphone";

const about: About = {
    contact: "con_1",
    channel: "voice",
    queue: "sjuk",
    queue_label: "Sjuk",
    waiting_since: null,
    language: "sv",
    level: 0,
    path: [],
};
const now = "2026-11-16T09:00:00Z";
const idle: DeskPicture = {
    state: "READY",
    reason: "",
    since: now,
    next_state: "",
    next_reason: "",
    offer: null,
    talk: null,
    wrap_up: null,
    written: [],
    lets_calls_in: false,
    queues: [],
    callbacks_waiting: 0,
    callbacks_to_follow_up: 0,
    notices: [],
    now,
};
const offer = { offer: "off_1", token: 7, expires_at: now, is_ring_back: false, is_written: false, about, ring_back: null };
let asked: { method: string; path: string; body: unknown }[] = [];
let status = 204;

beforeEach(() => {
    setActivePinia(createPinia());
    [asked, status] = [[], 204];
    vi.stubGlobal("fetch", async (path: string, init: RequestInit) => {
        asked.push({ method: init.method ?? "GET", path, body: init.body ? JSON.parse(String(init.body)) : undefined });
        return status === 204 ? new Response(null, { status }) : Response.json({ type: "about:blank" }, { status });
    });
});

test("an offer without sound is accepted at the server, once, with its token", async () => {
    const desk = useDesk();
    useSoftphone().mode = "simulator";
    desk.take({ ...idle, state: "RESERVED", offer });
    await Promise.all([desk.accept(), desk.accept()]);
    const accepted = asked.filter((one) => one.method === "POST");
    expect(accepted).toEqual([{ method: "POST", path: "/api/offers/off_1/accept", body: { token: 7 } }]);
});

test("an offer that went to somebody else is explained and can be left", async () => {
    const desk = useDesk();
    useSoftphone().mode = "simulator";
    desk.take({ ...idle, state: "RESERVED", offer });
    status = 409;
    await desk.accept();
    expect(desk.fault).toContain("inte längre ditt");
    expect(desk.answering).toBe("");
});

test("with sound the telephone answers, and nothing is asked of the server", async () => {
    const desk = useDesk();
    useSoftphone().mode = "sip";
    desk.take({ ...idle, state: "RESERVED", offer });
    await desk.accept();
    expect(asked.filter((one) => one.method === "POST")).toEqual([]);
});

test("the telephone is put down when the talk is over, and not while it goes on or before it", () => {
    const desk = useDesk();
    const putDown = vi.spyOn(useSoftphone(), "putDown");
    const talk = { since: now, connected: true, on_hold: false, about, ring_back: null };
    desk.take({ ...idle, state: "RESERVED", offer });
    desk.take({ ...idle, state: "BUSY", talk });
    desk.take({ ...idle, state: "BUSY", talk: { ...talk, on_hold: true } });
    expect(putDown).not.toHaveBeenCalled();
    desk.take({ ...idle, state: "WRAP_UP", wrap_up: { since: now, about, ring_back: null } });
    expect(putDown).toHaveBeenCalledOnce();
});

test("who it is, is asked for once per contact and forgotten after it", async () => {
    const desk = useDesk();
    desk.take({ ...idle, state: "RESERVED", offer });
    await nextTick();
    desk.take({ ...idle, state: "BUSY", talk: { since: now, connected: true, on_hold: false, about, ring_back: null } });
    await nextTick();
    expect(asked.map((one) => one.path)).toEqual(["/api/contacts/con_1"]);
    desk.take(idle);
    await nextTick();
    expect(desk.card).toBeNull();
});

test("a note is kept through the call and sent with the wrap-up", async () => {
    const desk = useDesk();
    desk.take({ ...idle, state: "BUSY", talk: { since: now, connected: true, on_hold: false, about, ring_back: null } });
    desk.notes.con_1 = "Ringer om hyresavi.";
    desk.take({ ...idle, state: "WRAP_UP", wrap_up: { since: now, about, ring_back: null } });
    expect(desk.message).toContain("slut");
    await desk.wrapUp("finished", "READY", "");
    const sent = asked.find((one) => one.path.endsWith("wrap-up"))?.body;
    expect(sent).toEqual({ code: "finished", note: "Ringer om hyresavi.", next_state: "READY", reason: "" });
    expect(desk.notes.con_1).toBeUndefined();
});

test("a note is not lost when it could not be saved", async () => {
    const desk = useDesk();
    desk.take({ ...idle, state: "WRAP_UP", wrap_up: { since: now, about, ring_back: null } });
    desk.notes.con_1 = "Viktigt.";
    status = 503;
    await desk.wrapUp("finished", "READY", "");
    expect(desk.fault).not.toBe("");
    expect(desk.notes.con_1).toBe("Viktigt.");
});

test("an agent who has asked to ring somebody back need not say yes once more", async () => {
    const desk = useDesk();
    useSoftphone().mode = "simulator";
    await desk.ring("cbk_1");
    desk.take({ ...idle, state: "RESERVED", offer: { ...offer, is_ring_back: true } });
    await nextTick();
    expect(asked.map((one) => one.path)).toContain("/api/offers/off_1/accept");
});

test("whoever was rung first and has pressed the key is put through without a click, by server or telephone", async () => {
    const ring_back = {
        callback: "cbk_1", promised_at: now, waiting_since: now, told_from: null, told_until: null, attempt: 1, most_attempts: 3,
        is_on_the_line: true, is_own: false,
    };
    const onTheLine = { ...offer, is_ring_back: true, ring_back };
    const desk = useDesk();
    useSoftphone().mode = "simulator";
    desk.take({ ...idle, state: "RESERVED", offer: { ...onTheLine, ring_back: { ...ring_back, is_on_the_line: false } } });
    await nextTick();
    expect(asked.map((one) => one.path)).not.toContain("/api/offers/off_1/accept");
    desk.take(idle);
    await nextTick();
    desk.take({ ...idle, state: "RESERVED", offer: onTheLine });
    await nextTick();
    expect(asked.map((one) => one.path)).toContain("/api/offers/off_1/accept");
    expect(desk.message).toContain("kopplas ihop");
    const answer = vi.spyOn(useSoftphone(), "answer");
    useSoftphone().mode = "sip";
    desk.take(idle);
    await nextTick();
    desk.take({ ...idle, state: "RESERVED", offer: { ...onTheLine, offer: "off_2" } });
    await nextTick();
    expect(answer).toHaveBeenCalledWith("off_2");
});

test("who has written is accepted at the server also where a telephone has sound, and nothing rings", async () => {
    const desk = useDesk();
    useSoftphone().mode = "sip";
    desk.take({ ...idle, state: "RESERVED", offer: { ...offer, is_written: true } });
    await desk.accept();
    expect(asked.filter((one) => one.method === "POST").map((one) => one.path)).toEqual(["/api/offers/off_1/accept"]);
});

test("a written contact is closed with its code and note, and the next one is shown", async () => {
    const desk = useDesk();
    const one = { since: now, about, last_at: now, last_is_ours: false, last_state: "" };
    const two = { ...one, about: { ...about, contact: "con_2" } };
    desk.take({ ...idle, state: "BUSY", written: [one, two] });
    desk.notes.con_1 = "Undrar om datum.";
    expect(desk.writesWith?.about.contact).toBe("con_1");
    await desk.closeWritten("con_1", "answered");
    const sent = asked.find((one) => one.path.endsWith("/close"));
    expect(sent).toEqual({
        method: "POST", path: "/api/contacts/con_1/close", body: { code: "answered", note: "Undrar om datum." },
    });
    desk.take({ ...idle, state: "BUSY", written: [two] });
    expect(desk.writesWith?.about.contact).toBe("con_2");
});
