import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, it } from "vitest";
import { renderBundle } from "../../host/bundle";
import type { HostSpec, MonitoringHostSpec } from "../../host/types";
import { monitoringSpec, sampleSpec, sites } from "./sample";
import { describeWith, run, temporaryDirectory, writeFiles, type Finished } from "./support";

/** Stands for a program of the machine: notes how it was called. */
const noting = '#!/bin/bash\necho "${0##*/} $*" >> "$CALLS"\n';
/** Units are active once they were started, unless the test says that they die. */
const systemctl = `${noting}units="$CALLS.units"
unit=\${*: -1}
case $1 in
  restart | start) echo "$unit" >> "$units" ;;
  disable | stop) sed -i "/^$unit\\$/d" "$units" ;;
  is-active | is-enabled) [[ " $DYING " != *" $unit "* ]] && grep -qx "$unit" "$units" ;;
esac
`;
const programs: Readonly<Record<string, string>> = {
  systemctl,
  // Every package but one is there.
  "dpkg-query": `${noting}[ "\${*: -1}" = rclone ] || echo installed\n`,
  // Nobody is there yet.
  getent: `${noting}exit 2\n`,
  psql: `${noting}exit "\${PSQL:-0}"\n`,
  ...Object.fromEntries(
    ["apt-get", "npm", "nginx", "promtool", "amtool", "useradd", "certbot", "sleep", "pm2"].map(
      (name) => [name, noting],
    ),
  ),
};

/**
 * The bundle's apply script with every path below a root and the machine's programs replaced by ones
 * that take notes: what is restarted when. What the programs do is for other tests.
 */
