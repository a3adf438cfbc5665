#!/usr/bin/python3
"""Writes the files that join plain configuration with secrets, each readable by whom it concerns.

The paths of those that changed are appended to the file in DROPS_CHANGED.
"""
import grp
import json
import os
import re
import shlex
import sys
from urllib.parse import unquote, urlsplit

ROOT = os.environ.get("DROPS_HOST_ROOT", "")
ETC = ROOT + "/etc/drops"
LOCAL_REDIS = "redis://127.0.0.1:6379"
MOST_REPLICAS = 2


def secret(name):
    try:
        with open(f"{ETC}/secrets/{name}", encoding="utf-8") as file:
            return file.read().strip()
    except FileNotFoundError:
        return None


def settings():
    with open(f"{ETC}/host.env", encoding="utf-8") as file:
        return dict(word.split("=", 1) for word in shlex.split(file.read()))


def unit_environment(variables):
    """Lines that systemd's EnvironmentFile reads back as they are."""
    lines = []
    for name, value in variables.items():
        escaped = "".join("\\" + char if char in '"\\`$' else char for char in value)
        lines.append(f'{name}="{escaped}"\n')
    return "".join(lines)


def app_environment(redis):
    with open(f"{ETC}/app-environment.json", encoding="utf-8") as file:
        environment = json.load(file)
    environment["DATABASE_URL"] = secret("database-url")
    for name, value in (("DATABASE_CA", secret("database-ca")), ("REDIS_URL", redis)):
        if value is not None:
            environment[name] = value
    if secret("database-ca") is not None:
        # Also for clients that let "sslmode" in a URL replace the authority they were given.
        environment["NODE_EXTRA_CA_CERTS"] = "/etc/drops/database-ca.pem"
    return json.dumps(environment, indent=2) + "\n"


def postgres_exporter(url):
    # The exporter takes "system" for a file's name; without any it reads the system's trust store.
    base, mark, query = url.partition("?")
    options = [option for option in query.split("&") if option != "sslrootcert=system"]
    variables = {"DATA_SOURCE_NAME": base + mark + "&".join(options)}
    if secret("database-ca"):
        variables["PGSSLROOTCERT"] = "/etc/drops/database-ca.pem"
    return unit_environment(variables)


def redis_exporter(redis):
    # Apart, because the exporter's log names the address.
    url = urlsplit(redis)
    host = f"[{url.hostname}]" if ":" in (url.hostname or "") else url.hostname
    variables = {"REDIS_ADDR": f"{url.scheme}://{host}:{url.port or 6379}{url.path}"}
    if url.username and url.username != "default":
        variables["REDIS_USER"] = unquote(url.username)
    if url.password:
        variables["REDIS_PASSWORD"] = unquote(url.password)
    return unit_environment(variables)


def metrics_token():
    token = secret("metrics-token") or ""
    if not re.fullmatch(r"[A-Za-z0-9_-]{16,256}", token):
        sys.exit("compose: the secret metrics-token must be 16 to 256 letters, digits, _ and -")
    # As a pattern, because nginx compares plain texts of a map without regard to case.
    return f"""map $http_x_drops_token $drops_metrics_allowed {{
    default 0;
    "~^{token}$" 1;
}}
"""


def group(name):
    return os.getgid() if ROOT else grp.getgrnam(name).gr_gid


def replica_exporter(number, count):
    if number > count:
        return None
    url = secret(f"database-replica-url-{number}")
    return url and postgres_exporter(url)


def files():
    """Path, text (None: remove), mode and group of each composed file."""
    host = settings()
    redis = None
    if host["DROPS_REDIS_MODE"] != "none":
        redis = secret("redis-url") or LOCAL_REDIS
    authority = secret("database-ca")
    token = secret("acme-token") if host["DROPS_SITE"] == "proxied" else None
    if host["DROPS_ROLE"] == "app":
        yield "app.env.json", app_environment(redis), 0o640, group("drops-app")
    else:
        yield "metrics-token.conf", metrics_token(), 0o600, group("root")
    yield "postgres-exporter.env", postgres_exporter(secret("database-url")), 0o600, group("root")
    for number in range(1, MOST_REPLICAS + 1):
        text = replica_exporter(number, int(host["DROPS_REPLICAS"]))
        yield f"postgres-replica-{number}.env", text, 0o600, group("root")
    yield "redis-exporter.env", redis and redis_exporter(redis), 0o600, group("root")
    # A certificate is no secret, and exporters run as users of their own.
    yield "database-ca.pem", authority and authority + "\n", 0o644, group("root")
    yield "acme-cloudflare.ini", token and f"dns_cloudflare_api_token = {token}\n", 0o600, group("root")


def put(path, text, mode, gid):
    """True if the file changed."""
    if text is None:
        if not os.path.lexists(path):
            return False
        os.unlink(path)
        return True
    if os.path.exists(path):
        state = os.stat(path)
        with open(path, encoding="utf-8") as file:
            if (file.read(), state.st_mode & 0o7777, state.st_gid) == (text, mode, gid):
                return False
    temporary = path + ".drops-new"
    if os.path.lexists(temporary):
        os.unlink(temporary)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        os.fchown(file.fileno(), -1, gid)
        os.fchmod(file.fileno(), mode)
    os.rename(temporary, path)
    return True


def main():
    if secret("database-url") is None:
        sys.exit("compose: there is no secret database-url")
    changed = [name for name, text, mode, gid in files() if put(f"{ETC}/{name}", text, mode, gid)]
    with open(os.environ.get("DROPS_CHANGED", os.devnull), "a", encoding="utf-8") as file:
        file.writelines(f"/etc/drops/{name}\n" for name in changed)


if __name__ == "__main__":
    main()
