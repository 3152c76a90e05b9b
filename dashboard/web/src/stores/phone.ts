import { defineStore } from "pinia";
import { computed, ref, shallowRef } from "vue";
import { post, Problem } from "../api";
import { BrowserPhone } from "../browserPhone";
import { Feed } from "../feed";
import { startRinging, stopRinging } from "../ring";
import type { DemoPhone, Heard } from "../types";
import { fill, sv } from "../wording/sv";

export type PhoneState = "getting" | "none" | "free" | "calling" | "ringing" | "talking" | "ended";

export interface Line {
    who: "them" | "you" | "mark";
    text: string;
    keys?: string;
}

/** The demonstration's telephone: what it does, and what is heard in it. */
export const usePhone = defineStore("phone", () => {
    const lease = ref<DemoPhone | null>(null);
    const state = ref<PhoneState>("getting");
    const lines = ref<Line[]>([]);
    const fault = ref("");
    const sip = shallowRef<BrowserPhone | null>(null);
    const inCall = computed(() => ["calling", "talking"].includes(state.value));
    let feed: Feed | null = null;
    let unsent = "";
    let sending = false;

    async function open(): Promise<void> {
        close();
        state.value = "getting";
        try {
            lease.value = await post<DemoPhone>("/api/demo/phones/lease");
        } catch (problem) {
            state.value = "none";
            fault.value = problem instanceof Problem && problem.status === 409 ? sv.phone.none : sv.phone.failed;
            return;
        }
        fault.value = "";
        state.value = "free";
        listen(lease.value);
        if (lease.value.mode === "sip") {
            sip.value = new BrowserPhone(lease.value, {
                reachable: () => undefined,
                ringing: () => onKind("ringing", ""),
                talking: () => (state.value = "talking"),
                ended: onSipEnded,
                refused: () => undefined,
            });
        }
    }

    function close(): void {
        feed?.stop();
        sip.value?.stop();
        stopRinging();
        [feed, sip.value, lease.value] = [null, null, null];
    }

    function listen(phone: DemoPhone): void {
        feed = new Feed(`/api/demo/phones/${phone.phone}/heard`, {
            on: { heard: (data) => hear(JSON.parse(data) as Heard) },
            connected: () => undefined,
            closed: () => Promise.resolve(true),
        });
    }

    async function call(number: string): Promise<void> {
        [lines.value, fault.value, state.value] = [[], "", "calling"];
        if (sip.value) {
            sip.value.call(number.replace(/[^0-9+]/g, ""));
        } else {
            await ask("call", { number });
        }
    }

    async function answer(): Promise<void> {
        stopRinging();
        if (sip.value) {
            sip.value.answer();
        } else {
            await ask("answer");
        }
    }

    async function hangUp(): Promise<void> {
        stopRinging();
        if (sip.value) {
            sip.value.hangUp();
        } else {
            await ask("hang-up");
        }
    }

    async function press(key: string): Promise<void> {
        if (state.value !== "talking") {
            return;
        }
        add("you", key);
        if (sip.value) {
            sip.value.press(key);
        } else {
            unsent += key;
            await sendKeys();
        }
    }

    /** Requests can overtake each other, so there is one at a time; what is pressed meanwhile goes with the next. */
    async function sendKeys(): Promise<void> {
        if (sending) {
            return;
        }
        sending = true;
        while (unsent) {
            const keys = unsent;
            unsent = "";
            await ask("press", { keys });
        }
        sending = false;
    }

    async function ask(what: string, body: object = {}): Promise<void> {
        try {
            await post(`/api/demo/phones/${lease.value?.phone}/${what}`, body);
        } catch {
            fault.value = sv.phone.failed;
            state.value = what === "call" ? "free" : state.value;
        }
    }

    function hear(heard: Heard): void {
        if (heard.kind === "said" && heard.text) {
            add("them", heard.text);
        } else {
            onKind(heard.kind, heard.text);
        }
        const isSound = ["said", "music", "connected", "answered"].includes(heard.kind);
        if (isSound && state.value === "calling" && !sip.value) {
            state.value = "talking";
        }
    }

    function onKind(kind: string, text: string): void {
        if (kind === "ringing") {
            state.value = "ringing";
            startRinging();
        } else if (kind === "answered" || kind === "connected") {
            stopRinging();
            state.value = sip.value && state.value === "calling" ? "calling" : "talking";
        } else if (kind === "ended") {
            stopRinging();
            state.value = "ended";
        }
        const mark = sv.phone.heard[kind];
        if (mark) {
            add("mark", fill(mark, { text }));
        }
    }

    function onSipEnded(why: "ended" | "failed" | "microphone"): void {
        stopRinging();
        if (state.value !== "ended") {
            onKind("ended", "");
        }
        fault.value = why === "microphone" ? sv.phone.microphone : why === "failed" ? sv.phone.failed : "";
    }

    function add(who: Line["who"], text: string): void {
        const last = lines.value.at(-1);
        if (who === "you" && last?.who === "you") {
            last.keys = `${last.keys ?? ""} ${text}`;
            last.text = fill(sv.phone.heard.pressed ?? "", { key: last.keys });
        } else if (who === "you") {
            lines.value.push({ who, keys: text, text: fill(sv.phone.heard.pressed ?? "", { key: text }) });
        } else if (who !== "mark" || last?.who !== "mark" || last.text !== text) {
            lines.value.push({ who, text });
        }
    }

    return { lease, state, lines, fault, inCall, open, close, call, answer, hangUp, press, hear };
});
