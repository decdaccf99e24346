"""Running the page."""

import socket
import threading
import webbrowser
from typing import Any

from skfer._optional import require
from skfer.demo._make_app import make_app


def serve(
    model: Any,
    *,
    card: Any = None,
    host: str = "127.0.0.1",
    port: int = 8765,
    open_browser: bool = True,
) -> None:
    """Show a page on which pictures and the webcam are classified, until Ctrl-C.

    Only this computer can reach it, unless ``host`` says otherwise. No picture is kept
    or sent elsewhere. Needs the extra ``skfer[demo]``.

    Parameters
    ----------
    model : classifier
        Fitted, for instance from `load_model`.
    card : ModelCard or str, default=None
        What is known of it, from `read_card`, or a text in Markdown.
    host : str, default="127.0.0.1"
        Address to serve. "0.0.0.0" lets every computer of the network use it; browsers
        give the webcam only to pages of this computer, or to https.
    port : int, default=8765
        Port to serve; 0 takes any that is free.
    open_browser : bool, default=True
        Whether to open the page.

    Raises
    ------
    ImportError
        If a package is missing.
    OSError
        If the port is taken.

    Examples
    --------
    >>> from skfer import load_pretrained
    >>> from skfer.demo import serve
    >>> serve(load_pretrained(faces=True))  # doctest: +SKIP
    """
    uvicorn = require("uvicorn", "serve", "use skfer predict")
    names = ["127.0.0.1", "localhost", "::1"]
    is_local = host in names
    if not is_local:
        names += [host, socket.gethostname(), _own_address()]
    app = make_app(model, card=card, hosts=names)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family)
    except OSError as error:
        raise OSError(
            f"The page can't be served at {host}, port {port}: {error}. Choose another "
            "port; 0 takes any that is free."
        ) from error
    shown = _own_address() if host == "0.0.0.0" else host
    shown = f"[{shown}]" if ":" in shown else shown
    address = f"http://{shown}:{listener.getsockname()[1]}"
    print(f"The page is at {address}. Ctrl-C ends it.", flush=True)
    if not is_local:
        print("On other computers it takes pictures, but browsers give the webcam only "
              "to https.", flush=True)  # fmt: skip
    if open_browser:
        threading.Timer(1, webbrowser.open, [address]).start()
    config = uvicorn.Config(
        app,
        log_level="warning",
        # Of each connection; a browser keeps one open.
        timeout_keep_alive=30,
        limit_concurrency=64,
        server_header=False,
    )
    uvicorn.Server(config).run(sockets=[listener])


def _own_address() -> str:
    """Return the address of this computer in its network, without sending anything."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
            return probe.getsockname()[0]
        except OSError:
            return "127.0.0.1"
