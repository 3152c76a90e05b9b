import { defineStore } from "pinia";
import { ref } from "vue";
import { get, post, Problem, remove, useCsrf } from "../api";
import type { Login, Me } from "../types";

/** Who is logged in here. */
export const useSession = defineStore("session", () => {
    const me = ref<Me | null>(null);
    const ways = ref<Login | null>(null);
    const asked = ref(false);

    async function look(): Promise<void> {
        try {
            take(await get<Me>("/api/me"));
        } catch (problem) {
            if (!(problem instanceof Problem) || problem.status !== 401) {
                throw problem;
            }
            me.value = null;
            ways.value = await get<Login>("/api/login");
        } finally {
            asked.value = true;
        }
    }

    async function logIn(name: string, password: string): Promise<void> {
        await post("/api/session", { name, password });
        take(await get<Me>("/api/me"));
    }

    async function logOut(): Promise<void> {
        await remove("/api/session").catch(() => undefined);
        forget();
        await look();
    }

    function forget(): void {
        me.value = null;
        useCsrf("");
    }

    function take(answer: Me): void {
        me.value = answer;
        useCsrf(answer.csrf);
    }

    return { me, ways, asked, look, logIn, logOut, forget };
});
