"""A small proxy on the loopback interface, for absolute requests and tunnels."""

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
    """A proxy: its settings, and the requests that it received.

    Attributes:
        port: the port that it listens on.
        refusal: the status line of its response to every request; empty if requests pass.
        authorization: the required `Proxy-Authorization`; without it, the response is 407.
        request_lines: the first line of each request.
        headers: the headers of each request, by their names in lower case.
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
    """Run a proxy within the context; with an SSL context, clients connect to it over TLS."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        proxy = ProxyServer(listening.getsockname()[1])
        threads: list[threading.Thread] = []
        clients: list[socket.socket] = []

        def serve() -> None:
            with suppress(OSError):  # the listening socket is closed
                while True:
                    client, _ = listening.accept()
                    clients.append(client)
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
            for client in clients:
                with suppress(OSError):  # already closed
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
    """Forward bytes in both directions until both sides have closed."""
    up = threading.Thread(target=_forward, args=(client, server), daemon=True)
    up.start()
    _forward(server, client)
    with suppress(OSError):  # already closed
        client.shutdown(socket.SHUT_RDWR)
    up.join(DEADLINE)


def _forward(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):  # one side has closed
        while piece := source.recv(65536):
            target.sendall(piece)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)
