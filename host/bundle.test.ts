import { describe, expect, it } from "vitest";
import { sampleAlarm, sampleSpec, sites } from "../tests/host/sample";
import { renderBundle } from "./bundle";
import { hostSecretNames, type AppHostSpec, type HostSpec } from "./types";

const contentOf = (spec: HostSpec, path: string): string =>
  renderBundle(spec).files.find((file) => file.path === path)!.content;
const pathsOf = (spec: HostSpec): string[] => renderBundle(spec).files.map(({ path }) => path);

describe("renderBundle", () => {
  it("gives equal specs equal bundles", () => {
    expect(renderBundle(sampleSpec())).toEqual(renderBundle(sampleSpec()));
    expect(renderBundle(sampleSpec()).version).toMatch(/^[0-9a-f]{64}$/);
  });

  it("does not depend on the order in which the environment was written", () => {
    const spec = sampleSpec();
    const reversed = Object.fromEntries(Object.entries(spec.app.environment).reverse());
    const same = sampleSpec({ app: { ...spec.app, environment: reversed as never } });
    expect(renderBundle(same).version).toBe(renderBundle(spec).version);
  });

  it.each<[string, Partial<AppHostSpec>]>([
    ["site", { site: sites.direct }],
    ["app", { app: { ...sampleSpec().app, processes: 4 } }],
    ["redis", { redis: { maxMemoryMib: 128 } }],
    ["roles", { grantRoles: false }],
    ["backup", { backup: undefined }],
    ["alarms", { monitoring: { ...sampleSpec().monitoring, alarms: [] } }],
    [
      "one threshold",
      { monitoring: { ...sampleSpec().monitoring, alarms: [sampleAlarm({ threshold: 11 })] } },
    ],
    ["stack", { stack: "small-b" }],
  ])("has another version when %s changes", (_, changes) => {
    expect(renderBundle(sampleSpec(changes)).version).not.toBe(renderBundle(sampleSpec()).version);
  });

  it("lists each path once, sorted, where drops-host may write", () => {
    const found = pathsOf(sampleSpec());
    expect(found).toEqual([...new Set(found)].sort());
    for (const path of found) {
      expect(path).toMatch(/^\/(etc|usr\/local\/lib\/drops)\/[\w./-]+$/);
      expect(path).not.toMatch(/^\/etc\/drops\/secrets/);
    }
  });

  it("makes programs executable and nothing writable by others", () => {
    for (const { path, mode, content } of renderBundle(sampleSpec()).files) {
      expect([path, mode]).toEqual([path, content.startsWith("#!") ? "0755" : "0644"]);
    }
  });

  it.each(Object.values(sites))("leaves no placeholder unfilled ($kind)", (site) => {
    for (const { path, content } of renderBundle(sampleSpec({ site })).files) {
      expect(content, path).not.toMatch(/undefined|\[object|NaN/);
      expect(content.endsWith("\n"), path).toBe(true);
    }
  });

  it("names the secrets it needs, by the contract's names, and carries none", () => {
    const needed = contentOf(sampleSpec(), "/etc/drops/required-secrets").trim().split("\n");
    expect(needed).toEqual([
      "acme-token",
      "backup-access-key",
      "backup-bucket",
      "backup-secret-key",
      "database-admin-url",
      "database-owner-url",
      "database-url",
      "slack-url",
      "smtp-password",
      "webhook-url",
    ]);
    for (const name of needed) expect(hostSecretNames).toContain(name);
    const text = JSON.stringify(renderBundle(sampleSpec()));
    expect(text).not.toMatch(/postgres(ql)?:\/\/[^ "\\]*:[^ "\\]*@/);
  });

  it("asks for no secret that a plain spec does not use", () => {
    const spec = sampleSpec({
      site: sites.address,
      grantRoles: false,
      backup: undefined,
      monitoring: {
        ...sampleSpec().monitoring,
        recipients: { emails: ["ops@example.com"], webhook: false },
      },
    });
    expect(contentOf(spec, "/etc/drops/required-secrets")).toBe("database-url\n");
  });

  it("asks for the URL of a Redis that is elsewhere", () => {
    expect(contentOf(sampleSpec({ redis: undefined }), "/etc/drops/required-secrets")).toContain(
      "redis-url\n",
    );
  });

  it("installs only what the spec uses", () => {
    const packages = (spec: HostSpec): string[] =>
      contentOf(spec, "/etc/drops/packages").trim().split("\n");
    expect(packages(sampleSpec())).toEqual(
      expect.arrayContaining(["redis-server", "certbot", "python3-certbot-dns-cloudflare"]),
    );
    expect(packages(sampleSpec({ site: sites.direct }))).not.toContain(
      "python3-certbot-dns-cloudflare",
    );
    const bare = packages(sampleSpec({ site: sites.address, redis: undefined }));
    expect(bare).not.toContain("certbot");
    expect(bare).not.toContain("redis-server");
    expect(bare).toContain("prometheus-redis-exporter");
  });

  it("leaves out what is switched off", () => {
    const off = pathsOf(
      sampleSpec({ redis: undefined, backup: undefined, grantRoles: false, site: sites.address }),
    );
    expect(off.filter((path) => /redis\.conf|backup|roles|certificate/.test(path))).toEqual([]);
  });
});

describe("what listens", () => {
  it("keeps every exporter, Prometheus, Alertmanager and Redis on loopback", () => {
    const listening = renderBundle(sampleSpec())
      .files.flatMap(({ content }) => content.split("\n"))
      .filter((line) => /listen-address=|--address|^bind |^port /.test(line));
    expect(listening.length).toBe(8 + 1);
    for (const line of listening) {
      expect(line).toMatch(
        /listen-address=127\.0\.0\.1:\d+|--address 127\.0\.0\.1|^bind 127|^port/,
      );
    }
  });

  it("starts Alertmanager without its gossip port", () => {
    expect(
      contentOf(sampleSpec(), "/etc/systemd/system/prometheus-alertmanager.service.d/drops.conf"),
    ).toContain("--cluster.listen-address=\n");
  });
});
