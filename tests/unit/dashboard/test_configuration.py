"""The configuration of the desk: what is there can be used, what cannot is named."""

import pytest

from core.errors import ConfigurationError
from dashboard.configuration import load_desk, load_users
from dashboard.users import Role

DESK = """
not_ready_reasons: [{id: break, label: Rast}]
wrap_up_codes: [{id: finished, label: Klart}]
"""


def test_choices_keep_their_order_and_their_words() -> None:
    desk = load_desk(DESK + "steps: {choice_talk: Prata}")
    assert (desk.not_ready_reasons, desk.wrap_up_codes) == ({"break": "Rast"}, {"finished": "Klart"})
    assert desk.steps == {"choice_talk": "Prata"}


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", "must be a mapping"),  # nothing
        ("not_ready_reasons: []\nwrap_up_codes: []", "not_ready_reasons"),  # no choice at all
        (DESK.replace("break", "Break!"), "not_ready_reason Break!: id"),  # an id that does not last
        (DESK.replace("label: Rast", "lable: Rast"), "not_ready_reason break: label"),  # a slip of the pen
        (DESK + "extra: 1", "extra"),  # something that we would silently not do
        ("a: [", "not YAML"),  # broken off half-way
    ],
)
def test_what_cannot_be_used_is_named_by_file_and_field(text: str, named: str) -> None:
    with pytest.raises(ConfigurationError) as error:
        load_desk(text)
    assert "config/desk.yaml" in str(error.value)
    assert named in str(error.value)


def test_users_have_known_roles_and_one_entry_each() -> None:
    [user] = load_users("users: [{id: asa, name: Åsa, roles: [agent]}]")
    assert (user.id, user.roles, user.password_hash) == ("asa", {Role.AGENT}, "")
    for text in (
        "users: [{id: asa, name: Åsa, roles: [boss]}]",
        "users: [{id: asa, name: Åsa, roles: []}]",
        "users: [{id: asa, name: Åsa, roles: [agent], password_hash: plain}]",
        "users: [{id: asa, name: A, roles: [agent]}, {id: asa, name: B, roles: [agent]}]",
    ):
        with pytest.raises(ConfigurationError):
            load_users(text)
