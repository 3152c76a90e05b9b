"""The built web pages: hashed files are kept for a year, the page itself is asked for anew each time."""

from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse, PlainTextResponse, Response

_YEAR = "public, max-age=31536000, immutable"
_NOT_BUILT = "The web pages are not built. Run: make web\n"


def make_pages(dist: Path) -> APIRouter:
    """Return the routes of the pages; include it last, for it answers every path that is left.

    Any path that is not a file gives the one page, whose script knows what to show (single-page fall-back).
    """
    router = APIRouter(include_in_schema=False)
    root = dist.resolve()

    @router.get("/assets/{path:path}")
    async def asset(path: str) -> Response:
        file = (root / "assets" / path).resolve()
        if not file.is_relative_to(root / "assets") or not file.is_file():
            return PlainTextResponse("There is no such file.\n", status_code=404)
        return FileResponse(file, headers={"Cache-Control": _YEAR})

    @router.api_route("/{path:path}", methods=["GET", "HEAD"])
    async def page(path: str) -> Response:
        if path.startswith(("api/", "health/")) or path == "metrics":
            return PlainTextResponse("There is no such address.\n", status_code=404)
        file = (root / path).resolve()
        if path and "/" not in path and file.parent == root and file.is_file():
            return FileResponse(file, headers={"Cache-Control": "no-cache"})
        index = root / "index.html"
        if not index.is_file():
            return PlainTextResponse(_NOT_BUILT, status_code=503)
        return FileResponse(index, headers={"Cache-Control": "no-cache"})

    return router
