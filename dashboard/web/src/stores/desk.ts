import { defineStore } from "pinia";
import { computed, reactive, ref, watch } from "vue";
import { get, post, Problem } from "../api";
import { Feed } from "../feed";
import { ringOnce, startRinging, stopRinging } from "../ring";
import { setServerTime } from "../time";
import type { CallbackLists, Card, DeskPicture, Written } from "../types";
import { sv } from "../wording/sv";
import { useSession } from "./session";
import { useSoftphone } from "./softphone";

export type Connection = "connecting" | "open" | "lost" | "elsewhere";

/** The agent's desk as the server last showed it, and what the agent can do about it. */
export const useDesk = defineStore("desk", () => {
    const session = useSession();
    const softphone = useSoftphone();
    const picture = ref<DeskPicture | null>(null);
    const connection = ref<Connection>("connecting");
    const card = ref<Card | null>(null);
    const callbacks = ref<CallbackLists | null>(null);
    const notes = reactive<Record<string, string>>({});
    /** What an agent has begun to write to somebody. */
    const drafts = reactive<Record<string, string>>({});
    /** How the agent has said that a talk ended, before writing it up. */
    const endCodes = reactive<Record<string, string>>({});
    const message = ref("");
    const fault = ref("");
    const answering = ref("");
    let feed: Feed | null = null;
    /** The agent has just asked to ring somebody back, so the offer that comes of it needs no second yes. */
    let ringsBack = false;

    const about = computed(
        () => (picture.value?.offer ?? picture.value?.talk ?? picture.value?.wrap_up)?.about ?? null,
    );

    /** Which of the written contacts is open; the one that was taken last, or the first when that is gone. */
    const chosen = ref("");
    const writesWith = computed(() => {
        const all = picture.value?.written ?? [];
        return all.find((one) => one.about.contact === chosen.value) ?? all[0] ?? null;
    });

    function open(): void {
        close();
        connection.value = "connecting";
        feed = new Feed("/api/feed", {
            on: {
                desk: (data) => take(JSON.parse(data) as DeskPicture),
                ping: () => void post("/api/agent/alive").catch(() => undefined),
                replaced: moveAway,
            },
            connected: (yes) => (connection.value = yes ? "open" : "lost"),
            closed: stillLoggedIn,
        });
        void softphone.connect().catch(() => (softphone.reachable = false));
    }

    function close(): void {
        feed?.stop();
        feed = null;
        stopRinging();
        softphone.disconnect();
    }

    function moveAway(): void {
        close();
        connection.value = "elsewhere";
    }

    async function stillLoggedIn(): Promise<boolean> {
        await session.look();
        if (!session.me) {
            close();
            [picture.value, card.value] = [null, null];
        }
        return session.me !== null;
    }

    function take(shown: DeskPicture): void {
        setServerTime(shown.now);
        const before = picture.value;
        picture.value = shown;
        if (before?.talk && !before.talk.connected && shown.talk?.connected) {
            message.value = sv.talk.started;
        } else if (before?.talk && shown.wrap_up) {
            message.value = sv.talk.ended;
            softphone.putDown();
        } else if (before?.offer && !shown.offer && !shown.talk) {
            const taken = shown.written.find((one) => one.about.contact === before.offer?.about.contact);
            chosen.value = taken?.about.contact ?? chosen.value;
            message.value = taken ? sv.written.taken : before.offer.is_written ? sv.written.gone : sv.offer.gone;
        } else if (shown.written.some((one) => isNews(one, before))) {
            message.value = sv.written.news;
        }
        if (shown.offer?.offer !== answering.value) {
            answering.value = "";
        }
        const [now, then] = [countsOf(shown), countsOf(before)];
        if (now !== then && callbacks.value) {
            void showCallbacks();
        }
    }

    // The card tells more once we ring: the number is whole then.
    watch(
        [() => about.value?.contact, () => Boolean(picture.value?.offer?.ring_back)],
        async ([contact], [before]) => {
            if (contact !== before) {
                card.value = null;
            }
            if (contact) {
                card.value = await get<Card>(`/api/contacts/${encodeURIComponent(contact)}`).catch(() => null);
            }
        },
    );
    watch(
        () => picture.value?.offer?.offer,
        (offer) => {
            const { is_ring_back, ring_back } = picture.value?.offer ?? {};
            if (offer && ring_back?.is_on_the_line) {
                // they have answered and pressed the key: nobody who was rung waits for a click (ADR 0020)
                message.value = sv.ringBack.atOnce;
                void accept();
                ringOnce();
            } else if (offer && is_ring_back && ringsBack) {
                ringsBack = false;
                void accept();
            } else if (offer) {
                if (!picture.value?.offer?.is_written) {
                    startRinging();
                }
            } else {
                stopRinging();
                softphone.forgetOffer();
            }
        },
    );

    /** Do something, and say so in plain words when it did not work. */
    async function attempt(what: () => Promise<unknown>, otherwise: string = sv.connection.failed): Promise<boolean> {
        fault.value = "";
        try {
            await what();
            return true;
        } catch (problem) {
            fault.value = problem instanceof Problem && problem.status === 409 ? otherwise : sv.connection.failed;
            return false;
        }
    }

    async function setState(state: string, reason = ""): Promise<void> {
        message.value = "";
        await attempt(() => post("/api/agent/state", { state, reason }));
    }

    async function accept(): Promise<void> {
        const offer = picture.value?.offer;
        if (!offer || answering.value === offer.offer) {
            return;
        }
        answering.value = offer.offer;
        stopRinging();
        if (softphone.mode === "sip" && !offer.is_written) {
            softphone.answer(offer.offer);
            return;
        }
        const done = await attempt(() => post(`/api/offers/${offer.offer}/accept`, { token: offer.token }), sv.offer.gone);
        if (!done) {
            answering.value = "";
        }
    }

    async function reject(): Promise<void> {
        const offer = picture.value?.offer;
        if (offer) {
            stopRinging();
            await attempt(() => post(`/api/offers/${offer.offer}/reject`, { token: offer.token }), sv.offer.gone);
        }
    }

    async function onTalk(what: "hold" | "unhold" | "hang-up"): Promise<void> {
        const contact = picture.value?.talk?.about.contact;
        if (contact) {
            await attempt(() => post(`/api/contacts/${encodeURIComponent(contact)}/${what}`));
        }
    }

    /** We rang somebody back and it was not them: hang up, and have that written up. */
    async function wasNotThem(code: string): Promise<void> {
        const contact = picture.value?.talk?.about.contact;
        if (contact) {
            endCodes[contact] = code;
            await onTalk("hang-up");
        }
    }

    async function wrapUp(code: string, state: string, reason: string): Promise<void> {
        const contact = picture.value?.wrap_up?.about.contact;
        if (!contact) {
            return;
        }
        const body = { code, note: notes[contact] ?? "", next_state: state, reason };
        if (await attempt(() => post(`/api/contacts/${encodeURIComponent(contact)}/wrap-up`, body))) {
            delete notes[contact];
            delete endCodes[contact];
            message.value = sv.wrapUp.saved;
        }
    }

    async function closeWritten(contact: string, code: string): Promise<boolean> {
        const body = { code, note: notes[contact] ?? "" };
        const done = await attempt(() => post(`/api/contacts/${encodeURIComponent(contact)}/close`, body), sv.written.notClosed);
        if (done) {
            delete notes[contact];
            delete drafts[contact];
            message.value = sv.written.closed;
        }
        return done;
    }

    /** Let calls come while one writes, or not. */
    async function letCallsIn(yes: boolean): Promise<void> {
        await attempt(() => post("/api/agent/calls-in", { yes }));
    }

    /** Put what was written back at its place in the line, for somebody else. */
    async function handBack(contact: string): Promise<void> {
        if (await attempt(() => post(`/api/contacts/${encodeURIComponent(contact)}/hand-back`))) {
            message.value = sv.written.handedBack;
        }
    }

    async function showCallbacks(): Promise<void> {
        await attempt(async () => (callbacks.value = await get<CallbackLists>("/api/callbacks")));
    }

    async function ring(callback: string): Promise<void> {
        softphone.answerNext();
        ringsBack = true;
        await attempt(() => post(`/api/callbacks/${encodeURIComponent(callback)}/ring`), sv.callbacks.taken);
    }

    return {
        picture, connection, card, callbacks, notes, drafts, endCodes, message, fault, answering, about, chosen, writesWith,
        open, close, take, setState, accept, reject, onTalk, wasNotThem, wrapUp, closeWritten, handBack, letCallsIn, showCallbacks,
        ring,
    };
});

/** Whether a citizen has written something since the picture before. */
function isNews(one: Written, before: DeskPicture | null): boolean {
    const then = before?.written.find((other) => other.about.contact === one.about.contact);
    return then !== undefined && !one.last_is_ours && one.last_at !== then.last_at;
}

function countsOf(shown: DeskPicture | null): string {
    return `${shown?.callbacks_waiting} ${shown?.callbacks_to_follow_up}`;
}
