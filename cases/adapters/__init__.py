"""The two true implementations of the register: embedded, and the agency's own systems over HTTP."""
