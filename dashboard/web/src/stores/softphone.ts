import { defineStore } from "pinia";
import { ref, shallowRef } from "vue";
import { post } from "../api";
import { BrowserPhone } from "../browserPhone";
import type { SipAccount } from "../types";

/** The agent's telephone in the browser. In a demo without sound the server answers in its place. */
export const useSoftphone = defineStore("softphone", () => {
    const mode = ref<"none" | "sip" | "simulator">("none");
    const reachable = ref(true);
    const ringingFor = ref("");
    const rings = ref(false);
    const talking = ref(false);
    const muted = ref(false);
    const microphoneDenied = ref(false);
    const phone = shallowRef<BrowserPhone | null>(null);
    let answerWhenItRings = "";
    let answerAnyUntil = 0;
    let renewing: ReturnType<typeof setTimeout> | null = null;

    async function connect(): Promise<void> {
        disconnect();
        const account = await post<SipAccount>("/api/softphone");
        mode.value = account.mode;
        if (account.mode !== "sip") {
            reachable.value = true;
            return;
        }
        reachable.value = false;
        phone.value = new BrowserPhone(account, {
            reachable: (yes) => (reachable.value = yes),
            ringing: onRinging,
            talking: () => ([talking.value, rings.value] = [true, false]),
            ended: onEnded,
            refused: renewSoon,
        });
    }

    function disconnect(): void {
        phone.value?.stop();
        phone.value = null;
        mode.value = "none";
        if (renewing) {
            clearTimeout(renewing);
            renewing = null;
        }
        onEnded("ended");
    }

    /** Answer the telephone for an offer; if it does not ring yet, as soon as it does. */
    function answer(offer: string): void {
        microphoneDenied.value = false;
        if (rings.value && ringingFor.value === offer) {
            phone.value?.answer();
        } else {
            answerWhenItRings = offer;
        }
    }

    /** Take the next call by itself: the agent has just asked to ring somebody back. */
    function answerNext(seconds = 15): void {
        answerAnyUntil = Date.now() + seconds * 1000;
    }

    function hangUp(): void {
        phone.value?.hangUp();
    }

    function putDown(): void {
        phone.value?.putDown();
    }

    function press(key: string): void {
        phone.value?.press(key);
    }

    function mute(yes: boolean): void {
        muted.value = yes;
        phone.value?.mute(yes);
    }

    function forgetOffer(): void {
        answerWhenItRings = "";
    }

    function onRinging(offer: string): void {
        [rings.value, ringingFor.value] = [true, offer];
        if ((answerWhenItRings && answerWhenItRings === offer) || Date.now() < answerAnyUntil) {
            answerAnyUntil = 0;
            phone.value?.answer();
        }
    }

    function onEnded(why: string): void {
        [rings.value, ringingFor.value, talking.value, muted.value] = [false, "", false, false];
        answerWhenItRings = "";
        microphoneDenied.value = why === "microphone";
    }

    function renewSoon(): void {
        renewing ??= setTimeout(() => {
            renewing = null;
            post<SipAccount>("/api/softphone")
                .then((account) => phone.value?.renew(account.password))
                .catch(renewSoon);
        }, 2000);
    }

    return {
        mode, reachable, ringingFor, rings, talking, muted, microphoneDenied,
        connect, disconnect, answer, answerNext, hangUp, putDown, press, mute, forgetOffer,
    };
});
