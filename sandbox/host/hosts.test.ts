import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newHosts } from ".";
import {
  eventually,
  id,
  payloadOf,
  plainSpec,
  secrets,
  startSample,
  user,
  userData,
  type Sample,
} from "./testing/sampleHost";

describe("a host", () => {
  let sample: Sample;
  beforeAll(async () => {
    sample = await startSample();
  });
  afterAll(() => sample.stop());

  const run = (command: string, as = user): ReturnType<Sample["apply"]> =>
    sample.hosts.run({ id, user: as, command, stdin: "", environment: {} });
  const read = (path: string): string => readFileSync(sample.root + path, "utf8");
  const modeOf = (path: string): string => (statSync(sample.root + path).mode & 0o7777).toString(8);

  it("has the files of its user data and nothing else of ours", () => {
    expect(read("/usr/local/sbin/drops-host")).toContain("drops-host apply");
    expect(modeOf("/usr/local/sbin/drops-host")).toBe("755");
    expect(existsSync(join(sample.root, "etc/drops"))).toBe(false);
  });

  it("lets in its operator alone", async () => {
    await expect(run("sudo /usr/local/sbin/drops-host apply", "root")).rejects.toThrow(
      /unable to authenticate.*lets in "drops" alone, not "root"/,
    );
    await expect(
      sample.hosts.run({ id: "1", user, command: "x", stdin: "", environment: {} }),
    ).rejects.toThrow("no such machine");
  });

  it.each([
    ["ls /", 127, "bash: line 1: ls: command not found\n"],
    ["sudo reboot", 127, "sudo: reboot: command not found\n"],
    ["sudo /usr/local/sbin/drops-host apply; id", 127, "bash: line 1: sudo: command not found\n"],
    ["sudo /usr/local/sbin/drops-host", 2, "drops-host: refused: no such verb: \n"],
    ["sudo /usr/local/sbin/drops-host metrics", 2, "drops-host: refused: no such verb: metrics\n"],
    [
      "sudo /usr/local/sbin/drops-host apply",
      2,
      "drops-host: refused: standard input is not JSON\n",
    ],
    [
      "sudo /usr/local/sbin/drops-host release",
      2,
      "drops-host: refused: usage: drops-host release SOURCE VERSION\n",
    ],
    [
      "sudo /usr/local/sbin/drops-host release /tmp/v1 v1",
      2,
      "drops-host: refused: no such verb: release\n",
    ],
  ])("answers %s as a shell would", async (command, status, stderr) => {
    expect(await run(command)).toMatchObject({ status, stderr, stdout: "" });
  });

  it("refuses a bundle whose secrets were not sent, says which, and counts it", async () => {
    const spec = plainSpec({
      backup: { endpoint: "fra1.example", region: "fra1", retentionDays: 1, hourUtc: 1 },
    });
    const result = await sample.apply(payloadOf(spec));
    expect(result).toEqual({
      status: 1,
      stdout: "",
      stderr:
        "apply: this bundle needs the secret backup-access-key, which was not sent\n" +
        "drops-host: failed: apply ended with status 1\n",
    });
    expect(read("/var/lib/prometheus/node-exporter/drops_deploy.prom")).toContain(
      '{kind="apply"} 1',
    );
  });

  it("applies a bundle, and the same one again without a change", async () => {
    const first = await sample.apply(payloadOf(plainSpec()));
    expect(first).toMatchObject({ status: 0, stderr: "" });
    expect(first.stdout).toMatch(
      /^apply: done\ndrops-host: bundle [0-9a-f]{12} applied, \d+ changes\n$/,
    );
    expect(read("/etc/drops/secrets/database-url")).toBe(secrets["database-url"]);
    expect(modeOf("/etc/drops/secrets/database-url")).toBe("600");
    expect(modeOf("/etc/drops/secrets")).toBe("700");
    expect(modeOf("/etc/drops/app.env.json")).toBe("640");
    const second = await sample.apply(payloadOf(plainSpec()));
    expect(second.stdout).toMatch(/applied, 0 changes/);
    expect(read("/var/lib/prometheus/node-exporter/drops_deploy.prom")).toContain(
      '{kind="apply"} 0',
    );
  });

  it("takes one command at a time", async () => {
    const [one, two] = await Promise.all([
      sample.apply(payloadOf(plainSpec())),
      sample.apply(payloadOf(plainSpec())),
    ]);
    expect([one.status, two.status]).toEqual([0, 2]);
    expect(two.stderr).toContain("another drops-host is at work");
  });

  it("removes what a later bundle no longer has", async () => {
    await sample.apply(
      payloadOf(
        plainSpec({
          app: {
            ...plainSpec().app,
            environment: { ...plainSpec().app.environment, REDIS_MODE: "single" },
          },
        }),
        { ...secrets, "redis-url": "redis://u:hidden@127.0.0.1:1" },
      ),
    );
    expect(existsSync(join(sample.root, "etc/drops/redis-exporter.env"))).toBe(true);
    await sample.apply(payloadOf(plainSpec()));
    expect(existsSync(join(sample.root, "etc/drops/redis-exporter.env"))).toBe(false);
    expect(existsSync(join(sample.root, "etc/drops/secrets/redis-url"))).toBe(false);
  });

  it("tells what runs and what does not", () => {
    const statuses = sample.hosts.statuses();
    expect(statuses.find(({ what }) => what === "web server in Node")).toMatchObject({
      state: "running",
      resource: id,
    });
    expect(statuses.find(({ what }) => what === "app")).toMatchObject({
      state: "stopped",
      detail: "no release yet",
    });
    expect(statuses.filter(({ state }) => state === "recorded").length).toBeGreaterThan(2);
    expect(statuses.filter(({ state, detail }) => state === "recorded" && !detail)).toEqual([]);
  });

  it("is the same one for another cloud on the same files, ports included", async () => {
    const ports = sample.hosts.ports(id);
    await sample.release("v1");
    await sample.hosts.stopAll();
    await expect(sample.ask()).rejects.toThrow();
    const again = newHosts(sample.options);
    try {
      await again.startAll();
      expect(again.ports(id)).toEqual(ports);
      await again.ensure(id, { name: "drops-small", userData });
      expect((await eventually(() => sample.ask())).version).toBe("v1");
    } finally {
      await again.stopAll();
    }
  });

  it("leaves nothing when it is removed, and can be removed again", async () => {
    await sample.hosts.remove(id);
    expect(existsSync(join(sample.options.directory, id))).toBe(false);
    expect(sample.hosts.ports(id)).toBeUndefined();
    expect(sample.hosts.statuses()).toEqual([]);
    await sample.hosts.remove(id);
  });
});

describe("a first boot", () => {
  it("that was interrupted is done again", async () => {
    const sample = await startSample();
    try {
      const { rmSync } = await import("node:fs");
      rmSync(join(sample.options.directory, id, "host.json"));
      rmSync(join(sample.root, "usr/local/sbin/drops-host"));
      const again = newHosts(sample.options);
      await again.startAll();
      expect(again.ports(id)).toBeUndefined();
      await again.ensure(id, { name: "drops-small", userData });
      expect(existsSync(join(sample.root, "usr/local/sbin/drops-host"))).toBe(true);
      expect(again.ports(id)).toBeDefined();
    } finally {
      await sample.stop();
    }
  });

  it("needs a cloud-config that makes a host", async () => {
    const sample = await startSample();
    try {
      await expect(
        sample.hosts.ensure("2", { name: "x", userData: "#!/bin/sh\n" }),
      ).rejects.toThrow("user data: must be a cloud-config");
      expect(existsSync(join(sample.options.directory, "2"))).toBe(false);
    } finally {
      await sample.stop();
    }
  });
});
