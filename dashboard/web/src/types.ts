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
    ring_back_codes: Choice[];
    written_codes: Choice[];
}

export interface SipAccount {
    mode: "sip" | "simulator";
    uri: string;
    password: string;
    ws_url: string;
}

export interface About {
    contact: string;
    channel: string;
    queue: string;
    queue_label: string;
    waiting_since: string | null;
    language: string;
    level: number;
    path: string[];
}

export interface RingBack {
    callback: string;
    promised_at: string;
    waiting_since: string;
    told_from: string | null;
    told_until: string | null;
    attempt: number;
    most_attempts: number;
    is_on_the_line: boolean;
    is_own: boolean;
}

export interface Offer {
    offer: string;
    token: number;
    expires_at: string;
    is_ring_back: boolean;
    is_written: boolean;
    about: About;
    ring_back: RingBack | null;
}

export interface Talk {
    since: string;
    connected: boolean;
    on_hold: boolean;
    about: About;
    ring_back: RingBack | null;
}

export interface Written {
    since: string;
    about: About;
    last_at: string | null;
    last_is_ours: boolean;
    last_state: string;
}

export interface WrapUp {
    since: string;
    about: About;
    ring_back: RingBack | null;
}

export interface Queue {
    queue: string;
    label: string;
    waiting: number;
    longest_since: string | null;
    least_minutes: number | null;
    most_minutes: number | null;
    written: number;
    written_since: string | null;
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
    written: Written[];
    lets_calls_in: boolean;
    queues: Queue[];
    callbacks_waiting: number;
    callbacks_to_follow_up: number;
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
    no_phone: boolean;
}

export interface SupervisionPicture {
    agents: AgentSkills[];
    skills: Choice[];
    queues: Queue[];
    entry_points: Choice[];
    spoken_of: Choice[];
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
    rings_back: boolean;
    code: string;
}

export interface Callback {
    callback: string;
    number: string;
    queue_label: string;
    reason: string;
    language: string;
    waiting_since: string;
    promised_at: string;
    told_from: string | null;
    told_until: string | null;
    attempts: number;
    not_before: string | null;
    is_own: boolean;
    is_rung_first: boolean;
    ended_at: string | null;
    last_reason: string;
}

export interface CallbackLists {
    due: Callback[];
    coming: Callback[];
    own: Callback[];
    to_follow_up: Callback[];
}

export interface Time {
    starts_at: string;
    ends_at: string;
}

export interface OwnPromise {
    times: string[];
    deputies: Choice[];
}

export interface ToldOfPromise {
    told_from: string | null;
    calls_from: string;
    most_attempts: number;
    code: string;
}

export interface ReasonCount {
    reason: string;
    number: number;
}

export interface Waits {
    p50: number;
    p90: number;
    p95: number;
    p99: number;
    longest: number;
}

export interface PageLink {
    address: string;
}

export interface Caps {
    hour_used: number;
    full_ranges: number;
    full_numbers: number;
    full_persons: number;
}

export interface CallbackCount {
    days: number;
    promised: number;
    kept_in_time: number;
    kept_late: number;
    kept_without_time: number;
    open: number;
    failed: ReasonCount[];
    cancelled: ReasonCount[];
    waits: Waits | null;
    caps: Caps;
}

export interface TextRate {
    accepted: number;
    delivered: number;
    failed: number;
    unclear: number;
    median_seconds: number | null;
}

export interface ProviderRates {
    provider: string;
    share: number;
    hour: TextRate;
    day: TextRate;
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

export interface ShownText {
    at: string;
    text: string;
    is_ours: boolean;
    state: string;
    is_hidden: boolean;
    is_automatic: boolean;
}

export interface TextTemplate {
    id: string;
    label: string;
    text: string;
}

export interface TextThread {
    texts: ShownText[];
    refused: string;
    templates: TextTemplate[];
}
