"""relay_endpoint.py FILE

Answers every HTTP request on a free port of the loopback interface with
WeCom's success, and writes the port to FILE.  Ends when that is removed.
"""
import asyncio
import os
import sys

BODY = b'{"errcode":0,"errmsg":"ok"}'
ANSWER = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s' % (len(BODY), BODY)


async def answer(reader, writer):
    try:
        while True:
            head = await reader.readuntil(b'\r\n\r\n')
            length = next((int(line.split(b':')[1]) for line in head.lower().split(b'\r\n') if line.startswith(b'content-length:')), 0)
            await reader.readexactly(length)
            writer.write(ANSWER)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


async def main():
    server = await asyncio.start_server(answer, '127.0.0.1', 0)
    with open(sys.argv[1] + '.new', 'w', encoding='ascii') as file:
        file.write(str(server.sockets[0].getsockname()[1]))
    os.rename(sys.argv[1] + '.new', sys.argv[1])
    while os.path.exists(sys.argv[1]):
        await asyncio.sleep(1)


asyncio.run(main())
