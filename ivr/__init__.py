"""What the caller hears and presses: flow files, a pure engine, prompts."""
