"""A small proxy on the loopback: requests in their absolute form, and tunnels."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

import attrs

DEADLINE = 10.0


@attrs.define
class ProxyServer:
    """What it does, and what it was asked.

    Attributes:
        port: on which it listens.
        refusal: the status line with which it refuses everything; empty if it lets pass.
        authorization: the header without which it answers 407.
        asked: the first lines of the requests.
        headers: those of each request, by their names in lower case.
    """

    port: int
    refusal: str = ""
    authorization: str = ""
    request_lines: list[str] = attrs.field(factory=list)
    headers: list[dict[str, str]] = attrs.field(factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def run_proxy(context: ssl.SSLContext | None = None) -> Iterator[ProxyServer]:
    """A proxy that runs within a test; with a context, one that is itself spoken to over TLS."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        proxy = ProxyServer(listening.getsockname()[1])
        threads: list[threading.Thread] = []
        opened: list[socket.socket] = []

        def serve() -> None:
            with suppress(OSError):  # it is over
                while True:
                    client, _ = listening.accept()
                    opened.append(client)
                    thread = threading.Thread(
                        target=_handle_client, args=(proxy, client, context), daemon=True
                    )
                    threads.append(thread)
                    thread.start()

        serving = threading.Thread(target=serve, daemon=True)
        serving.start()
        try:
            yield proxy
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            serving.join(DEADLINE)
            for client in opened:
                with suppress(OSError):  # it has gone already
                    client.shutdown(socket.SHUT_RDWR)
            for thread in threads:
                thread.join(DEADLINE)
                assert not thread.is_alive()


def _handle_client(proxy: ProxyServer, raw: socket.socket, context: ssl.SSLContext | None) -> None:
    raw.settimeout(DEADLINE)
    with context.wrap_socket(raw, server_side=True) if context else raw as client:
        head = b""
        while b"\r\n\r\n" not in head:
            piece = client.recv(65536)
            if not piece:
                return
            head += piece
        top, _, rest = head.partition(b"\r\n\r\n")
        first, *lines = top.decode("latin-1").split("\r\n")
        found = dict(line.split(": ", 1) for line in lines)
        headers = {name.lower(): value for name, value in found.items()}
        proxy.request_lines.append(first)
        proxy.headers.append(headers)
        refusal = proxy.refusal
        if proxy.authorization and headers.get("proxy-authorization") != proxy.authorization:
            refusal = "407 Proxy Authentication Required"
        if refusal:
            answer = f"HTTP/1.1 {refusal}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            client.sendall(answer.encode())
            return
        method, target, version = first.split(" ")
        if method == "CONNECT":
            host, _, port = target.partition(":")
            with socket.create_connection((host, int(port)), DEADLINE) as server:
                client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                _relay(client, server)
            return
        place = urlsplit(target)
        path = target.removeprefix(f"http://{place.netloc}")
        passed = [f"{method} {path} {version}", *lines, "Connection: close"]
        with socket.create_connection((place.hostname or "", place.port or 80), DEADLINE) as server:
            server.sendall("\r\n".join(passed).encode("latin-1") + b"\r\n\r\n" + rest)
            _relay(client, server)


def _relay(client: socket.socket, server: socket.socket) -> None:
    """Pass on what either says, until both have ended."""
    up = threading.Thread(target=_forward, args=(client, server), daemon=True)
    up.start()
    _forward(server, client)
    with suppress(OSError):  # it has gone already
        client.shutdown(socket.SHUT_RDWR)
    up.join(DEADLINE)


def _forward(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):  # one of them has gone
        while piece := source.recv(65536):
            target.sendall(piece)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)
