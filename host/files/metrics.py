#!/usr/bin/python3
"""Writes the host's own metrics where the node exporter reads them."""
import json
import os
import ssl
import subprocess

ROOT = os.environ.get("DROPS_HOST_ROOT", "")
STATE = ROOT + "/var/lib/drops"
TEXTFILES = ROOT + "/var/lib/prometheus/node-exporter"
CERTIFICATE = ROOT + "/etc/drops/tls/current/fullchain.pem"
PM2_HOME = ROOT + "/var/lib/drops-app/pm2"


def timestamp(name):
    with open(f"{STATE}/{name}", encoding="utf-8") as file:
        return int(file.read())


def certificate_expiry():
    with open(ROOT + "/etc/drops/host.env", encoding="utf-8") as file:
        if "DROPS_SITE='address'" in file.read():
            raise ValueError("no certificate in use")
    end = subprocess.run(["openssl", "x509", "-enddate", "-noout", "-in", CERTIFICATE], check=True,
                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout.decode()
    return ssl.cert_time_to_seconds(end.strip().removeprefix("notAfter="))


def restarts():
    """Restarts that nobody asked for, as PM2 counted them since it started."""
    # Asked while the service is down, PM2 would start a daemon of its own.
    subprocess.run(["systemctl", "is-active", "--quiet", "drops-app"], check=True)
    listing = subprocess.run([ROOT + "/usr/local/lib/drops/as-app", "pm2", "jlist"], check=True,
                             stdout=subprocess.PIPE, timeout=20).stdout.decode()
    total = sum(app["pm2_env"]["restart_time"] for app in json.loads(listing[listing.index("["):]))
    with open(PM2_HOME + "/pm2.pid", encoding="utf-8") as file:
        daemon = file.read().strip()
    try:
        with open(PM2_HOME + "/planned-restarts.json", encoding="utf-8") as file:
            planned = json.load(file)
    except FileNotFoundError:
        planned = {}
    return max(0, total - (planned["count"] if planned.get("daemon") == daemon else 0))


METRICS = (
    ("drops_host_installed_timestamp_seconds", "gauge", "First bundle applied.",
     lambda: timestamp("installed-at")),
    ("drops_app_first_release_timestamp_seconds", "gauge", "First release that was healthy.",
     lambda: timestamp("released-at")),
    ("drops_probe_first_timestamp_seconds", "gauge", "First site that was given to be probed.",
     lambda: timestamp("probed-at")),
    ("drops_certificate_expiry_timestamp_seconds", "gauge", "End of the site's certificate.",
     certificate_expiry),
    ("drops_app_restarts_total", "counter", "Unplanned restarts of the app's processes.", restarts),
)


def main():
    text = ""
    for name, kind, meaning, read in METRICS:
        try:
            value = read()
        except (OSError, ValueError, KeyError, subprocess.SubprocessError):
            continue  # What cannot be read is absent, and absence has its own alarm.
        text += f"# HELP {name} {meaning}\n# TYPE {name} {kind}\n{name} {value:.0f}\n"
    temporary = TEXTFILES + "/drops_host.prom.new"
    with open(temporary, "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(temporary, 0o644)
    os.rename(temporary, TEXTFILES + "/drops_host.prom")


if __name__ == "__main__":
    main()
