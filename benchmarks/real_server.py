"""A real middleware on loopback: `python real_server.py PORT FOLDER`.

Run it with the Python of the environment with `itksnap-dss-server`. It needs nothing else. It
stores its state and its files in the folder.
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
from pathlib import Path


def main(port: int, folder: Path) -> None:
    """Serve until SIGTERM."""
    data = folder / "data"
    data.mkdir(parents=True, exist_ok=True)
    os.chdir(folder)
    sys.argv = ["itksnap-dss-server", "--server", "--port", f"{port}"]
    sys.argv += ["--sqlite-path", f"{folder / 'dss.sqlite'}", "--datastore-root", f"{data}"]
    sys.argv += ["--cookie-domain", ""]
    # Its own command listens on all network interfaces, so its application is served here.
    application = importlib.import_module("itksnap_dss_server.app").app.wsgifunc()
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    importlib.import_module("web").httpserver.runsimple(application, ("127.0.0.1", port))


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]).resolve())
