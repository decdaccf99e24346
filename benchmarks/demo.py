"""The page under load: eight clients for a minute, bad uploads among the good ones.

``python -m benchmarks demo [--model FILE] [--pictures FOLDER]``. Without them, the
network that skfer ships classifies drawn faces as a whole.
"""

import argparse
import http.client
import random
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from skfer import load_pretrained
from skfer._videos import split_frame
from skfer.datasets import make_faces
from skfer.demo._answer import decode
from skfer.persistence import load_model
from skfer.prediction import classify_images, list_pictures

_N_CLIENTS = 8
_N_SMALL = 10_000
_HUGE = 200 << 20  # Bytes.
_SOME = 64  # Pictures whose answers are known.


class _Load:
    """What the clients counted."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._lock = threading.Lock()
        self.counts: Counter[str] = Counter()
        self.latencies: list[float] = []

    def ask(self, content: Any, expected: str) -> None:
        """Send one upload; ``expected`` is a label, or the status of a refusal."""
        begun = time.perf_counter()
        try:
            outcome = self._judge(*self._send(content), expected)
        except (http.client.HTTPException, OSError) as error:
            # A server that refuses while much is still sent closes the connection.
            is_refusal = expected == "413" and isinstance(error, ConnectionError)
            outcome = "refused" if is_refusal else f"failed: {type(error).__name__}"
        with self._lock:
            self.counts[outcome] += 1
            if outcome == "right":
                self.latencies.append(time.perf_counter() - begun)

    def _send(self, content: Any) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        try:
            body = _in_parts(content) if isinstance(content, Path) else content
            connection.request("POST", "/classify", body)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    @staticmethod
    def _judge(status: int, content: bytes, expected: str) -> str:
        if status == 503:
            return "busy"
        if expected.isdigit():
            return "refused" if str(status) == expected else f"NOT REFUSED: {status}"
        if status != 200:
            return f"FAILED: {status}"
        return "right" if f'"label":"{expected}"'.encode() in content else "WRONG"


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve in another process, ask from eight threads, and print what came."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks demo", description=__doc__
    )
    parser.add_argument("--model", help="model file; by default the shipped network")
    parser.add_argument("--pictures", help="folder of pictures to ask about")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--small", type=int, default=_N_SMALL)
    chosen = parser.parse_args(arguments)
    model = load_model(chosen.model) if chosen.model else load_pretrained()
    command = ["demo", *([chosen.model] if chosen.model else ["--whole"])]
    good = _make_good(model, chosen.pictures)
    with _serving(command) as (port, pid), tempfile.TemporaryDirectory() as folder:
        bad = _make_bad(Path(folder))
        load = _Load(port)
        load.ask(*good[0])
        before = _megabytes(pid)
        seconds = _run(load, chosen.seconds, lambda draw: (
            draw.choice(bad) if draw.random() < 0.2 else draw.choice(good)
        ))  # fmt: skip
        print(f"{_N_CLIENTS} clients, {seconds:.0f} s, one upload in five bad")
        _report(load, seconds, before, _megabytes(pid))
        load, before = _Load(port), _megabytes(pid)
        seconds = _send_small(load, model, chosen.small)
        print(f"{chosen.small:,} pictures of 8 by 8 pixels, {_N_CLIENTS} clients")
        _report(load, seconds, before, _megabytes(pid))
    return 0


def _make_good(model: Any, folder: str | None) -> list[tuple[bytes, str]]:
    """Return files, and the labels that the model gives them here."""
    if folder is None:
        contents = [_png(image) for image in make_faces(_SOME, random_state=1).images]
    else:
        paths = [one for one in list_pictures(folder).X if split_frame(one) is None]
        contents = [Path(path).read_bytes() for path in paths[:_SOME]]
    images = [decode(content) for content in contents]
    labels = classify_images(model, images).predicted.tolist()
    return list(zip(contents, map(str, labels), strict=True))


def _make_bad(folder: Path) -> list[tuple[Any, str]]:
    huge = folder / "huge.jpg"
    with huge.open("wb") as file:
        file.truncate(_HUGE)
    page = b"<!doctype html><script>alert(1)</script>"
    video = b"\0\0\0\x20ftypisom" + bytes(100_000)  # As a video named .jpg begins.

    return [
        (video, "415"), (page, "415"), (b"", "415"), (b"\xff\xd8\xff cut", "415"),
        (huge, "413"),
    ]  # fmt: skip


def _in_parts(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while part := file.read(1 << 16):
            yield part


def _png(image: np.ndarray) -> bytes:
    buffer = BytesIO()
    Image.fromarray(image).save(buffer, format="PNG")
    return buffer.getvalue()


def _run(load: _Load, seconds: float, choose: Callable[[random.Random], Any]) -> float:
    """Let all clients ask for some time."""
    begun = time.perf_counter()

    def work(number: int) -> None:
        draw = random.Random(number)
        while time.perf_counter() - begun < seconds:
            load.ask(*choose(draw))

    _in_threads(work)
    return time.perf_counter() - begun


def _send_small(load: _Load, model: Any, n: int) -> float:
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (_SOME, 8, 8), np.uint8)
    labels = map(str, classify_images(model, list(images)).predicted.tolist())
    files = list(zip(map(_png, images), labels, strict=True))
    begun = time.perf_counter()

    def work(number: int) -> None:
        for place in range(number, n, _N_CLIENTS):
            load.ask(*files[place % _SOME])

    _in_threads(work)
    return time.perf_counter() - begun


def _in_threads(work: Callable[[int], None]) -> None:
    threads = [
        threading.Thread(target=work, args=(number,)) for number in range(_N_CLIENTS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@contextmanager
def _serving(command: list[str]) -> Iterator[tuple[int, int]]:
    """Run ``skfer demo`` in a process of its own; yield its port and its number."""
    with subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "skfer.cli", *command,
         "--port", "0", "--no-browser"],
        stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        try:
            assert process.stdout is not None
            (port,) = re.findall(r":(\d+)\. Ctrl-C", process.stdout.readline())
            yield int(port), process.pid
        finally:
            process.terminate()


def _megabytes(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    (kilobytes,) = re.findall(r"VmRSS:\s+(\d+)", status)
    return int(kilobytes) / 1000


def _report(load: _Load, seconds: float, before: float, after: float) -> None:
    counts = ", ".join(f"{n:,} {what}" for what, n in sorted(load.counts.items()))
    median, slow = 1000 * np.quantile(load.latencies or [np.nan], [0.5, 0.95])
    print(
        f"  {load.counts.total():,} uploads: {counts}; "
        f"{load.counts['right'] / seconds:.0f} answers a second, half of them within "
        f"{median:.0f} ms, 95 of 100 within {slow:.0f} ms; memory {before:.0f} MB "
        f"before, {after:.0f} MB after",
        flush=True,
    )


if __name__ == "__main__":
    raise SystemExit(main())
