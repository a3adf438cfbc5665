import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, it } from "vitest";
import { renderBundle } from "../../host/bundle";
import type { HostSpec } from "../../host/types";
import { monitoringSpec, sampleSpec, sites } from "./sample";
import { describeWith, run, temporaryDirectory, writeFiles, type Finished } from "./support";

describeWith(["python3", "openssl"], "the host's composed files", () => {
  const base = temporaryDirectory();
  let root: string;
  let number = 0;

  beforeEach(() => {
    root = join(base, String(number++));
    mkdirSync(join(root, "etc/drops/secrets"), { recursive: true });
    mkdirSync(join(root, "var/lib/prometheus/node-exporter"), { recursive: true });
    mkdirSync(join(root, "var/lib/drops"), { recursive: true });
  });

  const helper = (name: string, path = process.env.PATH ?? ""): Finished =>
    run(join(root, "usr/local/lib/drops", name), [], {
      env: { DROPS_HOST_ROOT: root, DROPS_CHANGED: join(root, "changed"), PATH: path },
    });
  const compose = (spec: HostSpec, secrets: Record<string, string>): Finished => {
    writeFiles(root, renderBundle(spec).files);
    rmSync(join(root, "etc/drops/secrets"), { recursive: true });
    mkdirSync(join(root, "etc/drops/secrets"));
    for (const [name, value] of Object.entries(secrets)) {
      writeFileSync(join(root, "etc/drops/secrets", name), value);
    }
    writeFileSync(join(root, "changed"), "");
    return helper("compose");
  };
  const read = (name: string): string => readFileSync(join(root, "etc/drops", name), "utf8");
  const modeOf = (name: string): string =>
    (statSync(join(root, "etc/drops", name)).mode & 0o7777).toString(8);
  const url = "postgresql://drops_app:p%40ss@db.example:25060/drops?sslmode=require";

  it("give the app its environment, a PEM included, readable by no one else", () => {
    const pem = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----";
    expect(compose(sampleSpec(), { "database-url": url, "database-ca": `${pem}\n` }).output).toBe(
      "",
    );
    expect(JSON.parse(read("app.env.json"))).toEqual({
      ...sampleSpec().app.environment,
      DATABASE_URL: url,
      DATABASE_CA: pem,
      NODE_EXTRA_CA_CERTS: "/etc/drops/database-ca.pem",
      REDIS_URL: "redis://127.0.0.1:6379",
    });
    expect(modeOf("app.env.json")).toBe("640");
    expect([read("database-ca.pem"), modeOf("database-ca.pem")]).toEqual([`${pem}\n`, "644"]);
    expect(read("postgres-exporter.env")).toBe(
      `DATA_SOURCE_NAME="${url}"\nPGSSLROOTCERT="/etc/drops/database-ca.pem"\n`,
    );
    expect(modeOf("postgres-exporter.env")).toBe("600");
  });

  it("split a Redis URL, so that a log of the address shows no password", () => {
    const secrets = {
      "database-url": url,
      "redis-url": "rediss://default:s%3Acret@r.example:25061",
    };
    compose(sampleSpec({ redis: undefined }), secrets);
    expect(read("redis-exporter.env")).toBe(
      'REDIS_ADDR="rediss://r.example:25061"\nREDIS_PASSWORD="s:cret"\n',
    );
    expect(modeOf("redis-exporter.env")).toBe("600");
    compose(sampleSpec({ redis: undefined }), {
      ...secrets,
      "redis-url": 'redis://me:a"$b@r.example/2',
    });
    expect(read("redis-exporter.env")).toBe(
      'REDIS_ADDR="redis://r.example:6379/2"\nREDIS_USER="me"\nREDIS_PASSWORD="a\\"\\$b"\n',
    );
  });

  it("hand certbot the token only behind Cloudflare", () => {
    const secrets = { "database-url": url, "acme-token": "cf-token" };
    compose(sampleSpec(), secrets);
    expect(read("acme-cloudflare.ini")).toBe("dns_cloudflare_api_token = cf-token\n");
    expect(modeOf("acme-cloudflare.ini")).toBe("600");
    compose(sampleSpec({ site: sites.direct }), secrets);
    expect(existsSync(join(root, "etc/drops/acme-cloudflare.ini"))).toBe(false);
  });

  it("give a monitoring host its exporters and the token, for root alone, and no app", () => {
    const token = "Abcdefghijklmnop-_0123456789";
    const watching = { "database-url": url, "metrics-token": token };
    const replica = url.replace("db.example", "replica.example");
    const secrets = { ...watching, "database-replica-url-1": replica, "redis-url": "rediss://r" };
    expect(compose(monitoringSpec(), secrets).output).toBe("");
    expect(read("metrics-token.conf")).toBe(`map $http_x_drops_token $drops_metrics_allowed {
    default 0;
    "~^${token}$" 1;
}
`);
    expect(modeOf("metrics-token.conf")).toBe("600");
    expect(read("postgres-replica-1.env")).toBe(`DATA_SOURCE_NAME="${replica}"\n`);
    expect(modeOf("postgres-replica-1.env")).toBe("600");
    expect(readFileSync(join(root, "changed"), "utf8").trim().split("\n")).toEqual([
      "/etc/drops/metrics-token.conf",
      "/etc/drops/postgres-exporter.env",
      "/etc/drops/postgres-replica-1.env",
      "/etc/drops/redis-exporter.env",
    ]);
    expect(existsSync(join(root, "etc/drops/app.env.json"))).toBe(false);

    // The replica and Redis have gone: so have their files.
    compose(monitoringSpec({ replicas: 0, redisExporter: false }), watching);
    expect(existsSync(join(root, "etc/drops/postgres-replica-1.env"))).toBe(false);
    expect(existsSync(join(root, "etc/drops/redis-exporter.env"))).toBe(false);
  });

  it.each([
    "",
    "short",
    "sixteen or more characters",
    'a"; } server { listen 1; } #',
    "x\ny".repeat(9),
  ])("refuse the token %j, which nginx could misread", (token) => {
    const secrets = { "database-url": url, ...(token !== "" && { "metrics-token": token }) };
    const result = compose(monitoringSpec({ replicas: 0 }), secrets);
    expect([result.status, result.output]).toEqual([
      1,
      "compose: the secret metrics-token must be 16 to 256 letters, digits, _ and -\n",
    ]);
    expect(existsSync(join(root, "etc/drops/metrics-token.conf"))).toBe(false);
  });

  it.each([
    ["?sslmode=verify-full&sslrootcert=system", "?sslmode=verify-full"],
    ["?sslrootcert=system&sslmode=verify-full", "?sslmode=verify-full"],
    ["?sslrootcert=system", "?"],
    ["?sslrootcert=/etc/ssl/own.pem", "?sslrootcert=/etc/ssl/own.pem"],
    ["", ""],
  ])("tell the exporter %j as %j: it knows no trust store by name", (given, told) => {
    const base = "postgresql://a:p@h/d";
    compose(sampleSpec(), { "database-url": base + given });
    expect(read("postgres-exporter.env")).toBe(`DATA_SOURCE_NAME="${base}${told}"\n`);
  });

  it("say what changed, and nothing the second time", () => {
    compose(sampleSpec(), { "database-url": url });
    expect(readFileSync(join(root, "changed"), "utf8").trim().split("\n")).toEqual([
      "/etc/drops/app.env.json",
      "/etc/drops/postgres-exporter.env",
      "/etc/drops/redis-exporter.env",
    ]);
    compose(sampleSpec(), { "database-url": url });
    expect(readFileSync(join(root, "changed"), "utf8")).toBe("");
  });

  it("need the database", () => {
    const result = compose(sampleSpec(), {});
    expect([result.status, result.output]).toEqual([
      1,
      "compose: there is no secret database-url\n",
    ]);
  });

  it("are joined by metrics of certificate, installation and restarts", () => {
    writeFiles(root, renderBundle(sampleSpec({ site: sites.direct })).files);
    const pm2 = JSON.stringify([2, 5].map((restart_time) => ({ pm2_env: { restart_time } })));
    writeFiles(root, [
      { path: "/bin/systemctl", mode: "0755", content: "#!/bin/sh\nexit 0\n" },
      { path: "/bin/pm2", mode: "0755", content: `#!/bin/sh\necho '>>>> notice'\necho '${pm2}'\n` },
      { path: "/var/lib/drops-app/pm2/pm2.pid", mode: "0644", content: "77" },
      {
        path: "/var/lib/drops-app/pm2/planned-restarts.json",
        mode: "0644",
        content: '{"daemon": "77", "count": 4}',
      },
      { path: "/etc/drops/app.env.json", mode: "0640", content: "{}" },
      { path: "/var/lib/drops/installed-at", mode: "0644", content: "1700000000\n" },
    ]);
    const tls = join(root, "etc/drops/tls/current");
    mkdirSync(tls, { recursive: true });
    run("openssl", [
      ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"],
      ...["-days", "10", "-subj", "/CN=x", "-keyout", `${tls}/privkey.pem`],
      ...["-out", `${tls}/fullchain.pem`],
    ]);
    const path = `${join(root, "bin")}:${process.env.PATH ?? ""}`;
    expect(helper("metrics", path)).toEqual({ status: 0, output: "" });
    const file = join(root, "var/lib/prometheus/node-exporter/drops_host.prom");
    const value = (name: string): number | undefined => {
      const found = new RegExp(`^${name} (\\d+)$`, "m").exec(readFileSync(file, "utf8"));
      return found ? Number(found[1]) : undefined;
    };
    expect(value("drops_host_installed_timestamp_seconds")).toBe(1_700_000_000);
    expect(value("drops_app_restarts_total")).toBe(3);
    const days =
      (value("drops_certificate_expiry_timestamp_seconds")! - Date.now() / 1_000) / 86_400;
    expect(days).toBeGreaterThan(9.9);
    expect(days).toBeLessThan(10.1);
    expect(value("drops_app_first_release_timestamp_seconds")).toBeUndefined();

    // Another daemon: what was planned before it does not count.
    writeFileSync(join(root, "var/lib/drops-app/pm2/pm2.pid"), "78");
    writeFileSync(join(root, "var/lib/drops/released-at"), "1700000500\n");
    helper("metrics", path);
    expect(value("drops_app_restarts_total")).toBe(7);
    expect(value("drops_app_first_release_timestamp_seconds")).toBe(1_700_000_500);
  });
});
