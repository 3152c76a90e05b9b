"""Reading what Asterisk tells: whatever comes, nothing raises, and what is used is read right."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.ids import LegId
from telephony.asterisk.causes import end_cause, reason_code
from telephony.asterisk.placing import originate_body
from telephony.asterisk.translate import (
    EVENTS,
    Channel,
    Entered,
    HangingUp,
    Key,
    Left,
    Played,
    Replaced,
    Rings,
    parse_channel,
    parse_event,
)
from telephony.model import EndCause, LegRole, Ring

CHANNEL = {
    "id": "kc-1.0",
    "state": "Up",
    "caller": {"name": "<b>Åsa</b>", "number": "0701740605"},
    "dialplan": {"app_name": "Stasis", "app_data": "kundcenter,inbound,0771524524"},
}
LEG = LegId("kc-1.0")


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        # a call arrives; the arguments of the event count
        (
            {"type": "StasisStart", "args": ["inbound", "0771524524"], "channel": CHANNEL},
            Entered(
                channel=Channel(
                    leg=LEG,
                    up=True,
                    caller="0701740605",
                    display_name="<b>Åsa</b>",
                    app="kundcenter",
                    arguments=("inbound", "0771524524"),
                )
            ),
        ),
        ({"type": "ChannelStateChange", "channel": {"id": "kc-1.0", "state": "Ringing"}}, Rings(leg=LEG)),
        ({"type": "ChannelStateChange", "channel": CHANNEL}, None),  # Up: told by StasisStart
        ({"type": "ChannelDtmfReceived", "channel": CHANNEL, "digit": "#"}, Key(leg=LEG, key="#")),
        ({"type": "ChannelHangupRequest", "channel": CHANNEL, "cause": 17}, HangingUp(leg=LEG, cause=17)),
        ({"type": "ChannelHangupRequest", "channel": CHANNEL}, HangingUp(leg=LEG, cause=0)),  # a plain BYE
        (  # by the switch: we asked for it, or sound stayed away
            {"type": "ChannelHangupRequest", "channel": CHANNEL, "cause": 32, "soft": True},
            HangingUp(leg=LEG, cause=0, by_switch=True),
        ),
        ({"type": "StasisEnd", "channel": CHANNEL}, Left(leg=LEG)),
        ({"type": "ChannelDestroyed", "channel": CHANNEL, "cause": 19}, Left(leg=LEG, cause=19)),
        (
            {"type": "PlaybackFinished", "playback": {"id": "p", "target_uri": "channel:kc-1.0", "state": "failed"}},
            Played(playback="p", leg=LEG, failed=True),
        ),
        # played to a bridge: not ours
        ({"type": "PlaybackFinished", "playback": {"id": "p", "target_uri": "bridge:b", "state": "done"}}, None),
        ({"type": "ApplicationReplaced", "application": "kundcenter"}, Replaced()),
        ({"type": "ChannelVarset", "channel": CHANNEL}, None),  # not used
        ({"type": "StasisStart"}, None),  # cut short
        ({"type": ["StasisStart"]}, None),  # not even a name
        ("StasisStart", None),  # not even an object
    ],
)
def test_an_event_is_read(event, expected):
    assert parse_event(event) == expected


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "id",
                    "state",
                    "channel",
                    "caller",
                    "name",
                    "number",
                    "playback",
                    "target_uri",
                    "args",
                    "digit",
                    "dialplan",
                ]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


@given(
    kind=st.sampled_from(EVENTS),
    rest=st.dictionaries(st.sampled_from(["channel", "args", "digit", "cause", "playback", "soft"]), json_values),
)
def test_nothing_that_comes_raises(kind, rest):
    parse_event({"type": kind, **rest})


@pytest.mark.parametrize(
    ("app_name", "app_data", "role", "placed", "called"),
    [
        ("Stasis", "kundcenter,inbound,0771524524", LegRole.CITIZEN, False, "0771524524"),  # a caller
        ("Stasis", "kundcenter,placed,agent", LegRole.AGENT, True, ""),  # an agent that we rang
        ("Stasis", "kundcenter,placed,citizen", LegRole.CITIZEN, True, ""),  # a citizen that we rang
        ("Stasis", "kundcenter", None, False, ""),  # by no way of ours
        ("AppDial2", "(Outgoing Line)", None, False, ""),  # rings still
        ("Playback", "inbound,0771524524", None, False, ""),  # in the dialplan
    ],
)
def test_a_channel_tells_whose_it_is(app_name, app_data, role, placed, called):
    channel = parse_channel({"id": "x", "state": "Up", "dialplan": {"app_name": app_name, "app_data": app_data}})
    assert (channel.role, channel.placed, channel.called) == (role, placed, called)


@given(st.integers(0, 255))
def test_every_cause_has_a_name(code):
    assert end_cause(code) in EndCause


@pytest.mark.parametrize("cause", list(EndCause))
def test_the_code_that_we_hang_up_with_means_the_same_when_it_comes_back(cause):
    assert end_cause(int(reason_code(cause))) is cause


@given(
    st.builds(
        Ring,
        leg=st.just(LEG),
        role=st.sampled_from(LegRole),
        target=st.text(),
        shown_number=st.text(),
        timeout_seconds=st.floats(0, 600),
        notes=st.dictionaries(st.text(), st.text()),
    )
)
def test_no_text_from_outside_gets_into_a_request_that_places_a_leg(ring):
    body = originate_body(ring, endpoint="PJSIP/asa", app="kundcenter")
    assert body["timeout"] >= 1
    assert set(body["callerId"]) <= set("+0123456789")
    for name, value in body["variables"].items():
        assert not set("\r\n") & set(name + value)
        assert name == "KC_ROLE" or name.startswith("PJSIP_HEADER(add,X-KC-")
        assert not set(",()$&;\"'") & set(value)
