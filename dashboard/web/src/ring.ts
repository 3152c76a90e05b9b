/** The sound of a telephone that rings: one second of tone, then a pause, for as long as it is asked to. */
let context: AudioContext | null = null;
let timer: ReturnType<typeof setInterval> | null = null;

export function startRinging(): void {
    if (timer) {
        return;
    }
    ringOnce();
    timer = setInterval(ringOnce, 3000);
}

export function stopRinging(): void {
    if (timer) {
        clearInterval(timer);
        timer = null;
    }
    void context?.suspend();
}

/** Ring for one second: a call is put through without being asked about. */
export function ringOnce(): void {
    try {
        context ??= new AudioContext();
        void context.resume();
        const loudness = context.createGain();
        loudness.connect(context.destination);
        const start = context.currentTime + 0.02;
        loudness.gain.setValueAtTime(0, start);
        loudness.gain.linearRampToValueAtTime(0.12, start + 0.05);
        loudness.gain.setValueAtTime(0.12, start + 0.85);
        loudness.gain.linearRampToValueAtTime(0, start + 1);
        for (const pitch of [425, 530]) {
            const tone = context.createOscillator();
            tone.frequency.value = pitch;
            tone.connect(loudness);
            tone.start(start);
            tone.stop(start + 1.05);
        }
    } catch {
        // No sound device: the page shows that it rings, too.
    }
}
