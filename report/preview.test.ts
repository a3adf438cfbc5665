import { Ajv2020 } from "ajv/dist/2020";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { beforeAll, describe, expect, it } from "vitest";
import { join } from "node:path";
import { atItsLargest } from "./cost";
import { preview, type PreviewReport } from "./preview";
import { projectRoot, UsageError } from "./stackFile";
import { renderText } from "./text";
import { verdict } from "./verdict";

const external = [
  "postgres.provider=external",
  "postgres.connectionLimit=60",
  "postgres.url=postgresql://app:hunter2@db.example.com/drops",
  "redis.provider=external",
  "redis.url=rediss://default:hunter2@cache.example.com:6379",
];

async function tier(settings: readonly string[] = []): Promise<PreviewReport> {
  const report = await preview("small", settings);
  if (report.tier === "edge") throw new Error("not a tier");
  return report as PreviewReport;
}

describe("the preview of the committed small stack", () => {
  let report: PreviewReport;
  beforeAll(async () => {
    report = await tier();
  });

  it("passes: every rule is watched, no policy is broken", () => {
    expect(report.coverage.uncovered).toEqual([]);
    expect(report.policy.violations).toEqual([]);
    expect(verdict(report)).toBe("pass");
  });

  it("costs what its parts cost, with the edge, within the target", () => {
    expect(report.cost.monthly).toBe(49.95);
    expect(report.cost.byCategory).toEqual({
      compute: 28.8,
      database: 20.15,
      cdn: 0,
      monitoring: 1,
    });
    expect(report.cost.unpriced).toEqual([]);
    expect(report.cost.seed).toEqual({ total: [30, 95], headline: [20, 50] });
    expect(report.cost.withinTotal).toBe(true);
    expect(report.cost.withinTarget).toBe(true);
  });

  it("includes the edge, each resource under the URN of its own stack", () => {
    const stacks = new Set(report.resources.map(({ urn }) => urn.split("::")[0]));
    expect([...stacks]).toEqual(["urn:pulumi:small", "urn:pulumi:edge"]);
    const record = report.resources.find(({ name }) => name === "edge-record");
    expect(record?.inputs.content).toBe("origin-small.example.com");
  });

  it("writes URNs as the engine does", () => {
    expect(report.resources.find(({ name }) => name === "vps-droplet")?.urn).toBe(
      "urn:pulumi:small::drops::drops:compute:Vps$digitalocean:index/droplet:Droplet::vps-droplet",
    );
  });

  it("names a resource that exists for every alarm", () => {
    const known = new Set(report.resources.map(({ type, name }) => `${type} ${name}`));
    expect(report.alarms).toHaveLength(33);
    for (const alarm of report.alarms) {
      expect(alarm.resources.length).toBeGreaterThan(0);
      for (const { type, name } of alarm.resources) expect(known).toContain(`${type} ${name}`);
    }
  });

  it("lists the example values to replace before a deploy", () => {
    expect(report.toReplace.map(({ key }) => key)).toEqual([
      "drops:domain",
      "drops:cloudflare.zoneId",
      "drops:cloudflare.zone",
      "drops:cloudflare.acmeToken",
      "drops:ssh.publicKey",
      "drops:ssh.cidrs[0]",
      "drops:alerts.emails[0]",
      "drops:alerts.slack.url",
    ]);
  });
});

