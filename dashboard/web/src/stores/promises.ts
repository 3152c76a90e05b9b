import { defineStore } from "pinia";
import { ref } from "vue";
import { get, post, Problem } from "../api";
import { onDayAt } from "../time";
import type { Card, OwnPromise, PageLink, Time, ToldOfPromise } from "../types";
import { fill, sv } from "../wording/sv";
import { useDesk } from "./desk";

/** What the server says of a promise, in the agent's words. */
const WORDS: Record<string, string> = {
    SlotTakenError: sv.callbacks.slotTaken,
    CallbackBusyError: sv.callbacks.busy,
    CallbackOverError: sv.callbacks.over,
    CallbackTakenError: sv.callbacks.taken,
    NotNowError: sv.ownPromise.notNow,
    NumberNotAllowedError: sv.ownPromise.badNumber,
};

/** Promises to ring back: another time, no call after all, one of the agent's own, and those to follow up. */
export const usePromises = defineStore("promises", () => {
    const desk = useDesk();
    const fault = ref("");

    /** Do something, say that it is done or why it is not, and look at the lists again. */
    async function change(done: string, what: () => Promise<unknown>): Promise<boolean> {
        fault.value = "";
        try {
            await what();
        } catch (problem) {
            fault.value = (problem instanceof Problem && WORDS[problem.kind]) || sv.connection.failed;
            return false;
        }
        desk.message = done;
        if (desk.callbacks) {
            await desk.showCallbacks();
        }
        return true;
    }

    function at(callback: string, what: string): string {
        return `/api/callbacks/${encodeURIComponent(callback)}/${what}`;
    }

    const times = (callback: string) => get<Time[]>(at(callback, "times")).catch(() => [] as Time[]);
    const who = (callback: string) => get<Card>(at(callback, "person")).catch(() => null);

    /** Copy the address of the citizen's page; return it where the browser does not let us, so that it can be shown. */
    async function copyLink(callback: string): Promise<string> {
        let address = "";
        let copied = true;
        const found = await change(sv.callbacks.linkCopied, async () => {
            address = (await post<PageLink>(at(callback, "link"))).address;
            copied = await navigator.clipboard.writeText(address).then(() => true, () => false);
        });
        if (found && !copied) {
            desk.message = sv.callbacks.linkShown;
        }
        return copied ? "" : address;
    }

    const move = (callback: string, slot: string | null) =>
        change(sv.callbacks.moved, () => post(at(callback, "move"), { slot_at: slot }));
    const cancel = (callback: string) => change(sv.callbacks.cancelled, () => post(at(callback, "cancel")));
    const followedUp = (callback: string, note: string) =>
        change(sv.callbacks.followedUp, () => post(at(callback, "followed-up"), { note }));

    function own(contact: string): string {
        return `/api/contacts/${encodeURIComponent(contact)}/callback`;
    }

    const choices = (contact: string) => get<OwnPromise>(own(contact)).catch(() => null);
    /** Promise it, and return what is to be told of it; null when it could not be promised. */
    async function promise(contact: string, time: string, deputy: string, number: string): Promise<ToldOfPromise | null> {
        let told: ToldOfPromise | null = null;
        await change(fill(sv.ownPromise.done, { time: onDayAt(time) }), async () => {
            told = await post<ToldOfPromise>(own(contact), { at: time, deputy, number });
        });
        return told;
    }

    return { fault, times, who, copyLink, move, cancel, followedUp, choices, promise };
});
