import { describe, expect, it } from "vitest";
import { readStackFile, withSetting } from "../report/stackFile";
import { checkSettings } from "../config";
import { tiers } from "../tiers";
import { exampleImage } from "./image";
import { mediumSchema } from "./schema";
import { settableLeaves } from "./testLeaves";
import { checkedStack, problemsOfStack } from "./testStacks";

const digest = `sha256:${"a".repeat(64)}`;

/** A Standard cluster whose other keys are right. */
const standard = ["postgres.edition=standard", "postgres.nodes=1", "app.poolPerProcess=5"];
const grown = [...standard, "postgres.clusterSince=before-2026-11-30"];
const external = [
  "postgres.provider=external",
  "postgres.ownerUrl=postgresql://owner:hunter2@db.example.com/drops",
  "postgres.url=postgresql://u:p@db.example.com/drops",
];

describe("a medium configuration is refused before any resource", () => {
  it.each([
    ["image", ["drops:image"]],
    ["ssh", ["drops:ssh.publicKey", "drops:ssh.cidrs"]],
    ["alerts", ["drops:alerts.emails", "drops:alerts"]],
    ["domain", ["drops:domain"]],
    ["cloudflare", ["drops:cloudflare"]],
  ])("for %s missing", (group, keys) => {
    const problems = problemsOfStack("medium", [], [`drops:${group}`]);
    expect(problems.map(({ key }) => key)).toEqual(keys);
  });

  it("with all problems at once, those of the schema and those between components", () => {
    const problems = problemsOfStack("medium", [
      "region=mem1",
      "image=ghcr.io/acme/drops",
      "app.size=apps-s-2vcpu-4gb",
      "app.cpuPercent=0",
      "postgres.edition=standard",
      "redis.nodes=2",
      "cloudflare.plan=free",
      "monitoring.size=s-1vcpu-1gb",
      "thresholds.memory.warning=95",
    ]);
    expect(problems.map(({ key }) => key).sort()).toEqual([
      "drops:app.cpuPercent",
      "drops:app.poolPerProcess",
      "drops:app.size",
      "drops:cloudflare.plan",
      "drops:image",
      "drops:monitoring.size",
      "drops:postgres.nodes",
      "drops:redis.nodes",
      "drops:region",
      "drops:thresholds.memory.warning",
    ]);
  });

  it("without showing a secret", () => {
    const problems = problemsOfStack("medium", [
      "registryCredentials=hunter2",
      "postgres.url=mysql://root:hunter2@db.example.com/x",
    ]);
    expect(problems).toHaveLength(2);
    expect(JSON.stringify(problems)).not.toContain("hunter2");
  });
});

describe("a medium configuration is accepted", () => {
  it.each<[string, string[], string[]]>([
    ["as committed", [], []],
    ["without a domain", [], ["drops:cloudflare", "drops:domain"]],
    ["with the platform's own edge", ["edge=direct"], ["drops:cloudflare"]],
    ["on a new Standard cluster", standard, []],
    ["on an old Standard cluster", [...grown, "postgres.nodes=2", "postgres.readReplicas=1"], []],
    ["on a large old Standard cluster", [...grown, "postgres.size=db-s-6vcpu-16gb"], []],
    ["with read replicas of the Advanced edition", ["postgres.readReplicas=2"], []],
    ["with three nodes", ["postgres.nodes=3"], []],
    ["with a connection pool", ["postgres.pool.mode=transaction"], []],
    ["with a pool for each client", ["postgres.pool.mode=session", "postgres.pool.size=86"], []],
    ["on an external database", [...external, "postgres.connectionLimit=133"], []],
    ["without Redis", ["redis.provider=none"], []],
    ["with an external Redis", ["redis.provider=external", "redis.url=rediss://c:1"], []],
    ["with a standby of Valkey", ["redis.nodes=2", "redis.size=db-s-1vcpu-2gb"], []],
    ["without a worker", ["worker.instances=0"], []],
    ["with workers", ["worker.instances=2", "worker.size=apps-s-1vcpu-1gb"], []],
    ["from a private registry", ["registryCredentials=me:TOKEN"], []],
    ["from DigitalOcean's registry", [`image=registry.digitalocean.com/ours/drops@${digest}`], []],
    ["at half a percent", ["thresholds.cpu.warning=72.5"], []],
    ["named by its tier alone", [], ["drops:tier"]],
  ])("%s", (_, settings, without) => {
    expect(problemsOfStack("medium", settings, without)).toEqual([]);
  });

  it("with the tier's numbers where nothing is said", () => {
    const { app, worker, redis, monitoring, backups } = tiers.medium;
    expect(checkedStack("medium")).toMatchObject({
      region: "fra1",
      vpcCidr: "10.120.0.0/20",
      edge: "cloudflare",
      app: {
        size: app.defaultSize,
        minInstances: 2,
        maxInstances: 6,
        cpuPercent: 60,
        poolPerProcess: 8,
        drainSeconds: 60,
        graceSeconds: 120,
      },
      worker: { size: worker.defaultSize, instances: 1, poolPerProcess: 2 },
      postgres: { edition: "advanced", clusterSince: "new", nodes: 2, readReplicas: 0 },
      redis: { provider: "digitalocean", size: redis.defaultManagedSize, nodes: 1 },
      monitoring: { size: monitoring.defaultSize, backups: "weekly", rebuild: 1 },
      backups: { dump: "on", retentionDays: backups.dumpRetentionDays },
    });
  });
});

describe("the committed example", () => {
  const toReplace = (...settings: string[]) => {
    const { values } = settings.reduce(withSetting, readStackFile("medium"));
    const given = Object.fromEntries(
      Object.entries(values).map(([key, text]) => [
        key.replace("drops:", ""),
        /^[[{]/.test(text) ? (JSON.parse(text) as unknown) : text,
      ]),
    );
    return checkSettings("medium", given, new Set()).toReplace;
  };

  it("lists every value to replace", () => {
    expect(toReplace().map(({ key }) => key)).toEqual([
      "drops:domain",
      "drops:cloudflare.zoneId",
      "drops:cloudflare.zone",
      "drops:ssh.publicKey",
      "drops:ssh.cidrs[0]",
      "drops:image",
      "drops:alerts.emails[0]",
      "drops:alerts.slack.url",
    ]);
  });

  it.each([
    ["the example's image", exampleImage],
    ["a digest of nothing", `ghcr.io/acme/drops@sha256:${"0".repeat(64)}`],
  ])("knows %s for one", (_, image) => {
    expect(toReplace(`image=${image}`).find(({ key }) => key === "drops:image")).toEqual({
      key: "drops:image",
      got: `the example's "${image}"`,
      allowed: "your own value",
      fix: "pulumi config set --stack medium 'drops:image' VALUE",
    });
  });

  it("leaves an image of one's own alone", () => {
    const keys = toReplace(`image=ghcr.io/acme/drops@${digest}`).map(({ key }) => key);
    expect(keys).not.toContain("drops:image");
  });
});

describe("the fix of a key", () => {
  it.each(settableLeaves(mediumSchema))("of %s mends it with %s", (key, example) => {
    // Other keys may now ask for more; the one that was set is not refused for its form.
    const forms = problemsOfStack("medium", [`${key}=${example}`])
      .filter((problem) => problem.key === key)
      .map(({ got }) => got);
    expect(forms).not.toContain(JSON.stringify(example));
  });
});
