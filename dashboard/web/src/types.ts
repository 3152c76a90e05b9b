/** What the server shows us. The same as dashboard/views.py: tests/unit/dashboard/test_types_of_the_pages.py sees to it. */
export interface Choice {
    id: string;
    label: string;
}

export interface Me {
    agent: string;
    name: string;
    roles: string[];
    csrf: string;
    expires_at: string;
    not_ready_reasons: Choice[];
    wrap_up_codes: Choice[];
}

export interface SipAccount {
    mode: "sip" | "simulator";
    uri: string;
    password: string;
    ws_url: string;
}

export interface About {
    contact: string;
    queue: string;
    queue_label: string;
    waiting_since: string | null;
    language: string;
    level: number;
    path: string[];
}

export interface Offer {
    offer: string;
    token: number;
    expires_at: string;
    is_ring_back: boolean;
    about: About;
}

export interface Talk {
    since: string;
    connected: boolean;
    on_hold: boolean;
    about: About;
}

export interface WrapUp {
    since: string;
    about: About;
}

export interface Queue {
    queue: string;
    label: string;
    waiting: number;
    longest_since: string | null;
    least_minutes: number | null;
    most_minutes: number | null;
}

export type AgentState = "LOGGED_OFF" | "NOT_READY" | "READY" | "RESERVED" | "BUSY" | "WRAP_UP";

export interface Notice {
    place: string;
    name: string;
    label: string;
    text: string;
    put_up_by: string;
    ends_at: string;
    ends_soon: boolean;
}

export interface Leaving {
    warnings: string[];
}

export interface DeskPicture {
    state: AgentState;
    reason: string;
    since: string;
    next_state: string;
    next_reason: string;
    offer: Offer | null;
    talk: Talk | null;
    wrap_up: WrapUp | null;
    queues: Queue[];
    callbacks_waiting: number;
    notices: Notice[];
    now: string;
}

export interface SkillLevel {
    skill: string;
    level: number;
}

export interface AgentSkills {
    agent: string;
    name: string;
    site: string;
    skills: SkillLevel[];
    chosen_by: string;
    chosen_at: string | null;
}

export interface SupervisionPicture {
    agents: AgentSkills[];
    skills: Choice[];
    queues: Queue[];
    entry_points: Choice[];
    notices: Notice[];
    ready_made: Choice[];
    now: string;
}

export interface Matter {
    benefit: string;
    state: string;
    decision_expected_on: string | null;
    decided_on: string | null;
    missing: string[];
}

export interface Person {
    name: string;
    language: string;
    protected: boolean;
    matters: Matter[];
}

export interface Card {
    contact: string;
    number: string;
    display_name: string;
    level: number;
    opened_at: string;
    answers: string[];
    person: Person | null;
    person_unavailable: boolean;
}

export interface Callback {
    callback: string;
    number: string;
    queue_label: string;
    reason: string;
    language: string;
    promised_at: string;
    attempts: number;
    not_before: string | null;
}

export interface Login {
    password: boolean;
    organisation: boolean;
    demo: boolean;
}

export interface DemoPerson {
    name: string;
    personnummer: string;
    code: string;
    about: string;
}

export interface Demo {
    demo: boolean;
    national_number: string;
    sound: boolean;
    persons: DemoPerson[];
}

export interface DemoPhone extends SipAccount {
    phone: string;
    number: string;
}

export interface Heard {
    kind: string;
    text: string;
}
