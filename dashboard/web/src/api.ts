/** Asks the server. Every change carries the log-in's own mark, which no other site's page can know. */
export class Problem extends Error {
    constructor(
        readonly status: number,
        readonly kind: string,
        detail: string,
        readonly more: Record<string, unknown> = {},
    ) {
        super(detail);
    }
}

let csrf = "";

export function useCsrf(mark: string): void {
    csrf = mark;
}

export function get<T>(path: string): Promise<T> {
    return ask<T>("GET", path);
}

/** Ask for a change. With a `key` the server does it once, however often it is asked. */
export function post<T = void>(path: string, body: object = {}, key = ""): Promise<T> {
    return ask<T>("POST", path, body, key);
}

export function put<T = void>(path: string, body: object = {}): Promise<T> {
    return ask<T>("PUT", path, body);
}

export function remove(path: string): Promise<void> {
    return ask("DELETE", path);
}

async function ask<T>(method: string, path: string, body?: object, key = ""): Promise<T> {
    const headers: Record<string, string> = { Accept: "application/json" };
    if (key) {
        headers["Idempotency-Key"] = key;
    }
    if (method !== "GET") {
        headers["X-KC-CSRF"] = csrf || "none";
    }
    if (body !== undefined) {
        headers["Content-Type"] = "application/json";
    }
    let answer: Response;
    try {
        const signal = AbortSignal.timeout(8000);
        answer = await fetch(path, { method, headers, body: body && JSON.stringify(body), signal });
    } catch {
        throw new Problem(0, "unreachable", "");
    }
    if (!answer.ok) {
        throw await problem(answer);
    }
    return (answer.status === 204 ? undefined : await answer.json()) as T;
}

async function problem(answer: Response): Promise<Problem> {
    try {
        const told = (await answer.json()) as { type?: string; detail?: string };
        return new Problem(answer.status, (told.type ?? "").replace("urn:kundcenter:", ""), told.detail ?? "", told);
    } catch {
        return new Problem(answer.status, "", "");
    }
}
