/** Listens to the server, and comes back by itself after a break. */
export interface FeedListener {
    on: Record<string, (data: string) => void>;
    connected(yes: boolean): void;
    /** The server no longer wants to talk to us: perhaps the log-in is over. True to go on trying. */
    closed(): Promise<boolean>;
}

export class Feed {
    private source: EventSource | null = null;
    private timer: ReturnType<typeof setTimeout> | null = null;
    private wait = 500;
    private stopped = false;

    constructor(
        private readonly path: string,
        private readonly listener: FeedListener,
    ) {
        this.open();
    }

    stop(): void {
        this.stopped = true;
        this.source?.close();
        if (this.timer) {
            clearTimeout(this.timer);
        }
    }

    private open(): void {
        const source = new EventSource(this.path);
        this.source = source;
        source.onopen = () => {
            this.wait = 500;
            this.listener.connected(true);
        };
        for (const [event, take] of Object.entries(this.listener.on)) {
            source.addEventListener(event, (message) => take((message as MessageEvent<string>).data));
        }
        source.onerror = () => void this.lost(source);
    }

    private async lost(source: EventSource): Promise<void> {
        source.close();
        if (this.stopped || this.source !== source) {
            return;
        }
        this.source = null;
        this.listener.connected(false);
        if (await this.listener.closed().catch(() => true)) {
            this.timer = setTimeout(() => this.stopped || this.open(), this.wait);
            this.wait = Math.min(this.wait * 2, 5000);
        }
    }
}
