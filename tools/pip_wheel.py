"""Get pip where Python came without it: Debian's python3 has neither pip nor ensurepip.

pip is one wheel that runs as it is, so nothing is installed: `python3 pip-….whl/pip install …`.
"""

import base64
import hashlib
import html
import importlib.util
import re
import ssl
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

from tools.pip_settings import PipSettings
from tools.saying import Say, SetupError

_LINK = re.compile(r"<a\s[^>]*>", re.IGNORECASE)
_HREF = re.compile(r"href=[\"']([^\"']+)[\"']", re.IGNORECASE)
_WHEEL = re.compile(r"/?pip-([0-9]+(?:\.[0-9]+)*)-py3-none-any\.whl$")


def find(folder: Path, settings: PipSettings, say: Say) -> Path:
    """Return pip's wheel: the one that came with Python or with Debian, else one from the index, kept in ``folder``."""
    for place in (_beside_ensurepip(), Path("/usr/share/python-wheels"), folder):
        wheels = sorted(place.glob("pip-*-py3-none-any.whl")) if place else []
        if wheels:
            return wheels[-1]
    say("This Python came without pip; fetching it …")
    try:
        return _fetch(folder, settings)
    except (urllib.error.URLError, OSError) as error:
        raise SetupError(
            f"pip could not be fetched from {_without_password(settings.index)}: {error}. Set PIP_INDEX_URL to an index "
            "that this machine reaches, or (on Debian) apt install python3-venv; and for certificates ca-certificates."
        ) from error


def newest(page: str) -> tuple[str, str]:
    """Return the link to pip's newest final wheel on an index page (PEP 503), and its SHA-256 where it is given."""
    found: list[tuple[tuple[int, ...], str, str]] = []
    for tag in _LINK.findall(page):
        href = _HREF.search(tag)
        if href is None or "data-yanked" in tag:
            continue
        address, _, fragment = html.unescape(href[1]).partition("#")
        wheel = _WHEEL.search(address)
        if wheel:
            digest = fragment.removeprefix("sha256=") if fragment.startswith("sha256=") else ""
            found.append((tuple(int(part) for part in wheel[1].split(".")), address, digest))
    if not found:
        raise SetupError("The package index lists no wheel of pip.")
    _, address, digest = max(found)
    return address, digest


def _fetch(folder: Path, settings: PipSettings) -> Path:
    page_address = f"{settings.index}/pip/"
    link, digest = newest(_read(page_address, settings).decode())
    address = urllib.parse.urljoin(page_address, link)
    content = _read(address, settings)
    if digest and hashlib.sha256(content).hexdigest() != digest:
        raise SetupError("pip's wheel is not what the package index promised. Try again.")
    folder.mkdir(parents=True, exist_ok=True)
    wheel = folder / Path(urllib.parse.urlsplit(address).path).name
    wheel.write_bytes(content)
    return wheel


def _read(address: str, settings: PipSettings) -> bytes:
    parts = urllib.parse.urlsplit(address)
    request = urllib.request.Request(_without_password(address), headers={"Accept": "text/html, */*;q=0.1"})
    if parts.username:
        pair = f"{urllib.parse.unquote(parts.username)}:{urllib.parse.unquote(parts.password or '')}"
        request.add_header("Authorization", "Basic " + base64.b64encode(pair.encode()).decode())
    proxies = {"http": settings.proxy, "https": settings.proxy} if settings.proxy else None
    trust = ssl.create_default_context(cafile=settings.certificates or None)
    if parts.hostname in settings.trusted_hosts:
        trust.check_hostname, trust.verify_mode = False, ssl.CERT_NONE
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler(proxies), urllib.request.HTTPSHandler(context=trust)
    )
    with opener.open(request, timeout=60) as answer:
        content: bytes = answer.read()
        return content


def _without_password(address: str) -> str:
    parts = urllib.parse.urlsplit(address)
    return urllib.parse.urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def _beside_ensurepip() -> Path | None:
    found = importlib.util.find_spec("ensurepip")
    return Path(found.origin).parent / "_bundled" if found and found.origin else None
