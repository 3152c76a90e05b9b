"""Every key of the line is made anew on a server that may have forgotten: what was left there would count people twice."""

import re

from tests.architecture.tree import ROOT

LUA = ROOT / "skills_routing" / "line" / "lua"
KEPT = {"feed", "server", "token", "why"}
"""What outlives a server: the listeners' stream, which server it was, the last token, and what happened to a contact."""


def test_every_key_that_a_command_names_is_of_the_line_or_kept_on_purpose() -> None:
    named = {name for file in LUA.glob("*.lua") for name in re.findall(r"'kc:([a-z_]+)", file.read_text("utf-8"))}
    listed = re.search(r"OF_THE_LINE = \{(.*?)\}", (LUA / "server.lua").read_text("utf-8"), re.DOTALL)
    assert listed is not None
    of_the_line = set(re.findall(r"(\w+) = true", listed.group(1)))
    assert len(of_the_line) > 20
    assert named - KEPT == of_the_line
