import { atTime, onDay, onDayAt } from "../time";
import type { Meeting, MeetingTime } from "../types-meetings";
import { fill, sv } from "../wording/sv";

/** onsdag 19 november 10:00–10:45 */
export function whenInWords(row: Meeting): string {
    const hours = fill(sv.meetingCard.whenUntil, { from: atTime(row.starts_at), until: atTime(row.ends_at) });
    return `${onDay(row.starts_at)} ${hours}`;
}

/** personligt möte ons 19 nov. 10:00 */
export function nameOf(row: Meeting): string {
    return fill(sv.meetings.what, { type: row.type_label, time: onDayAt(row.starts_at) });
}

const together = new Intl.ListFormat("sv-SE");

/** Lena och Sofia */
export function namesOf(row: Meeting): string {
    return together.format(row.staff);
}

/** Where, or by what means: Försäkringskassan Norrby, or telefon. */
export function placeOf(row: { mode: string; place?: string; office_label?: string }): string {
    const how = sv.meetings.modes[row.mode] ?? row.mode;
    return (row.mode === "physical" && (row.place || row.office_label)) || how;
}

export function timeInWords(time: MeetingTime): string {
    return fill(sv.meetingBooking.timeAt, { time: onDayAt(time.starts_at), place: placeOf(time) });
}

export function languageOf(row: Meeting): string {
    const language = sv.meetings.languages[row.language] ?? row.language;
    return row.has_interpreter ? fill(sv.meetingCard.interpreted, { language }) : language;
}

/** A name for one request of this page, the same when it is sent again. */
export function newKey(): string {
    return crypto.randomUUID();
}
