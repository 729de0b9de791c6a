"""A file server on loopback and an empty cache of its own."""

from __future__ import annotations

import hashlib
import http.server
import io
import socket
import threading

import numpy as np
import pytest


class FileServer:
    """Serves bytes by path, and counts what is asked for.

    ``say_length`` is added to the length that the header promises.
    """

    def __init__(self):
        self.files: dict[str, bytes] = {}
        self.asked: list[str] = []
        self.say_length = 0
        server = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                server.asked.append(self.path)
                body = server.files.get(self.path)
                if body is None:
                    self.send_error(404)
                    return
                self.send_response(200)
                self.send_header("Content-Length", str(len(body) + server.say_length))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args):
                pass

        self.http = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.http.server_port}"
        self.thread = threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()

    def serve(self, path: str, body: bytes) -> tuple[str, str]:
        """Offer ``body``; return its address and its SHA-256."""
        self.files[path] = body
        return self.address + path, hashlib.sha256(body).hexdigest()

    def close(self) -> None:
        self.http.shutdown()
        self.http.server_close()
        self.thread.join()


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    server = FileServer()
    yield server
    server.close()


@pytest.fixture
def nobody(monkeypatch):
    """An address on loopback where no one listens."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, never listening: connections are refused
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """The folder that data sets are cached in."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    return tmp_path / "keras" / "datasets"


@pytest.fixture
def npz():
    """Makes the bytes of an .npz file."""

    def make(**arrays):
        file = io.BytesIO()
        np.savez(file, **arrays)
        return file.getvalue()

    return make
