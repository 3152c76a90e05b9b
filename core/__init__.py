"""The few words that every room shares: ids, time, phone numbers, language, events and errors."""
