"""Register a telephone, or try to: REGISTER with digest authentication (RFC 3261 §22), over UDP."""

import asyncio
import hashlib
import re
import socket


async def register(name: str, secret: str, *, sip_port: int, contact_port: int = 0, expires: int = 60) -> int:
    """Return the status that the registrar gives in the end; the phone is reached at ``contact_port``, for ``expires``
    seconds (0: no more)."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.setblocking(False)
        line.bind(("127.0.0.1", 0))
        own = line.getsockname()[1]
        contact = f"<sip:{name}@127.0.0.1:{contact_port or own}>"
        answer = await _ask(line, sip_port, _request(name, 1, sip_port, own, contact, expires))
        if answer.startswith("SIP/2.0 401"):
            proof = _proof(name, secret, f"sip:127.0.0.1:{sip_port}", answer)
            answer = await _ask(line, sip_port, _request(name, 2, sip_port, own, contact, expires, proof))
        return int(answer.split()[1])


def _request(name: str, number: int, sip_port: int, own: int, contact: str, expires: int, proof: str = "") -> str:
    return (
        f"REGISTER sip:127.0.0.1:{sip_port} SIP/2.0\r\n"
        f"Via: SIP/2.0/UDP 127.0.0.1:{own};branch=z9hG4bKr{own}{number};rport\r\nMax-Forwards: 70\r\n"
        f"From: <sip:{name}@127.0.0.1>;tag=r{own}\r\nTo: <sip:{name}@127.0.0.1>\r\nCall-ID: register-{own}\r\n"
        f"CSeq: {number} REGISTER\r\nContact: {contact}\r\nExpires: {expires}\r\n{proof}Content-Length: 0\r\n\r\n"
    )


def _proof(name: str, secret: str, uri: str, challenge: str) -> str:
    asked = dict(re.findall(r'(realm|nonce|opaque)="([^"]*)"', challenge))
    whole = _md5(f"{name}:{asked['realm']}:{secret}")
    response = _md5(f"{whole}:{asked['nonce']}:00000001:tests:auth:{_md5(f'REGISTER:{uri}')}")
    opaque = f', opaque="{asked["opaque"]}"' if "opaque" in asked else ""
    return (
        f'Authorization: Digest username="{name}", realm="{asked["realm"]}", nonce="{asked["nonce"]}", uri="{uri}", '
        f'response="{response}", qop=auth, nc=00000001, cnonce="tests", algorithm=MD5{opaque}\r\n'
    )


def _md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()


async def _ask(line: socket.socket, sip_port: int, request: str) -> str:
    loop = asyncio.get_running_loop()
    await loop.sock_sendto(line, request.encode(), ("127.0.0.1", sip_port))
    async with asyncio.timeout(3):
        while True:
            answer = (await loop.sock_recv(line, 4096)).decode("utf-8", "replace")
            if answer.startswith("SIP/2.0") and not answer.startswith("SIP/2.0 1"):
                return answer
