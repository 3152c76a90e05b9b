"""The links by which citizens reach what is theirs: signed, so that nobody can guess one, and without any data."""

from datetime import datetime, timedelta

from itsdangerous import BadData, URLSafeSerializer

FORM_LASTS = timedelta(hours=12)


class Links:
    """Makes and reads the links to one kind of page, and the mark that a form on it carries.

    ``about`` says what kind of thing a page is of: a link and a mark of one kind are worth nothing for another.
    """

    def __init__(self, *, about: str, page: str, signing_key: str, base_url: str) -> None:
        self._links = URLSafeSerializer(signing_key, salt=f"kundcenter {about} link")
        self._forms = URLSafeSerializer(signing_key, salt=f"kundcenter {about} form")
        self._page = page
        self._base_url = base_url

    def to(self, name: str) -> str:
        """Return the address of a thing's page. Whether the thing is over decides how long it works."""
        return f"{self._base_url}{self.path(name)}"

    def path(self, name: str) -> str:
        """Return the same without the machine."""
        return f"{self._page}/{self.token(name)}"

    def token(self, name: str) -> str:
        """Return what stands for the thing in the address."""
        return str(self._links.dumps(name))

    def read(self, token: str) -> str | None:
        """Return the name of the thing behind a token; ``None`` when it is not one that we have made."""
        try:
            return str(self._links.loads(token))
        except BadData:
            return None

    def form_mark(self, name: str, *, now: datetime) -> str:
        """Return the mark that a form carries: only our own page of this very thing has it, and not for ever."""
        return str(self._forms.dumps([name, int(now.timestamp())]))

    def is_own_form(self, mark: str, name: str, *, now: datetime) -> bool:
        """Tell whether a form came from our page of this thing."""
        try:
            of, made = self._forms.loads(mark)
            age = timedelta(seconds=now.timestamp() - float(made))
        except (BadData, TypeError, ValueError):
            return False
        return of == name and timedelta(0) - timedelta(minutes=5) <= age <= FORM_LASTS
