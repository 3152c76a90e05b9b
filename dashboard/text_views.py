"""What the browser is shown of texts. Every string from outside is plain text here; the page never reads it as markup."""

from datetime import datetime

from dashboard.views import View


class TextView(View):
    """One text of a thread; ``state`` is what became of ours.

    ``is_automatic``: no person wrote it. ``is_hidden``: it tells somebody of their own matters, and whoever rings has not shown that they are that person.
    """

    at: datetime
    text: str
    is_ours: bool
    state: str
    is_hidden: bool
    is_automatic: bool


class TemplateView(View):
    """A text that agents begin with."""

    id: str
    label: str
    text: str


class ThreadView(View):
    """The texts to and from a citizen, the oldest first; ``refused`` is why nothing can be written, empty when it can."""

    texts: list[TextView]
    refused: str
    templates: list[TemplateView]


class RateView(View):
    """What became of the texts of one provider in a time; ``median_seconds`` is how long half of them took at most."""

    accepted: int
    delivered: int
    failed: int
    unclear: int
    median_seconds: float | None


class ProviderRatesView(View):
    """How a provider of texts does: ``share`` is its part of new texts now, from 0 to 1."""

    provider: str
    share: float
    hour: RateView
    day: RateView