describe("a preview", () => {
  it.each([
    ["small", []],
    ["small", external],
    ["large", []],
    ["edge", []],
  ])("of %s validates against the published schema", async (stack, settings) => {
    const schema = JSON.parse(
      readFileSync(join(projectRoot, "docs/schema/preview.schema.json"), "utf8"),
    ) as object;
    const validate = new Ajv2020({ strict: false, formats: { date: true } }).compile(schema);
    const report: unknown = JSON.parse(JSON.stringify(await preview(stack, settings)));
    expect(validate(report), JSON.stringify(validate.errors)).toBe(true);
    expect(validate({ ...(report as object), surprise: 1 })).toBe(false);
  });

  it("shows no secret, in no format", async () => {
    const report = await tier([
      ...external,
      "cloudflare.acmeToken=hunter2-hunter2",
      "alerts.slack.url=https://hooks.slack.com/services/hunter2",
      "alerts.webhook.url=https://hunter2.example.com",
    ]);
    // As a flag: a failure must not print what it is about.
    expect(JSON.stringify(report).includes("hunter2")).toBe(false);
    expect(renderText(report).includes("hunter2")).toBe(false);
  });

  it("warns of what an external service leaves unwatched, and names it as unpriced", async () => {
    const report = await tier(external);
    expect(verdict(report)).toBe("warnings");
    expect(report.coverage.uncovered).toHaveLength(6);
    expect(report.cost.unpriced.map(({ type }) => type)).toEqual([
      "external Postgres",
      "external Redis",
    ]);
  });

  it("judges no target while a part has no price", async () => {
    const report = (await preview("medium", ["postgres.size=gd-16vcpu-64gb"])) as PreviewReport;
    expect(report.cost.withinTarget).toBeNull();
    expect(report.cost.withinTotal).toBeNull();
    expect(renderText(report)).toMatch(
      /^Cost {2}at least \$\d+\.\d\d a month, for 1 item without/m,
    );
  });

  it("names what has no price once for each reason, and each in the JSON", async () => {
    const report = (await preview("large", [
      "region=eu-west-1",
      "redis.provider=external",
      "redis.url=rediss://default:hunter2@cache.example.com:6379",
    ])) as PreviewReport;
    const { length } = report.cost.unpriced;
    expect(length).toBeGreaterThan(50);
    const [, list = ""] = /Not priced: \d+ items\n((?: {4}.*\n)+)/.exec(renderText(report)) ?? [];
    expect(list.split("\n").map((line) => line.trim())).toEqual([
      `${length - 1} items: the price book has no AWS prices of eu-west-1, only of us-east-1`,
      "redis (external Redis): billed by its vendor, whose prices are not in the book",
      "",
    ]);
  });

  it("says what autoscaling may make of the cost", async () => {
    const scaling = { monthly: 80, atMost: { quantity: 12, monthly: 346.02 } };
    expect(atItsLargest({ lines: [scaling, { monthly: 81 }] })).toBe(427.02);
    const large = (await preview("large")) as PreviewReport;
    expect(renderText(large)).toContain(
      `with all of it at its largest $${atItsLargest(large.cost).toFixed(2)}`,
    );
    expect(atItsLargest(large.cost)).toBeGreaterThan(large.cost.monthly + 250);
    expect(renderText(await tier())).not.toContain("at its largest");
  });

  it("grants a read replica its price", async () => {
    const report = (await preview("medium", ["postgres.readReplicas=1"])) as PreviewReport;
    expect(report.cost).toMatchObject({ target: 600, withinTarget: true, withinTotal: true });
  });

  it("says when the target is missed", async () => {
    const report = await tier(["vps.size=s-4vcpu-8gb", "postgres.size=db-s-1vcpu-2gb"]);
    expect(report.cost.monthly).toBe(94.05);
    expect(report.cost.withinTarget).toBe(false);
    expect(report.cost.withinTotal).toBe(true);
    expect(verdict(report)).toBe("pass");
  });

  it("of two stacks at once does not mix them", async () => {
    const alone = [await tier(), await preview("edge")];
    const together = await Promise.all([tier(), preview("edge"), tier()]);
    expect(together[0]).toEqual(alone[0]);
    expect(together[1]).toEqual(alone[1]);
    expect(together[2]).toEqual(alone[0]);
  });

  it("reads for people: cost, alarms, policy and what is left to do", async () => {
    const text = renderText(await tier());
    expect(text).toContain("$49.95 a month, within the target of $50.00");
    expect(text).toContain("33 alarms on 3 targets: every rule is watched on every target");
    expect(text).toMatch(/response-time +critical +> 2000 ms for 5 minutes +provider\+host/);
    expect(text).toContain("Policy  pass");
    expect(text).toContain(
      "pulumi config set --stack small --secret --path 'drops:alerts.slack.url'",
    );
    expect(Math.max(...text.split("\n").map(({ length }) => length))).toBeLessThanOrEqual(150);
  });
});

describe("the edge's own file", () => {
  function root(place: (edge: string) => void): string {
    const directory = mkdtempSync(join(tmpdir(), "drops-edge-"));
    const small = "Pulumi.small.yaml";
    copyFileSync(join(projectRoot, small), join(directory, small));
    place(join(directory, "Pulumi.edge.yaml"));
    return directory;
  }

  it("may be missing: then the edge is what the tier needs", async () => {
    const report = await preview(
      "small",
      [],
      root(() => undefined),
    );
    expect(report.resources.map(({ name }) => name)).toContain("edge-record");
  });

  it.each([
    [
      "is no YAML",
      (path: string) => {
        writeFileSync(path, "config: [");
      },
      /Pulumi\.edge\.yaml is no YAML: .*mend the file/,
    ],
    [
      "holds no map",
      (path: string) => {
        writeFileSync(path, "nonsense");
      },
      /Pulumi\.edge\.yaml: "config" must map keys to values, such as/,
    ],
    [
      "cannot be read",
      (path: string) => {
        mkdirSync(path);
      },
      /Pulumi\.edge\.yaml cannot be read \(EISDIR\): it must be a file that you may read/,
    ],
  ])("%s: refused, not passed over", async (_, place, message) => {
    const refused = preview("small", [], root(place));
    await expect(refused).rejects.toThrow(UsageError);
    await expect(refused).rejects.toThrow(message);
    // The command's exit code 2 goes by the name.
    await expect(refused).rejects.toMatchObject({ name: "UsageError" });
  });
});
