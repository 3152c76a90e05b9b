"""What the switch's own reports mean. The fields are those that a real Asterisk 22.10.1 sent."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.ids import LegId
from telephony.asterisk.watching import (
    NOT_OURS,
    CallQuality,
    SecurityEvent,
    SecurityKind,
    Side,
    SoftphoneReachable,
    SoftphonesListed,
    SwitchStarted,
    SwitchStopping,
    read_event,
)

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
WRONG = {"Service": "PJSIP", "AccountID": "asa", "RemoteAddress": "IPV4/UDP/127.0.0.1/53776"}
SOUND = {"Uniqueid": "leg_1", "Report0FractionLost": "64", "Report0IAJitter": "80", "RTT": "0.0210"}


@pytest.mark.parametrize(
    ("name", "keys", "fact"),
    [
        ("InvalidPassword", WRONG, SecurityEvent(SecurityKind.WRONG_PASSWORD, "pjsip", "asa", "127.0.0.1")),
        # a browser's socket, with IPv6
        (
            "ChallengeResponseFailed",
            {**WRONG, "RemoteAddress": "IPV6/WS/::1/9"},
            SecurityEvent(SecurityKind.WRONG_PASSWORD, "pjsip", "asa", "::1"),
        ),
        # the name that a stranger tried is not ours to repeat
        (
            "InvalidAccountID",
            {**WRONG, "AccountID": "194408139089"},
            SecurityEvent(SecurityKind.UNKNOWN_ACCOUNT, "pjsip", NOT_OURS, "127.0.0.1"),
        ),
        ("ContactStatus", {"EndpointName": "asa", "ContactStatus": "Reachable"}, SoftphoneReachable("asa", True)),
        ("ContactStatus", {"EndpointName": "asa", "ContactStatus": "Removed"}, SoftphoneReachable("asa", False)),
        # not yet asked whether it is there
        ("ContactStatus", {"EndpointName": "asa", "ContactStatus": "NonQualified"}, None),
        ("ContactStatus", {"EndpointName": "<b>", "ContactStatus": "Reachable"}, None),
        ("DeviceStateChange", {"Device": "PJSIP/bo", "State": "NOT_INUSE"}, SoftphoneReachable("bo", True)),
        ("DeviceStateChange", {"Device": "PJSIP/bo", "State": "UNAVAILABLE"}, SoftphoneReachable("bo", False)),
        ("DeviceStateChange", {"Device": "Stasis:x", "State": "INUSE"}, None),
        ("DeviceStateListComplete", {"EventList": "Complete"}, SoftphonesListed()),
        # a quarter lost; 80 samples are 10 ms
        ("RTCPSent", SOUND, CallQuality(LegId("leg_1"), True, 25.0, 10.0, 21.0)),
        ("RTCPReceived", {**SOUND, "RTT": ""}, CallQuality(LegId("leg_1"), False, 25.0, 10.0, None)),
        (
            "RTCPSent",
            {**SOUND, "Channel": "PJSIP/agent-asa-00000003"},
            CallQuality(LegId("leg_1"), True, 25.0, 10.0, 21.0, Side.AGENT),
        ),
        ("RTCPSent", {**SOUND, "Channel": "PJSIP/line-00000003"}, CallQuality(LegId("leg_1"), True, 25.0, 10.0, 21.0)),
        ("RTCPSent", {"Uniqueid": "leg_1"}, None),  # a report about nothing
        ("FullyBooted", {"Uptime": "90"}, SwitchStarted(NOW - timedelta(seconds=90))),
        ("FullyBooted", {"Uptime": "soon"}, None),
        ("Shutdown", {}, SwitchStopping()),
        ("SuccessfulAuth", WRONG, None),
        ("Newchannel", {"CallerIDNum": "0701740605"}, None),
    ],
)
def test_an_event_means(name: str, keys: dict[str, str], fact: object) -> None:
    assert read_event(name, keys, now=NOW) == fact


NAMES = (
    st.sampled_from(["InvalidPassword", "ContactStatus", "DeviceStateChange", "RTCPSent", "FullyBooted"]) | st.text()
)
KEYS = st.sampled_from(
    ["AccountID", "RemoteAddress", "Service", "EndpointName", "ContactStatus", "Uniqueid", "Report0IAJitter", "Uptime"]
)


@given(NAMES, st.dictionaries(KEYS, st.text() | st.text("0123456789.")))
def test_no_event_whatever_raises_or_passes_a_strangers_text_on(name: str, keys: dict[str, str]) -> None:
    fact = read_event(name, keys, now=NOW)
    if isinstance(fact, SecurityEvent):
        assert set(fact.account + fact.address) <= set("abcdefghijklmnopqrstuvwxyzABCDEF0123456789_-.: ()")