describeWith(["python3", "bash", "openssl"], "apply", () => {
  const base = temporaryDirectory();
  let root: string;
  let number = 0;

  beforeEach(() => {
    root = join(base, String(number++));
    for (const [name, content] of Object.entries(programs)) {
      writeFiles(root, [{ path: `/bin/${name}`, mode: "0755", content }]);
    }
    writeFiles(root, [{ path: "/bin/install", mode: "0755", content: install }]);
    for (const directory of [
      ...["etc/drops/secrets", "etc/nginx/sites-enabled", "var/lib/drops", "var/log/nginx"],
      ...["var/lib/prometheus/node-exporter", "etc/systemd/system", "srv"],
    ]) {
      mkdirSync(join(root, directory), { recursive: true });
    }
    writeFileSync(join(root, "calls.units"), "");
  });
  /** Other users are not there. */
  const install = `#!/bin/bash
args=()
while [ $# -gt 0 ]; do
  case $1 in -o | -g) shift 2 ;; *) args+=("$1"); shift ;; esac
done
exec /usr/bin/install "\${args[@]}"
`;

  const secrets: Readonly<Record<string, string>> = {
    ...Object.fromEntries(
      ["backup-bucket", "backup-access-key", "backup-secret-key", "acme-token"].map((name) => [
        name,
        "x",
      ]),
    ),
    ...Object.fromEntries(["slack-url", "webhook-url", "smtp-password"].map((name) => [name, "x"])),
    "database-url": "postgresql://drops_app:p@h/d",
    "database-owner-url": "postgresql://drops_owner:p@h/d",
    "database-admin-url": "postgresql://doadmin:p@h/d",
    "database-replica-url-1": "postgresql://drops_app:p@r/d",
    "database-replica-url-2": "postgresql://drops_app:p@s/d",
    "redis-url": "redis://r",
    "metrics-token": "Abcdefghijklmnop-_0123456789",
  };
  /** Applies a spec; `changed` is what drops-host says of the files. */
  const apply = (
    spec: HostSpec,
    changed: readonly string[],
    env: Readonly<Record<string, string>> = {},
    values = secrets,
  ): Finished & { readonly calls: readonly string[] } => {
    writeFiles(
      root,
      renderBundle(spec).files.map((file) =>
        file.path === "/usr/local/lib/drops/apply"
          ? {
              ...file,
              content: file.content.replaceAll(
                /(?<![\w.-])\/(etc|var|srv|usr\/local)\//g,
                `${root}/$1/`,
              ),
            }
          : file,
      ),
    );
    rmSync(join(root, "etc/drops/secrets"), { recursive: true });
    mkdirSync(join(root, "etc/drops/secrets"));
    for (const [name, value] of Object.entries(values)) {
      writeFileSync(join(root, "etc/drops/secrets", name), value);
    }
    const calls = join(root, "calls");
    writeFileSync(calls, "");
    writeFileSync(join(root, "changed"), changed.map((path) => `${root}${path}\n`).join(""));
    const result = run(join(root, "usr/local/lib/drops/apply"), [], {
      env: {
        ...{ DROPS_HOST_ROOT: root, DROPS_CHANGED: join(root, "changed"), CALLS: calls, DYING: "" },
        PATH: `${join(root, "bin")}:${process.env.PATH ?? ""}`,
        ...env,
      },
    });
    return { ...result, calls: readFileSync(calls, "utf8").trim().split("\n") };
  };
  const restarted = ({ calls }: { readonly calls: readonly string[] }): readonly string[] =>
    calls
      .flatMap((call) => /^systemctl (?:restart|reload|stop) (.*)$/.exec(call)?.[1] ?? [])
      .filter((unit) => !unit.endsWith(".timer"));
  const monitoring = (changes: Partial<MonitoringHostSpec> = {}): MonitoringHostSpec =>
    monitoringSpec({ replicas: 2, ...changes });

  it("starts all that a monitoring host has, and nothing of the app", () => {
    const result = apply(monitoring(), []);
    expect([result.status, result.output]).toEqual([0, expect.stringMatching(/apply: done\n$/)]);
    expect(restarted(result)).toEqual([
      ...["prometheus-node-exporter", "prometheus-blackbox-exporter"],
      ...["prometheus-postgres-exporter", "drops-postgres-replica-1", "drops-postgres-replica-2"],
      ...["prometheus-alertmanager", "prometheus", "prometheus-redis-exporter", "nginx"],
    ]);
    // The host's own metrics ask whether there is an app.
    const calls = result.calls.filter((call) => !call.startsWith("systemctl is-active")).join("\n");
    expect(calls).not.toMatch(/useradd|npm|pm2|certbot|drops-app|mtail/);
    expect(calls).toMatch(/apt-get .*install -y --no-install-recommends rclone$/m);
    // The roles' rights: as the administrator, then as the owner.
    expect(result.calls.filter((call) => call.startsWith("psql "))).toEqual([
      expect.stringMatching(/owner=drops_owner .*app=drops_app --file=.*\/roles\.sql$/),
      expect.stringMatching(/\/owner\.sql$/),
    ]);
    expect(readFileSync(join(root, "var/lib/drops/probe-targets.json"), "utf8")).toBe("[]\n");
    expect(existsSync(join(root, "etc/nginx/sites-enabled/drops-monitoring"))).toBe(true);
    expect(existsSync(join(root, "etc/nginx/sites-enabled/drops-app"))).toBe(false);
    expect(existsSync(join(root, "srv/drops"))).toBe(false);
  });

  it.each<[string, readonly string[], readonly string[]]>([
    ["nothing", [], []],
    ["a rule", ["/etc/drops/prometheus/rules.yml"], ["prometheus"]],
    [
      "what is asked of Postgres",
      ["/etc/drops/prometheus/postgres-queries.yml"],
      ["prometheus-postgres-exporter", "drops-postgres-replica-1", "drops-postgres-replica-2"],
    ],
    ["nginx's site", ["/etc/nginx/sites-available/drops-monitoring"], ["nginx"]],
    [
      "one replica's unit",
      ["/etc/systemd/system/drops-postgres-replica-2.service"],
      ["drops-postgres-replica-2"],
    ],
    ["Prometheus' unit", ["/etc/systemd/system/prometheus.service.d/drops.conf"], ["prometheus"]],
    ["where alarms go", ["/etc/drops/secrets/slack-url"], ["prometheus-alertmanager"]],
  ])("touches only what %s concerns", (_, changed, expected) => {
    apply(monitoring(), []);
    expect(restarted(apply(monitoring(), changed))).toEqual(expected);
  });

  it.each<[string, Readonly<Record<string, string>>, readonly string[]]>([
    ["the token", { "metrics-token": "Zbcdefghijklmnop-_0123456789" }, ["nginx"]],
    [
      "a replica's URL",
      { "database-replica-url-1": "postgresql://drops_app:q@r/d" },
      ["drops-postgres-replica-1"],
    ],
    ["Redis' URL", { "redis-url": "redis://other" }, ["prometheus-redis-exporter"]],
    [
      "the database's authority",
      { "database-ca": "PEM" },
      [...["prometheus-postgres-exporter", "drops-postgres-replica-1"], "drops-postgres-replica-2"],
    ],
  ])("touches only what reads a file composed of %s", (_, other, expected) => {
    apply(monitoring(), []);
    expect(restarted(apply(monitoring(), [], {}, { ...secrets, ...other }))).toEqual(expected);
  });

  it("ends the exporter of a replica that has gone, and that of Redis", () => {
    apply(monitoring(), []);
    const unit = "/etc/systemd/system/drops-postgres-replica-2.service";
    rmSync(root + unit);
    const result = apply(monitoring({ replicas: 1, redisExporter: false }), [unit]);
    expect(result.status).toBe(0);
    expect(result.calls).toContain("systemctl stop drops-postgres-replica-2.service");
    expect(result.calls).toContain("systemctl disable --now --quiet prometheus-redis-exporter");
    expect(restarted(result)).toEqual(["drops-postgres-replica-2.service"]);
  });

  it("keeps what it was told to probe", () => {
    apply(monitoring(), []);
    const targets = join(root, "var/lib/drops/probe-targets.json");
    writeFileSync(targets, '[{"targets": ["https://a.example/healthz"]}]\n');
    apply(monitoring(), []);
    expect(readFileSync(targets, "utf8")).toContain("https://a.example/healthz");
  });

  it("goes on past refused rights and a service that dies, and says both at the end", () => {
    const result = apply(monitoring(), [], { PSQL: "1", DYING: "prometheus" });
    expect(result.status).toBe(1);
    const last = result.output.trim().split("\n").slice(-2);
    expect(last).toEqual([
      "apply: the database's roles were not granted their rights",
      "apply: prometheus does not stay up: journalctl -u prometheus",
    ]);
    expect(restarted(result)).toContain("nginx");
  });

  it("does nothing without a secret that the bundle needs", () => {
    const { "metrics-token": token = "", ...others } = secrets;
    expect(token).not.toBe("");
    const result = apply(monitoring(), [], {}, others);
    expect([result.status, result.output]).toEqual([
      1,
      "apply: this bundle needs the secret metrics-token, which was not sent\n",
    ]);
    expect(result.calls).toEqual([""]);
  });

  it("starts an app's host as ever", () => {
    // compose hands a file to a group that is not there; the certificate's script is not this one's.
    const result = apply(sampleSpec({ site: sites.address, redis: undefined }), []);
    expect([result.status, result.output]).toEqual([0, expect.stringMatching(/apply: done\n$/)]);
    expect(restarted(result)).toEqual([
      ...["prometheus-node-exporter", "prometheus-blackbox-exporter"],
      ...["prometheus-postgres-exporter", "prometheus-alertmanager", "prometheus"],
      ...["prometheus-redis-exporter", "nginx", "mtail"],
    ]);
    expect(result.calls.join("\n")).toMatch(/^npm install .*pm2@/m);
    expect(existsSync(join(root, "etc/nginx/sites-enabled/drops-app"))).toBe(true);
    expect(existsSync(join(root, "srv/drops/releases"))).toBe(true);
  });
});
