"""The server as a process of its own: `python -m tests.messages_server --port-file FILE`."""

import argparse
import asyncio
import json
from pathlib import Path

from tests.messages_server.api import Api
from tests.messages_server.running import KEY, listen
from tests.messages_server.script import Script


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="default: any that is free")
    parser.add_argument("--port-file", type=Path, help="where to write the port once requests are taken")
    parser.add_argument("--script", default="{}", help="a script as JSON")
    arguments = parser.parse_args()
    asyncio.run(serve(Script.from_json(json.loads(arguments.script)), arguments.port, arguments.port_file))


async def serve(script: Script, port: int, port_file: Path | None) -> None:
    server = await listen(Api(script, KEY), port)
    port = server.sockets[0].getsockname()[1]
    if port_file:
        written = port_file.with_suffix(".new")
        written.write_text(str(port))
        written.rename(port_file)
    print(f"http://127.0.0.1:{port}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    main()
