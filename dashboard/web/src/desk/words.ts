import { onDate } from "../time";
import type { Card, Matter, Queue } from "../types";
import { fill, sv } from "../wording/sv";

/** Who a contact is with, as far as they have shown it. The name comes a moment after the offer. */
export function whoIs(card: Card | null, level: number): string {
    if (level < 2) {
        return sv.about.notIdentified;
    }
    if (!card) {
        return sv.about.fetching;
    }
    return card.person?.name || (card.person?.protected ? sv.about.protectedName : sv.about.nameAway);
}

/** An answer that the machine gave, such as `payment:Barnbidrag`. */
export function answerInWords(answer: string): string {
    const [kind = "", benefit = ""] = answer.split(":", 2);
    const words = sv.about.answerKinds[kind] ?? kind;
    return benefit ? `${words} (${benefit})` : words;
}

/** How long somebody would wait who came into the queue now; nothing when nobody is sure. */
export function waitInWords(queue: Queue): string {
    if (queue.most_minutes === null) {
        return "";
    }
    const words = queue.least_minutes ? sv.queues.between : sv.queues.less;
    return fill(words, { least: queue.least_minutes ?? 0, most: queue.most_minutes });
}

/** What happens next in a matter. */
export function nextInWords(matter: Matter): string {
    if (matter.missing.length) {
        return fill(sv.card.missing, { what: matter.missing.join(", ") });
    }
    if (matter.decided_on) {
        return fill(sv.card.decided, { date: onDate(matter.decided_on) });
    }
    return matter.decision_expected_on ? fill(sv.card.expected, { date: onDate(matter.decision_expected_on) }) : "";
}
