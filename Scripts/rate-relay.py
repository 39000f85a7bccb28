#!/usr/bin/env python3
"""Relays connections to a server on loopback, each no faster than it is told: a source that is far away, or that gives
every connection its share and no more.

    rate-relay.py PORT MBPS    MBPS are megabytes a second, from the server to each client

The first line on standard output is the port that it listens on.
"""

import asyncio
import sys
import time

PIECE = 64 << 10


async def pass_on(reader, writer, rate):
    """Hands on what comes, and no faster than so many bytes a second; what came late may not be made up for."""
    due = time.monotonic()
    try:
        while piece := await reader.read(PIECE):
            if rate:
                due = max(due, time.monotonic() - 0.1) + len(piece) / rate
                await asyncio.sleep(max(0, due - time.monotonic()))
            writer.write(piece)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()


async def main():
    port, rate = int(sys.argv[1]), float(sys.argv[2]) * 1e6

    async def relay(reader, writer):
        behind, before = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(pass_on(reader, before, 0), pass_on(behind, writer, rate))

    server = await asyncio.start_server(relay, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await server.serve_forever()


asyncio.run(main())
