"""A crowd at one alert page: requests a second and latency, beside a static file from the same server.

    make demo    and then    python -m benchmarks.crowd http://127.0.0.1:8000/a/TOKEN [SECONDS]

wrk asks from the same machine, so both share its cores. The page, its photo and card lie ready in front of the router;
the static file goes through it.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from urllib.parse import urlsplit

CONNECTIONS = 64


def wrk(address: str, seconds: int) -> str:
    """One run, in a line."""
    asked = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency", "-H", "Accept-Encoding: gzip", address]
    said = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
    found = {share: re.search(rf"^\s+{share}%\s+(\S+)", said, re.MULTILINE) for share in (50, 99)}
    rate, wrong = re.search(r"Requests/sec:\s+(\S+)", said), re.search(r"Non-2xx or 3xx responses: (\d+)", said)
    parts = [f"{rate[1] if rate else '?':>10} requests/s"]
    parts += [f"p{share} {match[1] if match else '?':>9}" for share, match in found.items()]
    return "   ".join(parts) + (f"   WRONG: {wrong[1]}" if wrong else "")


def main() -> None:
    if shutil.which("wrk") is None or len(sys.argv) < 2:
        raise SystemExit(__doc__)
    page, seconds = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 5
    static = urlsplit(page)._replace(path="/static/public.css", query="").geturl()
    for address in (static, page, f"{page}/state", f"{page}/photo/1.avif", f"{page}/card.jpg"):
        print(f"{urlsplit(address).path.rpartition('/a/')[2][-24:]:26} {wrk(address, seconds)}")


if __name__ == "__main__":
    main()
