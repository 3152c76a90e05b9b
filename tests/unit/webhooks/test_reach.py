"""Nobody can have us post to machines inside."""

import pytest

from webhooks.reach import Reach

PUBLIC = ("8.8.8.8", "185.39.146.1", "2001:67c:2564::1", "::ffff:8.8.8.8")
PRIVATE = ("10.0.0.1", "172.16.5.5", "192.168.1.1", "fd00::1", "::ffff:10.0.0.1")
LOOPBACK = ("127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1")
NEVER = (
    "169.254.169.254",  # where clouds put their secrets
    "fe80::1",
    "fe80::1%eth0",
    "0.0.0.0",
    "::",
    "100.64.0.1",  # a carrier's inside
    "192.0.2.1",  # for books
    "198.18.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "ff02::1",
    "64:ff9b::7f00:1",  # 127.0.0.1 by a translator
    "2002:7f00:1::1",  # and in a tunnel
    "2001:0:7f00:1::",
    "::ffff:169.254.169.254",
    "",
    "localhost",
    "2130706433",
)
ALL = {*PUBLIC, *PRIVATE, *LOOPBACK, *NEVER}


@pytest.mark.parametrize(
    ("reach", "allowed"),
    [
        (Reach(), PUBLIC),
        (Reach(private=True), PUBLIC + PRIVATE),
        (Reach(loopback=True), PUBLIC + LOOPBACK),
        (Reach(private=True, loopback=True), PUBLIC + PRIVATE + LOOPBACK),
    ],
)
def test_what_may_be_reached(reach: Reach, allowed: tuple[str, ...]) -> None:
    assert {one for one in ALL if reach.includes(one)} == {*allowed}
