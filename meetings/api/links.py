"""The link by which a citizen reaches their own meeting: signed, so that nobody can guess one, and without any data."""

from datetime import datetime, timedelta

from itsdangerous import BadData, URLSafeSerializer

from meetings.model import MeetingId

PAGE = "/mote"
FORM_LASTS = timedelta(hours=12)


class Links:
    """Makes and reads links, and the mark that a form on their page carries. Each kind has a salt of its own."""

    def __init__(self, *, signing_key: str, base_url: str) -> None:
        self._links = URLSafeSerializer(signing_key, salt="kundcenter meeting link")
        self._forms = URLSafeSerializer(signing_key, salt="kundcenter meeting form")
        self._base_url = base_url

    def to(self, meeting: MeetingId) -> str:
        """Return the address of a meeting's page. Whether the meeting is over decides how long it works."""
        return f"{self._base_url}{self.path(meeting)}"

    def path(self, meeting: MeetingId) -> str:
        """Return the same without the machine."""
        return f"{PAGE}/{self.token(meeting)}"

    def token(self, meeting: MeetingId) -> str:
        """Return what stands for the meeting in the address."""
        return str(self._links.dumps(meeting))

    def read(self, token: str) -> MeetingId | None:
        """Return the meeting behind a token; ``None`` when it is not one that we have made."""
        try:
            return MeetingId(str(self._links.loads(token)))
        except BadData:
            return None

    def form_mark(self, meeting: MeetingId, *, now: datetime) -> str:
        """Return the mark that a form carries: only our own page of this very meeting has it, and not for ever."""
        return str(self._forms.dumps([meeting, int(now.timestamp())]))

    def is_own_form(self, mark: str, meeting: MeetingId, *, now: datetime) -> bool:
        """Tell whether a form came from our page of this meeting."""
        try:
            of, made = self._forms.loads(mark)
            age = timedelta(seconds=now.timestamp() - float(made))
        except (BadData, TypeError, ValueError):
            return False
        return of == meeting and timedelta(0) - timedelta(minutes=5) <= age <= FORM_LASTS
