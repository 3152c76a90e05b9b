"""The figures of several processes make one page that Prometheus can read."""

from datetime import UTC, datetime

from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from app.figures import Figures
from app.metrics import merged
from contacts.events import ContactEnded, ContactOpened
from contacts.model import Channel, Outcome
from core.ids import ContactId

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


async def test_a_figure_of_two_processes_stands_once_with_both_named() -> None:
    pages = {}
    for process, count in (("switch", 3), ("web", 2)):
        figures = Figures()
        for number in range(count):
            contact = ContactId(f"con_{number}")
            await figures.opened(ContactOpened(occurred_at=NOW, contact=contact, channel=Channel.VOICE))
            await figures.ended(ContactEnded(occurred_at=NOW, contact=contact, outcome=Outcome.SELF_SERVED))
        pages[process] = generate_latest(figures.registry).decode()
    page = merged(pages)
    names = [line.split()[2] for line in page.splitlines() if line.startswith("# TYPE")]
    assert len(names) == len(set(names))
    opened = next(family for family in text_string_to_metric_families(page) if family.name == "kc_contacts_opened")
    totals = {one.labels["process"]: one.value for one in opened.samples if one.name.endswith("_total")}
    assert totals == {"switch": 3, "web": 2}


def test_no_process_no_figures() -> None:
    assert merged({}) == ""
