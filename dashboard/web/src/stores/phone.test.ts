import { createPinia, setActivePinia } from "pinia";
import { beforeEach, expect, test, vi } from "vitest";
import { usePhone } from "./phone";

beforeEach(() => setActivePinia(createPinia()));

test("what is said is written down, and what happens is told beside it", () => {
    const phone = usePhone();
    phone.state = "calling";
    phone.hear({ kind: "said", text: "Välkommen." });
    phone.hear({ kind: "music", text: "" });
    phone.hear({ kind: "music", text: "" });
    phone.hear({ kind: "connected", text: "agent-asa" });
    phone.hear({ kind: "ended", text: "normal" });
    expect(phone.lines.map((line) => line.text)).toEqual([
        "Välkommen.",
        "♪ Musik medan du väntar",
        "Du är kopplad till en handläggare",
        "Samtalet är slut",
    ]);
    expect(phone.state).toBe("ended");
});

test("the name of an agent's telephone is never shown", () => {
    const phone = usePhone();
    phone.hear({ kind: "connected", text: "agent-asa" });
    expect(JSON.stringify(phone.lines)).not.toContain("asa");
});

test("a kind of sound that we do not know is passed by", () => {
    const phone = usePhone();
    phone.hear({ kind: "future", text: "x" });
    expect(phone.lines).toEqual([]);
});

test("keys reach the server in the order in which they were pressed, however slow it is", async () => {
    const sent: string[] = [];
    const slow = [30, 1, 10];
    vi.stubGlobal("fetch", async (_: string, init: RequestInit) => {
        await new Promise((done) => setTimeout(done, slow[sent.length] ?? 1));
        sent.push((JSON.parse(String(init.body)) as { keys: string }).keys);
        return new Response(null, { status: 204 });
    });
    const phone = usePhone();
    phone.state = "talking";
    await Promise.all([..."199107172380#"].map((key) => phone.press(key)));
    await vi.waitUntil(() => sent.join("").length === 13);
    expect(sent.join("")).toBe("199107172380#");
});
