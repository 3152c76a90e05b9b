/** How a text is counted while it is written. The server counts again: sms/gsm.py, with the same alphabet (3GPP TS 23.038). */
const ALPHABET = new Set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà",
);
const EXTENSION = new Set("\f^{}\\[~]|€");
const PLAIN: [RegExp, string][] = [
    [/[“”„‟«»″]/g, '"'],
    [/[‘’‚‛′`´]/g, "'"],
    [/[‐‑‒–—―−]/g, "-"],
    [/[\u00a0\u2007\u2009\u202f\t]/g, " "],
    [/…/g, "..."],
    [/•/g, "-"],
    [/[\u200b\ufeff\u00ad]/g, ""],
];

export interface Counted {
    characters: number;
    segments: number;
    /** The first character that a text may not have, if there is one. */
    foreign: string;
}

export function counted(text: string): Counted {
    const plain = PLAIN.reduce((so, [from, to]) => so.replace(from, to), text.trim());
    const all = [...plain];
    const foreign = all.find((char) => !ALPHABET.has(char) && !EXTENSION.has(char)) ?? "";
    const costs = all.map((char) => (EXTENSION.has(char) ? 2 : 1));
    return { characters: all.length, segments: segments(costs), foreign };
}

function segments(costs: number[]): number {
    if (!costs.length) {
        return 0;
    }
    if (costs.reduce((sum, cost) => sum + cost, 0) <= 160) {
        return 1;
    }
    let [many, used] = [1, 0];
    for (const cost of costs) {
        if (used + cost > 153) {
            [many, used] = [many + 1, 0];
        }
        used += cost;
    }
    return many;
}
