"""Writes a page that a citizen opens by a link. No script; everything from outside is escaped by the templates."""

import tomllib
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any

from fastapi.responses import HTMLResponse, Response
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PackageLoader, StrictUndefined

from citizen_pages.times import Words
from core.language import Language

POLICY = (
    "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self' data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""No script at all."""


def load_words(folder: Path) -> Mapping[Language, Words]:
    """Read the words of every language from the files in a folder: ``sv.toml``, ``en.toml``."""
    return {Language(file.stem): tomllib.loads(file.read_text("utf-8")) for file in folder.glob("*.toml")}


class Writing:
    """Writes pages with the templates and words of a room, which stand in ``templates`` and ``words`` of its folder.

    A template extends ``page.html``; ``heading`` is its title, ``here`` its own path when it has one in several languages.
    """

    def __init__(self, folder: Path) -> None:
        loader = ChoiceLoader([FileSystemLoader(folder / "templates"), PackageLoader("citizen_pages.api")])
        self._templates = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
        self.words = load_words(folder / "words")

    def asked_for(self, asked: str) -> Language:
        """Return the language that somebody asks for, or else Swedish."""
        return next((one for one in self.words if one.value == asked), Language.SWEDISH)

    def page(
        self, template: str, language: Language, status: HTTPStatus = HTTPStatus.OK, *, heading: str, **values: Any
    ) -> Response:
        """Return a page that nobody keeps and that no search engine lists."""
        base = {"w": self.words[language], "language": language.value, "notice": "", "notice_kind": "", "here": ""}
        written = self._templates.get_template(template).render(base | {"heading": heading} | values)
        headers = {"Content-Security-Policy": POLICY, "Cache-Control": "no-store", "X-Robots-Tag": "noindex"}
        return HTMLResponse(written, status, headers=headers)

    def plain(self, about: str, language: Language, status: HTTPStatus = HTTPStatus.OK, **fields: str) -> Response:
        """Say something in a heading and a sentence: ``about`` is the first half of the names of both."""
        words = self.words[language]
        text = words[f"{about}_text"].format(**fields)
        return self.page("page.html", language, status, heading=words[f"{about}_title"], lines=[text])
