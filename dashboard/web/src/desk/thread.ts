import { ref, type Ref } from "vue";
import { get } from "../api";
import type { TextThread } from "../types";

interface Reads {
    thread: Ref<TextThread | null>;
    read: () => Promise<boolean>;
    forget: () => void;
}

/** The texts to and from one contact; what comes late of another one is not shown. */
export function useThread(contact: () => string): Reads {
    const thread = ref<TextThread | null>(null);

    async function read(): Promise<boolean> {
        const of = contact();
        const found = await get<TextThread>(`/api/contacts/${encodeURIComponent(of)}/texts`).catch(() => null);
        if (of === contact()) {
            thread.value = found ?? thread.value;
        }
        return found !== null;
    }

    return { thread, read, forget: () => (thread.value = null) };
}
