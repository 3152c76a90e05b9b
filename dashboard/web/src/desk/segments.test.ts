import { expect, test } from "vitest";
import { counted } from "./segments";

test("a text is counted as the server counts it", () => {
    expect(counted(" \n").segments).toBe(0);
    expect(counted("a".repeat(160)).segments).toBe(1);
    expect(counted("å".repeat(161)).segments).toBe(2);
    expect(counted("a".repeat(306)).segments).toBe(2);
    expect(counted("a".repeat(307)).segments).toBe(3);
    expect(counted("€".repeat(80)).segments).toBe(1);
    expect(counted(`${"a".repeat(152)}€${"a".repeat(10)}`).segments).toBe(2);
});

test("curly quotes and long dashes cost nothing more, and what cannot be written is named", () => {
    expect(counted("”hej” – då…").foreign).toBe("");
    expect(counted("hej ž!").foreign).toBe("ž");
    expect(counted("hej 🙂").foreign).toBe("🙂");
});
