/** What the server shows us of booked meetings. The same as dashboard/meeting_views.py; a test sees to it, as for types.ts. */
import type { Choice, Person } from "./types";

export interface Meeting {
    meeting: string;
    type: string;
    type_label: string;
    state: string;
    mode: string;
    starts_at: string;
    ends_at: string;
    place: string;
    address: string;
    room: string;
    staff: string[];
    direct: string;
    language: string;
    has_interpreter: boolean;
    needs: string[];
    is_protected: boolean;
    is_to_close: boolean;
    is_own: boolean;
    held_until: string | null;
    version: number;
}

export interface MeetingDay {
    holds_meetings: boolean;
    to_close: Meeting[];
    today: Meeting[];
    coming: Meeting[];
}

export interface MeetingTask {
    task: string;
    name: string;
    is_protected: boolean;
    state: string;
    due_on: string;
    day_90: string;
    informed_at: string | null;
}

export interface MeetingTasks {
    tasks: MeetingTask[];
    is_complete: boolean;
}

export interface MeetingAnswer {
    question: string;
    answer: string;
}

export interface MeetingDocument {
    edition: number;
    text: string;
    agreed: string;
    next_step: string;
    how: string;
    reason: string;
    made_at: string;
    made_by: string;
    handed_over_at: string | null;
}

export interface MeetingBrief {
    is_for: boolean;
    consented: boolean | null;
    brief: string;
    state: string;
    text: string;
    found: string[];
}

export interface MeetingCard {
    shown: Meeting;
    person: Person | null;
    person_unavailable: boolean;
    kallelse: string;
    answers: MeetingAnswer[];
    draft: string;
    document: MeetingDocument | null;
    separately: string;
    takes_receipt: boolean;
}

export interface MeetingType {
    id: string;
    label: string;
    modes: string[];
    needs: string[];
    decisions: boolean;
}

export interface MeetingChoices {
    types: MeetingType[];
    offices: Choice[];
    languages: string[];
    needs: string[];
    booked: Meeting[];
    is_known: boolean;
    holds_meetings: boolean;
}

export interface MeetingTime {
    starts_at: string;
    ends_at: string;
    office: string;
    office_label: string;
    mode: string;
}

export interface MeetingInvitation {
    link: string;
    expires_at: string;
}

export interface GuidanceOwner {
    owner: string;
}

/** What is unclear in the guidance, and the answer; `answered_by` is a role. */
export interface GuidanceItem {
    question: string;
    type: string;
    label: string;
    text: string;
    asked_at: string;
    owner: string;
    answer: string;
    answered_at: string | null;
    answered_by: string;
}

export interface GuidanceOfType {
    answered: GuidanceItem[];
    waiting: number;
}

export interface GuidanceBoard {
    waiting: GuidanceItem[];
    answered: GuidanceItem[];
}
