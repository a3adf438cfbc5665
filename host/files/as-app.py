#!/usr/bin/python3
"""Runs a program as the app's user with the app's environment, secrets included but never in sight.

as-app [--owner] PROGRAM [ARG...]   --owner adds MIGRATION_DATABASE_URL, the schema's owner
"""
import json
import os
import pwd
import sys

ROOT = os.environ.get("DROPS_HOST_ROOT", "")
USER = "drops-app"


def main(arguments):
    owner = arguments[:1] == ["--owner"]
    command = arguments[1:] if owner else arguments
    if not command:
        sys.exit(__doc__)
    with open(f"{ROOT}/etc/drops/app.env.json", encoding="utf-8") as file:
        environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", **json.load(file)}
    home = f"{ROOT}/var/lib/drops-app"
    environment.update(HOME=home, PM2_HOME=home + "/pm2", USER=USER)
    if ROOT:
        environment["PATH"] = os.environ["PATH"]
    if owner:
        with open(f"{ROOT}/etc/drops/secrets/database-owner-url", encoding="utf-8") as file:
            environment["MIGRATION_DATABASE_URL"] = file.read().strip()
    if not ROOT:
        user = pwd.getpwnam(USER)
        os.initgroups(USER, user.pw_gid)
        os.setgid(user.pw_gid)
        os.setuid(user.pw_uid)
    os.execvpe(command[0], command, environment)


if __name__ == "__main__":
    main(sys.argv[1:])
