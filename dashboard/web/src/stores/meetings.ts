import { defineStore } from "pinia";
import { ref } from "vue";
import { get, post, Problem } from "../api";
import { onDayAt } from "../time";
import type { GuidanceOfType, GuidanceOwner, Meeting, MeetingCard, MeetingChoices, MeetingDay, MeetingInvitation, MeetingTime } from "../types-meetings";
import { fill, sv } from "../wording/sv";
import { useDesk } from "./desk";

/** What an agent asks for; as the server's `Wanted`. */
export interface Wanted {
    type: string;
    language: string;
    needs: string[];
    mode: string | null;
    office: string;
    postcode: string;
    given: string[];
    about_decision: boolean;
    with_me: boolean;
}

/** What an agent writes at the end of a meeting. */
export interface Written {
    text: string;
    agreed: string;
    next_step: string;
    how: string;
    reason: string;
}

/** Booked meetings: the agent's own, the one that is open, and those of whom they talk with. */
export const useMeetings = defineStore("meetings", () => {
    const desk = useDesk();
    const fault = ref("");
    /** Where the fault belongs: a contact's booking or the card. Said there, and read out there. */
    const faultOf = ref("");
    const day = ref<MeetingDay | null>(null);
    const card = ref<MeetingCard | null>(null);
    /** The type of meeting that is meant for what was refused. */
    const instead = ref("");

    /** Do something; say why it is not done, in the agent's words. */
    async function attempt<T>(what: () => Promise<T>, where: string): Promise<T | null> {
        [fault.value, faultOf.value, instead.value] = ["", where, ""];
        try {
            return await what();
        } catch (problem) {
            fault.value = inWords(problem);
            return null;
        }
    }

    function inWords(problem: unknown): string {
        if (!(problem instanceof Problem)) {
            return sv.connection.failed;
        }
        const { reason, instead: other } = problem.more;
        instead.value = typeof other === "string" ? other : "";
        const refused = typeof reason === "string" ? sv.meetingRefused[reason] : "";
        return refused || sv.meetingFaults[problem.kind] || sv.connection.failed;
    }

    function at(meeting: string, what = ""): string {
        return `/api/meetings/${encodeURIComponent(meeting)}${what && `/${what}`}`;
    }

    function of(contact: string, what: string): string {
        return `/api/contacts/${encodeURIComponent(contact)}/${what}`;
    }

    /** What one agent has looked at is not the next one's to see. */
    function forget(): void {
        [day.value, card.value, fault.value] = [null, null, ""];
    }

    async function showDay(): Promise<void> {
        day.value = await attempt(() => get<MeetingDay>("/api/meetings"), "day");
    }

    async function open(meeting: string): Promise<void> {
        card.value = await attempt(() => get<MeetingCard>(at(meeting)), "card");
    }

    /** Look again at what is shown, after it was changed. */
    async function lookAgain(): Promise<void> {
        if (day.value) {
            day.value = await get<MeetingDay>("/api/meetings").catch(() => day.value);
        }
        const shown = card.value?.shown.meeting;
        if (shown) {
            card.value = await get<MeetingCard>(at(shown)).catch(() => null);
        }
    }

    /** Change a meeting, say that it is done, and look again: also when somebody else has changed it meanwhile. */
    async function change(done: string, what: () => Promise<unknown>, where: string): Promise<boolean> {
        const went = await attempt(async () => (await what(), true), where);
        if (went) {
            desk.message = done;
        }
        const said = fault.value;
        await lookAgain();
        fault.value = said;
        return went === true;
    }

    const choices = (contact: string) => attempt(() => get<MeetingChoices>(of(contact, "meetings")), contact);
    const times = (contact: string, wanted: Wanted) =>
        attempt(() => post<MeetingTime[]>(of(contact, "meeting-times"), wanted), contact);
    const hold = (contact: string, wanted: Wanted, time: MeetingTime, key: string) =>
        attempt(() => post<Meeting>(of(contact, "meetings"), { wanted, at: chosen(time) }, key), contact);
    const invite = (contact: string, wanted: Wanted, key: string) =>
        attempt(() => post<MeetingInvitation>(of(contact, "meeting-invitations"), wanted, key), contact);
    async function confirm(contact: string, meeting: string): Promise<Meeting | null> {
        const booked = await attempt(() => post<Meeting>(at(meeting, "confirm")), contact);
        if (booked) {
            desk.message = sv.meetingBooking.done;
            await lookAgain();
        }
        return booked;
    }
    const letGo = (contact: string, meeting: string) => attempt(() => post(at(meeting, "cancel")), contact);

    const timesToMove = (meeting: string, where: string) => attempt(() => get<MeetingTime[]>(at(meeting, "times")), where);
    const move = (row: Meeting, time: MeetingTime, where: string) =>
        change(
            fill(sv.meetingCard.moved, { time: onDayAt(time.starts_at) }),
            () => post(at(row.meeting, "move"), { at: chosen(time), version: row.version }),
            where,
        );
    const cancel = (row: Meeting, where: string) =>
        change(sv.meetingCard.cancelled, () => post(at(row.meeting, "cancel"), { version: row.version }), where);
    const missed = (row: Meeting) => change(sv.meetingCard.missedDone, () => post(at(row.meeting, "missed")), "card");

    const timesSeparately = (meeting: string) => attempt(() => get<MeetingTime[]>(at(meeting, "separate")), "card");
    const separate = (shown: MeetingCard, time: MeetingTime, key: string) =>
        change(
            fill(sv.meetingCard.separateDone, { type: shown.separately, time: onDayAt(time.starts_at) }),
            () => post(at(shown.shown.meeting, "separate"), chosen(time), key),
            "card",
        );

    const close = (row: Meeting, written: Written) =>
        change(
            written.how === "none" ? sv.meetingClose.doneNone : sv.meetingClose.done,
            () => post(at(row.meeting, "close"), { ...written, version: row.version }),
            "card",
        );
    const correct = (row: Meeting, written: Written) =>
        change(sv.meetingClose.corrected, () => post(at(row.meeting, "correct"), written), "card");

    /** Tell that the guidance is unclear; returns who answers. */
    const unclear = (type: string, text: string) =>
        attempt(async () => (await post<GuidanceOwner>("/api/guidance", { type, text })).owner, "guidance");

    /** What has been answered about a type of meeting: an extra, so its absence is no fault. */
    const guidanceOf = (type: string) =>
        get<GuidanceOfType>(`/api/guidance/answers?type=${encodeURIComponent(type)}`).catch(() => null);

    return {
        guidanceOf, unclear, fault, faultOf, instead, day, card, forget, showDay, open, choices, times, hold, invite, confirm, letGo,
        timesToMove, move, cancel, missed, timesSeparately, separate, close, correct,
    };
});

function chosen(time: MeetingTime): object {
    return { starts_at: time.starts_at, office: time.office, mode: time.mode };
}
