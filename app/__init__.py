"""The only place that knows all rooms: settings, wiring, reactions, and the processes."""
