"""Finds where somebody can be written to: e-mail, links, names on networks, however they are spelled."""

import re
from collections.abc import Iterator

from meetings.identifying.model import Finding, Kind

_ENDINGS = "se|com|nu|net|org|eu|info|io|dev|app|me|co|no|dk|fi|de|uk|edu|gov|biz|online|shop"
_SPELLED = re.compile(
    rf"""
    [\w.+-]*\s?@\s?[\w.-]*                                                    # anna@post.se, @anna
  | (?:https?|ftp)\S* | \S+://\S* | \bwww\b\S*                                # links
  | [\w-]{{2,}}(?:\.[\w-]+)*\.(?:{_ENDINGS})\b(?:/\S*)?                       # post.se/anna
  | [\w.-]+(?:\s+(?:punkt|dot|prick)\s+[\w-]+)*\s+(?:punkt|dot|prick)\s+(?:{_ENDINGS})\b   # post punkt se
  | [\w.+-]+\s*(?:snabel[-\s]?a|kringla|[(\[{{]\s?(?:at|a)\s?[)\]}}])\s*[\w.-]+(?:\s*(?:punkt|dot|\.)\s*\w+)*
  | \w*_\w+                                                                   # anna_85
  | \w*(?:&\#?\w+;\w*)+ | \w*(?:%[0-9a-f]{{2}}\w*)+ | \w*(?:\\[ux][0-9a-f]{{2,}}\w*)+   # letters in the writing of machines
  | \b(?:instagram|insta|facebook|snapchat|snap|tiktok|linkedin|discord|skype|telegram|whatsapp)\s*:\s*\S+
    """,
    re.VERBOSE,
)


def found(plain: str) -> Iterator[Finding]:
    """Find where somebody can be written to, in a text in small letters."""
    for one in _SPELLED.finditer(plain):
        if any(char.isalnum() for char in one[0]) or "@" in one[0]:
            yield Finding(Kind.CONTACT, one.start(), one.end())
