"""A real server, and a client that sends whatever it is told."""

import http.client
import json
import socket
import threading
import time
from contextlib import contextmanager

import uvicorn


class Answer:
    def __init__(self, response):
        self.status_code = response.status
        self.headers = {name.lower(): value for name, value in response.getheaders()}
        self.content = response.read()

    @property
    def text(self):
        return self.content.decode()

    def json(self):
        return json.loads(self.content)


class Client:
    def __init__(self, port):
        self.port = port
        self.here = f"http://127.0.0.1:{port}"

    def send(self, method, path, content=None, headers=()):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, content, dict(headers))
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def get(self, path):
        return self.send("GET", path)

    def post(self, path, content=b"", headers=()):
        return self.send("POST", path, content, headers)


@contextmanager
def serving(app):
    """Serve on any free port, and yield a client."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        yield Client(listener.getsockname()[1])
    finally:
        server.should_exit = True
        thread.join()
        listener.close()
