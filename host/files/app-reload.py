#!/usr/bin/python3
"""Replaces the app's processes one by one, and remembers how many restarts were meant.

Runs as drops-app from the unit's ExecReload. PM2 counts a reload as a restart of each process; the
number that was planned is subtracted from `drops_app_restarts_total`, so only crashes count.
"""
import json
import os
import subprocess

ECOSYSTEM = os.environ.get("DROPS_HOST_ROOT", "") + "/etc/drops/ecosystem.config.js"


def restarts():
    listing = subprocess.run(["pm2", "jlist"], check=True, stdout=subprocess.PIPE).stdout.decode()
    # PM2 may print a notice before the list.
    return sum(app["pm2_env"]["restart_time"] for app in json.loads(listing[listing.index("[{"):]))


def main():
    home = os.environ["PM2_HOME"]
    before = restarts()
    subprocess.run(["pm2", "reload", ECOSYSTEM, "--update-env"], check=True,
                   stdout=subprocess.DEVNULL)
    with open(home + "/pm2.pid", encoding="utf-8") as file:
        daemon = file.read().strip()
    path = home + "/planned-restarts.json"
    planned = {}
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            planned = json.load(file)
    # A new daemon counts from zero.
    count = planned.get("count", 0) if planned.get("daemon") == daemon else 0
    with open(path + ".new", "w", encoding="utf-8") as file:
        json.dump({"daemon": daemon, "count": count + restarts() - before}, file)
    os.rename(path + ".new", path)


if __name__ == "__main__":
    main()
