import { onScopeDispose, readonly, ref, type Ref } from "vue";
import { fill, sv } from "./wording/sv";

/** The seconds between our clock and the server's; what is shown is counted on the server's. */
let offset = 0;

export function setServerTime(now: string): void {
    offset = Date.parse(now) - Date.now();
}

export function serverNow(): number {
    return Date.now() + offset;
}

/** Ticks once a second for as long as the component lives. */
export function useNow(): Readonly<Ref<number>> {
    const now = ref(serverNow());
    const timer = setInterval(() => (now.value = serverNow()), 1000);
    onScopeDispose(() => clearInterval(timer));
    return readonly(now);
}

export function secondsSince(instant: string | null, now: number): number {
    return instant ? Math.max(0, Math.floor((now - Date.parse(instant)) / 1000)) : 0;
}

/** 4:07, or 1:04:07. */
export function stopwatch(seconds: number): string {
    const two = (n: number) => String(n).padStart(2, "0");
    const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
    return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** A length of time in words that one takes in at a glance: 40 s, 7 min, 1 h 12 min. */
export function inWords(seconds: number): string {
    if (seconds < 60) {
        return fill(sv.duration.seconds, { n: seconds });
    }
    if (seconds < 3600) {
        return fill(sv.duration.minutes, { n: Math.floor(seconds / 60) });
    }
    return fill(sv.duration.hours, { h: Math.floor(seconds / 3600), m: Math.floor(seconds / 60) % 60 });
}

const clockTime = new Intl.DateTimeFormat("sv-SE", { hour: "2-digit", minute: "2-digit", timeZone: "Europe/Stockholm" });
const dayAndTime = new Intl.DateTimeFormat("sv-SE", {
    weekday: "short",
    day: "numeric",
    month: "short",
    hour: "2-digit",
    minute: "2-digit",
    timeZone: "Europe/Stockholm",
});
const longDate = new Intl.DateTimeFormat("sv-SE", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });

export function atTime(instant: string): string {
    return clockTime.format(new Date(instant));
}

export function onDayAt(instant: string): string {
    return dayAndTime.format(new Date(instant));
}

const wholeDay = new Intl.DateTimeFormat("sv-SE", { weekday: "long", day: "numeric", month: "long", timeZone: "Europe/Stockholm" });

/** torsdag 26 november */
export function onDay(instant: string): string {
    return wholeDay.format(new Date(instant));
}

export function onDate(date: string): string {
    return longDate.format(new Date(`${date}T00:00:00Z`));
}
