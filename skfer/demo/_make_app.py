"""The server of the page: its files, and two questions about a picture."""

import json
from collections.abc import Callable, Sequence
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

import numpy as np

from skfer._image_files import UnreadableImageError
from skfer._optional import require
from skfer._steps import check_classifier, find_part, last_step
from skfer.demo._answer import classify, explain
from skfer.model_selection import SelectiveClassifier

#: Of a picture that is sent, in bytes.
LARGEST_UPLOAD = 20 << 20
# Pictures that are received, wait or are classified; more are refused.
_MOST_PICTURES = 16
_MOST_SECONDS = 30  # To send a picture.
_FILES = {
    "/": ("page.html", "text/html"),
    "/page.js": ("page.js", "text/javascript"),
    "/style.css": ("style.css", "text/css"),
    "/icon.svg": ("icon.svg", "image/svg+xml"),
}
_HEADERS = {
    # Nothing is loaded from elsewhere, and nothing is sent elsewhere.
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src "
    "'self'; img-src 'self' blob:; media-src blob:; connect-src 'self'; base-uri "
    "'none'; form-action 'none'; frame-ancestors 'none'",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_LOCAL = ("127.0.0.1", "localhost", "::1")


class _TooLargeError(Exception):
    """More bytes were sent than are taken."""


def make_app(model: Any, *, card: Any = None, hosts: Sequence[str] = _LOCAL) -> Any:
    """Make the web application of the page.

    Pictures are classified in memory, one after the other, and not kept.

    Parameters
    ----------
    model : classifier
        Fitted.
    card : ModelCard or str, default=None
        What is known of it, for the page; of a text in Markdown, the first line is its
        name.
    hosts : sequence of str, default=("127.0.0.1", "localhost", "::1")
        Names by which it may be called. Others are refused, so that no web page can
        reach it by a name of its own.

    Returns
    -------
    starlette.applications.Starlette
        For any ASGI server.

    Raises
    ------
    ImportError
        If Starlette is missing.
    TypeError
        If ``model`` is no classifier.
    ValueError
        If it is not fitted.

    See Also
    --------
    serve : Runs it.

    Examples
    --------
    >>> from skfer import load_pretrained
    >>> from skfer.demo import make_app
    >>> app = make_app(load_pretrained())
    >>> [route.path for route in app.routes][:3]
    ['/', '/page.js', '/style.css']
    """
    require("starlette", "make_app", "use skfer predict")
    model = check_classifier(model, "make_app")
    from anyio import CapacityLimiter, fail_after
    from starlette.applications import Starlette
    from starlette.concurrency import run_in_threadpool
    from starlette.middleware import Middleware
    from starlette.requests import ClientDisconnect, Request
    from starlette.responses import JSONResponse, Response
    from starlette.routing import Route

    # Networks and detectors share memory; one picture at a time uses all cores.
    limiter = CapacityLimiter(1)
    n_pictures = 0
    about = _describe(model, card)

    def showing(name: str, kind: str) -> Any:
        async def show_file(request: Request) -> Response:
            content = (files("skfer.demo") / "static" / name).read_bytes()
            return Response(content, media_type=kind)

        return show_file

    async def show_about(request: Request) -> Response:
        return JSONResponse(about)

    def answering(work: Callable[[Any, bytes], Any], respond: Any) -> Any:
        async def answer(request: Request) -> Response:
            nonlocal n_pictures
            if n_pictures >= _MOST_PICTURES:
                return _refuse(503, "It is busy. Try again in a second.")
            n_pictures += 1
            try:
                with fail_after(_MOST_SECONDS):
                    content = await _read(request)
                async with limiter:
                    return respond(await run_in_threadpool(work, model, content))
            except _TooLargeError:
                limit = f"{LARGEST_UPLOAD >> 20} MB"
                return _refuse(413, f"A picture may have at most {limit}.")
            except (ClientDisconnect, TimeoutError):
                return _refuse(400, "The picture was not sent to its end.")
            except UnreadableImageError as error:
                reason = f"This can't be read as a picture: {error}."
                if "form" in request.headers.get("content-type", ""):
                    reason += " Send the bytes of the file alone, without a form."
                return _refuse(415, reason)
            except ValueError as error:
                return _refuse(422, str(error))
            finally:
                n_pictures -= 1

        return answer

    def _refuse(status: int, reason: str) -> Response:
        return JSONResponse({"error": reason}, status)

    async def report_fault(request: Request, error: Exception) -> Response:
        reason = {"error": f"It failed ({type(error).__name__})."}
        return JSONResponse(reason, 500, _HEADERS)

    def as_png(content: bytes) -> Response:
        return Response(content, media_type="image/png")

    routes = [
        *(Route(path, showing(*file)) for path, file in _FILES.items()),
        Route("/about", show_about),
        Route("/classify", answering(classify, JSONResponse), methods=["POST"]),
        Route("/explain", answering(explain, as_png), methods=["POST"]),
    ]
    return Starlette(
        routes=routes,
        middleware=[Middleware(_Guard, hosts=hosts)],
        # Of Starlette's outermost layer, where the guard adds no headers.
        exception_handlers={Exception: report_fault},
    )


def _describe(model: Any, card: Any) -> dict[str, Any]:
    """Return what the page says of the model."""
    selective = find_part(model, SelectiveClassifier)
    text, name = "", type(last_step(model)).__name__
    if isinstance(card, str):
        text, name = card, card.partition("\n")[0].removeprefix("# ")
    elif card is not None:
        text, name = card.to_markdown(), card.name
    return {
        "name": name,
        "classes": [str(label) for label in np.asarray(model.classes_).tolist()],
        "threshold": 0.0 if selective is None else float(selective.threshold),
        "isProbability": hasattr(model, "predict_proba"),
        "card": text,
    }


async def _read(request: Any) -> bytes:
    """Read what is sent, but no more than a picture may have."""
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > LARGEST_UPLOAD:
            raise _TooLargeError
        parts.append(part)
    return b"".join(parts)


class _Guard:
    """Refuses foreign names and foreign pages, and adds headers to all answers."""

    def __init__(self, app: Any, hosts: Sequence[str]) -> None:
        self._app = app
        self._hosts = {host.strip("[]").lower() for host in hosts if host}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = {name.lower(): value.decode("latin-1") for name, value in
                   scope["headers"]}  # fmt: skip
        host, origin = headers.get(b"host", ""), headers.get(b"origin")
        reason = ""
        if _name_of(host) not in self._hosts:
            reason = "It answers only to its own names. make_app(hosts=...) adds some."
        elif (
            origin is not None
            and origin.lower() != f"{scope['scheme']}://{host}".lower()
        ):
            reason = (
                "It answers only to pages of its own address. Serve both from "
                "one, by a proxy that keeps the header Host."
            )

        async def send_guarded(message: Any) -> None:
            if message["type"] == "http.response.start":
                own = [(name.encode(), text.encode()) for name, text in
                       _HEADERS.items()]  # fmt: skip
                message = {**message, "headers": [*message["headers"], *own]}
            await send(message)

        if not reason:
            await self._app(scope, receive, send_guarded)
            return
        body = json.dumps({"error": reason}).encode()
        kind = [(b"content-type", b"application/json")]
        await send_guarded(
            {"type": "http.response.start", "status": 403, "headers": kind}
        )
        await send_guarded({"type": "http.response.body", "body": body})


def _name_of(host: str) -> str:
    """Return the name in a Host header, without its port; empty if it is odd."""
    try:
        parts = urlsplit(f"//{host}")
        return "" if "@" in host else (parts.hostname or "").lower()
    except ValueError:
        return ""
