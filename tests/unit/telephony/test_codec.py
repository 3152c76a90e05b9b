"""Actions on their way between processes: nothing is lost, and nothing foreign gets in."""

import json
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.ids import LegId
from telephony.codec import UnreadableActionError, decode_action, encode_action
from telephony.model import Action, HangUp

st.register_type_strategy(float, st.floats(allow_nan=False))  # not a number is never equal to itself


@given(st.one_of([st.from_type(kind) for kind in get_args(Action)]))
def test_every_action_comes_back_unchanged(action):
    text = encode_action(action)
    assert decode_action(text) == action
    assert "\n" not in text


@pytest.mark.parametrize(
    "text",
    [
        "",  # nothing
        "nonsense",  # not JSON
        "[]",  # not an object
        '{"leg":"leg_1"}',  # no action named
        '{"do":"system","leg":"leg_1"}',  # not an action of ours
        '{"do":"HangUp"}',  # without its leg
        '{"do":"HangUp","leg":7}',  # a leg that is no string
        '{"do":"HangUp","leg":"leg_1","cause":"bored"}',  # a cause that there is not
        '{"do":"HangUp","leg":"leg_1","more":1}',  # a field that there is not
        '{"do":"Bridge","bridge":"b","legs":["leg_1"]}',  # a bridge with one end
        '{"do":"Bridge","bridge":"b","legs":"ab"}',  # text is not a list of legs
        '{"do":"Say","leg":"leg_1","utterances":[{"text":"hej"}]}',  # no language
        '{"do":"Ring","leg":"l","role":"agent","target":"a","notes":{"a":1}}',  # a note that is no string
        '{"do":"Ring","leg":"l","role":"agent","target":"a","timeout_seconds":true}',  # a truth is no number
    ],
)
def test_what_is_no_action_is_refused(text):
    with pytest.raises(UnreadableActionError):
        decode_action(text)


def test_the_form_is_stable():
    """Two versions of the product talk to each other during an upgrade."""
    assert json.loads(encode_action(HangUp(leg=LegId("leg_1")))) == {"do": "HangUp", "leg": "leg_1", "cause": "normal"}
