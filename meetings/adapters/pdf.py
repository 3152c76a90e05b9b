"""Letters as PDF (A4), with the letters of Western Europe, the language and the title that screen readers tell."""

from collections.abc import Sequence
from io import BytesIO
from xml.sax.saxutils import escape

from reportlab.lib.enums import TA_LEFT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, KeepTogether, Paragraph, SimpleDocTemplate, Spacer

from core.language import Language
from meetings.kallelse import Kallelse

_BODY = ParagraphStyle("body", fontName="Helvetica", fontSize=11, leading=15, alignment=TA_LEFT, splitLongWords=True)
_TITLE = ParagraphStyle("title", parent=_BODY, fontName="Helvetica-Bold", fontSize=17, leading=22, spaceAfter=8)
_HEADING = ParagraphStyle("heading", parent=_BODY, fontName="Helvetica-Bold", spaceBefore=7)
_LOCALES = {Language.SWEDISH: "sv-SE", Language.ENGLISH: "en-GB"}

Block = tuple[str, Sequence[str]]
"""A heading, which may be empty, and the lines under it."""


def letter(kallelse: Kallelse) -> bytes:
    """Return a kallelse as a letter."""
    blocks = [
        ("", [kallelse.greeting]),
        *((one.heading, one.lines) for one in kallelse.sections),
        ("", kallelse.closing),
    ]
    return paper(kallelse.title, blocks, language=kallelse.language)


def paper(title: str, blocks: Sequence[Block], *, language: Language) -> bytes:
    """Return a title and what stands under it as PDF. The same words give the same bytes."""
    flow: list[Flowable] = [_words(title, _TITLE)]
    for heading, lines in blocks:
        head = [_words(heading, _HEADING)] if heading else [Spacer(1, 5)]
        flow.append(KeepTogether([*head, *(_words(line, _BODY) for line in lines)]))
    written = BytesIO()
    SimpleDocTemplate(
        written, pagesize=A4, leftMargin=25 * mm, rightMargin=25 * mm, topMargin=20 * mm, bottomMargin=18 * mm,
        title=_western(title), author="Försäkringskassan", lang=_LOCALES[language], invariant=1,
    ).build(flow)  # fmt: skip
    return written.getvalue()


def _words(text: str, style: ParagraphStyle) -> Paragraph:
    return Paragraph(escape(_western(text)), style)


def _western(text: str) -> str:
    """Return what the letters of the page can show; anything else becomes a question mark and never a black box."""
    return text.encode("cp1252", "replace").decode("cp1252")
