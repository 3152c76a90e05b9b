"""The link by which a citizen reaches their own promise: signed, so that nobody can guess one, and without any data."""

from datetime import datetime, timedelta

from itsdangerous import BadData, URLSafeSerializer

from core.ids import CallbackId

PAGE = "/aterringning"
FORM_LASTS = timedelta(hours=12)


class Links:
    """Makes and reads links, and the mark that a form on their page carries. Each kind has a salt of its own."""

    def __init__(self, *, signing_key: str, base_url: str) -> None:
        self._links = URLSafeSerializer(signing_key, salt="kundcenter callback link")
        self._forms = URLSafeSerializer(signing_key, salt="kundcenter callback form")
        self._base_url = base_url

    def to(self, callback: CallbackId) -> str:
        """Return the address of a promise's page. Whether the promise is over decides how long it works."""
        return f"{self._base_url}{PAGE}/{self.token(callback)}"

    def token(self, callback: CallbackId) -> str:
        """Return what stands for the promise in the address."""
        return str(self._links.dumps(callback))

    def read(self, token: str) -> CallbackId | None:
        """Return the promise behind a token; ``None`` when it is not one that we have made."""
        try:
            return CallbackId(str(self._links.loads(token)))
        except BadData:
            return None

    def form_mark(self, callback: CallbackId, *, now: datetime) -> str:
        """Return the mark that a form carries: only our own page of this very promise has it, and not for ever."""
        return str(self._forms.dumps([callback, int(now.timestamp())]))

    def is_own_form(self, mark: str, callback: CallbackId, *, now: datetime) -> bool:
        """Tell whether a form came from our page of this promise."""
        try:
            of, made = self._forms.loads(mark)
            age = timedelta(seconds=now.timestamp() - float(made))
        except (BadData, TypeError, ValueError):
            return False
        return of == callback and timedelta(0) - timedelta(minutes=5) <= age <= FORM_LASTS
