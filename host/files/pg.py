#!/usr/bin/python3
"""Runs a Postgres client with the connection of a secret URL, which no process list then shows.

pg SECRET PROGRAM [ARG...]   e.g. pg database-admin-url psql -f roles.sql
pg --user SECRET             prints the role in the URL
"""
import os
import sys
from urllib.parse import parse_qsl, unquote, urlsplit

ROOT = os.environ.get("DROPS_HOST_ROOT", "")
PARAMETERS = {
    "application_name": "PGAPPNAME",
    "channel_binding": "PGCHANNELBINDING",
    "connect_timeout": "PGCONNECT_TIMEOUT",
    "options": "PGOPTIONS",
    "sslmode": "PGSSLMODE",
    "target_session_attrs": "PGTARGETSESSIONATTRS",
}


def connection(secret):
    with open(f"{ROOT}/etc/drops/secrets/{secret}", encoding="utf-8") as file:
        url = urlsplit(file.read().strip())
    if url.scheme not in ("postgres", "postgresql") or not url.hostname:
        sys.exit(f"pg: {secret} is not a postgresql:// URL")
    variables = {
        "PGHOST": url.hostname,
        "PGPORT": str(url.port or 5432),
        "PGUSER": unquote(url.username or ""),
        "PGPASSWORD": unquote(url.password or ""),
        "PGDATABASE": unquote(url.path.lstrip("/")),
    }
    for name, value in parse_qsl(url.query):
        if name in PARAMETERS:
            variables[PARAMETERS[name]] = value
    authority = f"{ROOT}/etc/drops/database-ca.pem"
    if os.path.exists(authority):
        variables["PGSSLROOTCERT"] = authority
    elif variables.get("PGSSLMODE") == "verify-full":
        # A word of libpq's since Postgres 16: by itself it looks for a file in root's home alone.
        variables["PGSSLROOTCERT"] = "system"
    return variables


def main(arguments):
    if len(arguments) < 2:
        sys.exit(__doc__)
    if arguments[0] == "--user":
        print(connection(arguments[1])["PGUSER"])
        return
    variables = {"PGAPPNAME": "drops-host", "PGCONNECT_TIMEOUT": "15", **connection(arguments[0])}
    os.execvpe(arguments[1], arguments[1:], {**os.environ, **variables})


if __name__ == "__main__":
    main(sys.argv[1:])
