/** A telephone in the browser over SIP and WebRTC. Knows nothing of agents or of pages. */
import { UA, WebSocketInterface } from "jssip";
import type { IncomingRequest } from "jssip/lib/SIPMessage";
import type { RTCSession } from "jssip/lib/RTCSession";
import type { SipAccount } from "./types";

export interface Happenings {
    /** Whether the switch knows of this telephone, so that it can ring. */
    reachable(yes: boolean): void;
    /** The telephone rings; `offer` is the offer that it rings for, if any. */
    ringing(offer: string): void;
    /** Both can hear each other. */
    talking(): void;
    /** The call is over, or never came to be. `microphone`: the browser did not let us use it. */
    ended(why: "ended" | "failed" | "microphone"): void;
    /** The secret no longer works: a new one is wanted. */
    refused(): void;
}

const media: MediaStreamConstraints = {
    audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true },
    video: false,
};
const callOptions = { mediaConstraints: media, pcConfig: { iceServers: [] } };

export class BrowserPhone {
    private ua: UA;
    private session: RTCSession | null = null;
    private readonly audio = new Audio();

    constructor(
        account: SipAccount,
        private readonly tell: Happenings,
    ) {
        this.audio.autoplay = true;
        this.ua = new UA({
            sockets: [new WebSocketInterface(account.ws_url)],
            uri: account.uri,
            password: account.password,
            session_timers: false,
            register_expires: 60,
            connection_recovery_min_interval: 1,
            connection_recovery_max_interval: 5,
        });
        this.ua.on("registered", () => tell.reachable(true));
        this.ua.on("unregistered", () => tell.reachable(false));
        this.ua.on("disconnected", () => tell.reachable(false));
        this.ua.on("registrationFailed", () => {
            tell.reachable(false);
            tell.refused();
        });
        this.ua.on("newRTCSession", (event: { originator: string; session: RTCSession; request: unknown }) =>
            this.take(event.session, event.originator === "remote" ? (event.request as IncomingRequest) : null),
        );
        this.ua.start();
    }

    call(number: string): void {
        this.ua.call(number, callOptions);
    }

    answer(): void {
        this.session?.answer(callOptions);
    }

    hangUp(): void {
        if (this.session && !this.session.isEnded()) {
            this.session.terminate();
        }
    }

    /** Put down after a talk that is over elsewhere: a switch that died has told us nothing, and new calls find us busy. */
    putDown(): void {
        if (this.session?.isEstablished()) {
            this.session.terminate();
        }
    }

    press(key: string): void {
        if (this.session?.isEstablished()) {
            this.session.sendDTMF(key, { transportType: "RFC2833" as never, duration: 120, interToneGap: 70 });
        }
    }

    mute(yes: boolean): void {
        if (yes) {
            this.session?.mute({ audio: true });
        } else {
            this.session?.unmute({ audio: true });
        }
    }

    /** Take a new secret into use; a call that is under way goes on. */
    renew(password: string): void {
        this.ua.set("password", password);
        this.ua.register();
    }

    stop(): void {
        this.ua.stop();
        this.audio.srcObject = null;
    }

    private take(session: RTCSession, incoming: IncomingRequest | null): void {
        if (this.session && !this.session.isEnded()) {
            session.terminate({ status_code: 486 });
            return;
        }
        this.session = session;
        session.on("peerconnection", () => this.listen(session));
        this.listen(session);
        session.on("confirmed", () => this.tell.talking());
        session.on("ended", () => this.over(session, "ended"));
        session.on("failed", (event: { cause?: string }) => {
            const denied = event.cause === "User Denied Media Access";
            this.over(session, denied ? "microphone" : incoming ? "ended" : "failed");
        });
        if (incoming) {
            this.tell.ringing(incoming.getHeader("X-KC-Offer") ?? "");
        }
    }

    private listen(session: RTCSession): void {
        session.connection?.addEventListener("track", (event) => {
            this.audio.srcObject = event.streams[0] ?? new MediaStream([event.track]);
            void this.audio.play().catch(() => undefined);
        });
    }

    private over(session: RTCSession, why: "ended" | "failed" | "microphone"): void {
        if (this.session === session) {
            this.session = null;
            this.audio.srcObject = null;
            this.tell.ended(why);
        }
    }
}
