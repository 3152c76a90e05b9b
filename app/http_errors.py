"""Which error is which HTTP status, in one table; told as problems (RFC 9457) in plain words."""

from http import HTTPStatus

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from app.api_tokens import ScopeMissingError, UnknownSystemError
from cases.errors import UnsignedEventError
from core.errors import (
    ChangedError,
    ConfigurationError,
    ConflictError,
    KundcenterError,
    NotFoundError,
    UnavailableError,
)
from dashboard.errors import (
    ForeignRequestError,
    LoginRefusedError,
    NotAllowedError,
    NotLoggedInError,
    TooManyLoginsError,
)

STATUS: tuple[tuple[type[KundcenterError], HTTPStatus], ...] = (
    (NotLoggedInError, HTTPStatus.UNAUTHORIZED),
    (LoginRefusedError, HTTPStatus.UNAUTHORIZED),
    (UnknownSystemError, HTTPStatus.UNAUTHORIZED),
    (UnsignedEventError, HTTPStatus.UNAUTHORIZED),
    (ScopeMissingError, HTTPStatus.FORBIDDEN),
    (TooManyLoginsError, HTTPStatus.TOO_MANY_REQUESTS),
    (NotAllowedError, HTTPStatus.FORBIDDEN),
    (ForeignRequestError, HTTPStatus.FORBIDDEN),
    (NotFoundError, HTTPStatus.NOT_FOUND),
    (ChangedError, HTTPStatus.PRECONDITION_FAILED),
    (ConflictError, HTTPStatus.CONFLICT),
    (UnavailableError, HTTPStatus.SERVICE_UNAVAILABLE),
    (ConfigurationError, HTTPStatus.INTERNAL_SERVER_ERROR),
    (KundcenterError, HTTPStatus.UNPROCESSABLE_ENTITY),
)

log = structlog.get_logger()


def status_of(error: KundcenterError) -> HTTPStatus:
    """Return the HTTP status that tells of this error. The first class in the table that fits counts."""
    return next(status for kind, status in STATUS if isinstance(error, kind))


def problem(status: HTTPStatus, detail: str = "", kind: str = "about:blank", **more: object) -> JSONResponse:
    """Return a problem document."""
    body = {"type": kind, "title": status.phrase, "status": status.value, "detail": detail, **more}
    headers = {"Retry-After": "2"} if status is HTTPStatus.SERVICE_UNAVAILABLE else None
    return JSONResponse(body, status.value, headers=headers, media_type="application/problem+json")


def install(app: FastAPI) -> None:
    """Have ``app`` answer every error with a problem document, and show nothing of its inside."""

    @app.exception_handler(KundcenterError)
    async def ours(_request: Request, error: KundcenterError) -> JSONResponse:
        return problem(status_of(error), str(error), kind=f"urn:kundcenter:{type(error).__name__}", **error.more)

    @app.exception_handler(HTTPException)
    async def plain(_request: Request, error: HTTPException) -> JSONResponse:
        answer = problem(HTTPStatus(error.status_code), str(error.detail))
        answer.headers.update(error.headers or {})
        return answer

    @app.exception_handler(RequestValidationError)
    async def invalid(_request: Request, error: RequestValidationError) -> JSONResponse:
        fields = [{"field": ".".join(map(str, one["loc"])), "fault": one["msg"]} for one in error.errors()]
        return problem(HTTPStatus.UNPROCESSABLE_ENTITY, "Some fields cannot be used.", fields=fields)

    @app.exception_handler(Exception)
    async def unexpected(request: Request, error: Exception) -> JSONResponse:
        log.error("request failed", route=request.scope.get("path", ""), exc_info=error)
        return problem(HTTPStatus.INTERNAL_SERVER_ERROR, "Something went wrong on our side.")
