"""One contact id through all lines: whatever is logged of a call says whose it is."""

from tests import log_lines


def test_every_line_about_a_call_names_the_contact_or_the_leg() -> None:
    written = list(log_lines.of_calls())
    assert len(written) > 20, "the loggers have other names now"
    assert [f"{one.place} {one.message}" for one in written if not one.fields & log_lines.IDS] == []
