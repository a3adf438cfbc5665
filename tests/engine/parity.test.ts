import { beforeAll, describe, expect, inject, it } from "vitest";
import { violationsOf } from "../../policy/rules";
import { record, type Answer } from "../../report/compose";
import { preview } from "../../report/preview";
import { readStackFile } from "../../report/stackFile";
import { plainValue } from "../../report/values";
import { program } from "../../stacks/program";
import { differences } from "./differences";
import { newSandbox } from "./fixture";
import { AskedEngine, unsealed, viewOf, type Changes } from "./registered";

interface Variant extends Changes {
  /** The `edge` stack's own settings; null where the stack has no domain and so no edge. */
  readonly edge: readonly string[] | null;
  /** Policy rules that it breaks. */
  readonly breaks: readonly string[];
}

const variants: Readonly<Record<string, Variant>> = {
  "as committed": { edge: [], breaks: [] },
  "with a managed Valkey, other sizes and no protection": {
    set: [
      ...["redis.provider=digitalocean", "redis.size=db-s-1vcpu-2gb", "protection=off"],
      ...["vps.size=s-4vcpu-8gb", "vps.backups=daily", "vps.rebuild=3", "region=nyc3"],
      ...["postgres.size=db-s-1vcpu-2gb", "postgres.maintenanceDay=monday", "app.processes=2"],
      ...["backups.retentionDays=30", "vpcCidr=10.120.0.0/20"],
    ],
    edge: ["rateLimit.requestsPerPeriod=50", "hsts.maxAgeSeconds=0"],
    breaks: ["address-protected", "backups-protected", "database-protected", "database-protected"],
  },
  "on its address alone, without Redis and dumps, SSH open to all": {
    set: ["redis.provider=none", "backups.dump=off", "ssh.cidrs[0]=0.0.0.0/0"],
    without: ["drops:domain", "drops:cloudflare"],
    edge: null,
    breaks: ["site-over-https", "ssh-not-open-to-all"],
  },
  "with data services elsewhere, other limits and every receiver of alarms": {
    set: [
      ...["postgres.provider=external", "postgres.connectionLimit=60"],
      "postgres.url=postgresql://app:elsewhere-1@db.example.org:5432/drops?sslmode=require",
      ...["redis.provider=external", "redis.url=rediss://default:elsewhere-2@cache.example.org"],
      ...["thresholds.cpu.warning=60", "thresholds.response-time.critical=1500"],
      "alerts.runbookBaseUrl=https://docs.example.org/drops",
      "alerts.webhook.url=https://hooks.example.org/elsewhere-3",
      ...["alerts.smtp.host=smtp.example.org", "alerts.smtp.username=drops"],
      ...["alerts.smtp.from=drops@example.org", "alerts.smtp.password=elsewhere-4"],
    ],
    edge: [],
    breaks: [],
  },
};

/** `drops preview` promises what a deploy does: both are held against one another. */
describe.skipIf(!inject("engine"))("what is composed in process, and what the engine has", () => {
  const { places } = newSandbox();
  let engine: AskedEngine;
  beforeAll(async () => {
    engine = await AskedEngine.on(places);
  });

  it.each(Object.entries(variants))(
    "agree on a stack %s",
    async (_, { edge, breaks, ...small }) => {
      const registered = await Promise.all([
        engine.configure("small", small).then(() => engine.previewed("small")),
        edge && engine.configure("edge", { set: edge }).then(() => engine.previewed("edge")),
      ]).then((stacks) => stacks.flatMap((resources) => resources ?? []));
      const report = await preview("small", [], places.project);
      expect(differences(report.resources, registered.map(viewOf))).toEqual([]);

      // What no state tells no rule asks for.
      const views = registered.map((one) => ({ ...viewOf(one), deleteBeforeReplace: false }));
      expect(violationsOf(views)).toEqual(expect.arrayContaining([...report.policy.violations]));
      expect(
        violationsOf(views)
          .map(({ rule }) => rule)
          .sort(),
      ).toEqual(breaks);
      expect(report.policy.violations).toHaveLength(breaks.length);
    },
  );

  it.each(["small", "edge"] as const)("agree on %s when it is up", async (stack) => {
    await engine.configure(stack);
    const registered = await engine.deployed(stack);
    // With the cloud's own answers a composition knows every input.
    const answer: Answer = (type, name) => {
      const made = registered.find((one) => one.type === type && viewOf(one).name === name);
      return { id: made?.id ?? "", outputs: unsealed(made?.outputs) };
    };
    const config = readStackFile(stack, places.project);
    const { resources, outputs } = await record(stack, config, program, answer);
    expect(differences(resources, registered.map(viewOf))).toEqual([]);
    expect(JSON.stringify(resources)).not.toContain("[unknown]");
    const whole = registered.find(({ type }) => type === "pulumi:pulumi:Stack");
    expect(outputs).toEqual(plainValue(whole?.outputs));
  });
});
