"""Pass a server on, a little later: `python serve_delayed.py PORT SERVER_PORT SECONDS`.

Whatever a client sends arrives so much later, and what comes back does at once: every request takes
that much longer, as over a long line, and so does every new connection. Any number of them can be
under way.
"""

from __future__ import annotations

import asyncio
import sys

HOST = "127.0.0.1"
_PIECE = 1 << 16


async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delay: float) -> None:
    """Pass on what comes until there is no more, in its order."""
    loop = asyncio.get_running_loop()
    try:
        while piece := await reader.read(_PIECE):
            if delay:
                await asyncio.sleep(delay)
            writer.write(piece)
            await writer.drain()
    except ConnectionError:
        pass  # whoever broke it off wants no more
    finally:
        loop.call_soon(writer.close)


async def main(port: int, server_port: int, delay: float) -> None:
    """Serve until the process is ended."""

    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(delay)
        server_reader, server_writer = await asyncio.open_connection(HOST, server_port)
        await asyncio.gather(
            pass_on(reader, server_writer, delay), pass_on(server_reader, writer, 0)
        )

    server = await asyncio.start_server(connect, HOST, port)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))
