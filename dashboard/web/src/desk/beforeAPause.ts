import { ref } from "vue";
import { get } from "../api";
import type { Leaving } from "../types";

/** Who takes a break is told whom nobody else would answer, and takes it all the same if they want to. */
export function useBeforeAPause() {
    const warnings = ref<string[]>([]);

    /** Ask, and tell whether there is something to read first. When nobody can say, there is not. */
    async function warned(): Promise<boolean> {
        const told = await get<Leaving>("/api/agent/leaving?state=NOT_READY").catch(() => null);
        warnings.value = told?.warnings ?? [];
        return warnings.value.length > 0;
    }

    function forget(): void {
        warnings.value = [];
    }

    return { warnings, warned, forget };
}
