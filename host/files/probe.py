#!/usr/bin/python3
"""Tells the blackbox exporter what to probe for uptime: one http(s) address on standard input.

The address is probed as it is, path included, and must answer 200 without a redirect. The one
before gives way. Safe to run again at any time.
"""
import json
import os
import re
import sys
import time
from urllib.parse import urlsplit

STATE = os.environ.get("DROPS_HOST_ROOT", "") + "/var/lib/drops"
TARGETS = STATE + "/probe-targets.json"
SINCE = STATE + "/probed-at"


def refuse():
    # What came in is not repeated: it may hold a password.
    sys.exit("probe: standard input must be one http(s) address without user name and fragment, "
             "such as https://drops.example.com/healthz")


def address(text):
    text = text.strip()
    if len(text) > 2000 or not re.fullmatch(r"https?://[!-~]+", text) or re.search(r"[\"'\\$#@]", text):
        refuse()
    try:
        url = urlsplit(text)
        # Read, because only then is it checked.
        port = url.port
    except ValueError:
        refuse()
    if not re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|[0-9a-f:.]+", url.hostname or ""):
        refuse()
    if port == 0 or url.netloc.endswith(":"):
        refuse()
    return text


def write(path, text):
    """Readers see the old text or the new one."""
    temporary = f"{path}.{os.getpid()}"
    with open(temporary, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
        os.fchmod(file.fileno(), 0o644)
    os.rename(temporary, path)


def main():
    url = address(sys.stdin.read(4096))
    text = json.dumps([{"targets": [url]}]) + "\n"
    try:
        with open(TARGETS, encoding="utf-8") as file:
            if file.read() == text:
                print("probe: unchanged")
                return
    except FileNotFoundError:
        pass
    # First the moment: a share of the month counts from it.
    if not os.path.exists(SINCE):
        write(SINCE, f"{time.time():.0f}\n")
    write(TARGETS, text)
    print(f"probe: probing {url}")


if __name__ == "__main__":
    main()
