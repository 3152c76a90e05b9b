import { defineStore } from "pinia";
import { ref } from "vue";
import { get, Problem, put, remove } from "../api";
import { setServerTime } from "../time";
import type { AgentSkills, CallbackCount, Notice, ProviderRates, SupervisionPicture } from "../types";
import { fill, sv } from "../wording/sv";

const LOOK_EVERY_MS = 10_000;
/** They are counted over a whole day of texts, and change slowly. */
const RATES_EVERY = 6;

/** What the supervisor wants, and what the server said against it. */
export interface Doubt {
    words: string;
    again: () => Promise<void>;
}

/** Agents' skills and what is said to callers, as a supervisor sees and changes them. */
export const useSupervision = defineStore("supervision", () => {
    const picture = ref<SupervisionPicture | null>(null);
    const callbackCount = ref<CallbackCount | null>(null);
    const textRates = ref<ProviderRates[]>([]);
    const message = ref("");
    const fault = ref("");
    const doubt = ref<Doubt | null>(null);
    let looks = 0;
    let timer: ReturnType<typeof setInterval> | null = null;

    async function open(): Promise<void> {
        await look();
        timer ??= setInterval(() => void look(), LOOK_EVERY_MS);
    }

    function close(): void {
        if (timer) {
            clearInterval(timer);
        }
        [timer, looks] = [null, 0];
        [picture.value, message.value, fault.value, doubt.value] = [null, "", "", null];
    }

    async function look(): Promise<void> {
        const seen = await get<SupervisionPicture>("/api/supervision").catch(() => null);
        if (seen) {
            setServerTime(seen.now);
            picture.value = seen;
        }
        callbackCount.value = await get<CallbackCount>("/api/callbacks/count").catch(() => callbackCount.value);
        if (looks++ % RATES_EVERY === 0) {
            textRates.value = await get<ProviderRates[]>("/api/texts/rates").catch(() => textRates.value);
        }
    }

    /** Do it and look again. A warning is shown with the choice to do it all the same. */
    async function change(done: string, what: (confirm: boolean) => Promise<unknown>, confirm = false): Promise<boolean> {
        [message.value, fault.value, doubt.value] = ["", "", null];
        let went = true;
        try {
            await what(confirm);
            message.value = done;
        } catch (problem) {
            went = false;
            if (problem instanceof Problem && problem.kind === "LastAgentError") {
                doubt.value = { words: problem.message, again: async () => void (await change(done, what, true)) };
            } else {
                fault.value = (problem instanceof Problem && problem.status === 422 && problem.message) || sv.connection.failed;
            }
        }
        await look();
        return went;
    }

    async function setLevel(agent: AgentSkills, skill: string, level: number): Promise<void> {
        const named = picture.value?.skills.map((one) => one.id) ?? [];
        const others = agent.skills.filter((one) => one.skill !== skill && named.includes(one.skill));
        const wanted = level ? [...others, { skill, level }] : others;
        const skills = Object.fromEntries(wanted.map((one) => [one.skill, one.level]));
        const path = `/api/agents/${encodeURIComponent(agent.agent)}/skills`;
        await change(fill(sv.supervisor.done, { name: agent.name }), (confirm) => put(path, { skills, confirm }));
    }

    async function reset(agent: AgentSkills): Promise<void> {
        const path = `/api/agents/${encodeURIComponent(agent.agent)}/skills`;
        const done = fill(sv.supervisor.done, { name: agent.name });
        await change(done, (confirm) => remove(`${path}?confirm=${confirm}`));
    }

    async function putUp(place: string, name: string, wish: object): Promise<boolean> {
        return await change(sv.supervisor.putUpDone, () => put(address(place, name), wish));
    }

    async function takeDown(notice: Notice): Promise<void> {
        await change(sv.supervisor.takenDown, () => remove(address(notice.place, notice.name)));
    }

    return { picture, callbackCount, textRates, message, fault, doubt, open, close, look, setLevel, reset, putUp, takeDown };
});

function address(place: string, name: string): string {
    const id = encodeURIComponent(name);
    const kinds: Record<string, string> = { queue: "queues", skill: "skills" };
    return kinds[place] ? `/api/${kinds[place]}/${id}/spare-message` : `/api/entry-points/${id}/emergency`;
}
