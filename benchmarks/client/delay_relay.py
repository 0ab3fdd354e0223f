"""A relay that delays requests: `python delay_relay.py PORT SERVER_PORT SECONDS`.

It simulates a long line. All bytes from a client reach the server later by the given time, and so
does every new connection. The server's bytes reach the client at once. The relay accepts any number
of connections.
"""

from __future__ import annotations

import asyncio
import sys

HOST = "127.0.0.1"
_CHUNK = 1 << 16


async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delay: float) -> None:
    """Forward all bytes in their order, until the sender closes the connection."""
    loop = asyncio.get_running_loop()
    try:
        while chunk := await reader.read(_CHUNK):
            if delay:
                await asyncio.sleep(delay)
            writer.write(chunk)
            await writer.drain()
    except ConnectionError:
        pass  # one side closed the connection, and does not expect more bytes
    finally:
        loop.call_soon(writer.close)


async def main(port: int, server_port: int, delay: float) -> None:
    """Serve until the process ends."""

    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(delay)
        server_reader, server_writer = await asyncio.open_connection(HOST, server_port)
        await asyncio.gather(
            forward(reader, server_writer, delay), forward(server_reader, writer, 0)
        )

    server = await asyncio.start_server(connect, HOST, port)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))
