import { estimate } from "../prices/estimate";
import { tiers } from "../tiers";
import type { TierName } from "../tiers/types";
import { compose } from "./compose";
import { atItsLargest } from "./cost";
import { doNotEdit, end, markdownTable } from "./markdown";
import { preview, type PreviewReport } from "./preview";
import { readStackFile, withSetting } from "./stackFile";

const largeAsCommitted = "large, as committed";

/** Configurations whose cost a reader will ask for. */
const costed: readonly (readonly [title: string, stack: string, settings: readonly string[]])[] = [
  ["small, as committed", "small", []],
  ["medium, as committed", "medium", []],
  ["medium, with a read replica", "medium", ["postgres.readReplicas=1"]],
  [
    "medium, on a Standard cluster that exists since before 2026-11-30",
    "medium",
    [
      "postgres.edition=standard",
      "postgres.clusterSince=before-2026-11-30",
      "app.poolPerProcess=5",
    ],
  ],
  [largeAsCommitted, "large", []],
];

/** What moves the cost of a large stack, each by itself: what it is, and what is given for it. */
const levers: readonly (readonly [settings: readonly string[], gives: string])[] = [
  [
    ["postgres.instanceClass=db.t4g.medium", "postgres.maxConnections=400"],
    "4 GiB of memory and a processor that throttles: for tests, as AWS says",
  ],
  [["postgres.readers=0"], "no instance that takes over: minutes without a database"],
  [["postgres.readers=2"], "an instance in each zone: more reads, and two that can take over"],
  [
    ["postgres.readerScaling.maxReaders=4"],
    "readers by their processors' load; each that is added costs what the first does",
  ],
  [["postgres.mode=serverless"], "follows the load; dearer by the hour at its peak"],
  [["postgres.storage=io-optimized"], "reads and writes are included"],
  [["postgres.insights=advanced"], "15 months of query statistics in place of 7 days"],
  [["postgres.proxy=on"], "fewer connections at the database, a quicker failover"],
  [
    ["postgres.backupDays=7"],
    "a week back instead of five; AWS Backup's snapshots are free while they are no older than that, so four weeks more of them are billed",
  ],
  [["backups.plan=off"], "no snapshots that outlive the cluster"],
  [["backups.retentionDays=14"], "two weeks of daily snapshots, eight of weekly ones"],
  [["backups.copyRegion=us-west-2"], "a copy of each snapshot for the loss of a whole region"],
  [["redis.nodeType=cache.t4g.micro"], "a third of the memory"],
  [["redis.shards=1"], "half of the memory and of the throughput"],
  [["redis.replicasPerShard=2"], "a second replica of each primary, in the third zone"],
  [["redis.provider=none"], "no cache, and a feed within one task alone"],
  [["network.natGateways=1"], "all zones go out through one: it fails with its zone"],
  [["network.natGateways=3"], "each zone goes out by itself"],
  [["network.interfaceEndpoints=on"], "AWS's services without the way out"],
  [["network.flowLogs=rejected"], "a record of the connections that were refused"],
  [["app.minTasks=2"], "one zone without a task"],
  [["app.cpuUnits=512", "app.memoryMib=1024"], "half the processor for each task"],
  [["worker.minTasks=0"], "the app does the background work"],
  [
    ['services=[{"name":"mailer","command":["node","dist/mailer.js"]}]'],
    "a further service of the same image, one task to two",
  ],
  [["logs.retentionDays=90"], "three months of logs in place of one"],
  [["edge=cloudflare"], "no CloudFront and no AWS WAF: Cloudflare's plan does their work"],
];

/**
 * USD a month more or less than as committed, by lever; the edge costs the same in all. Two numbers
 * where what autoscaling may add changes by another amount.
 */
async function leverTable(): Promise<string> {
  const costOf = async (settings: readonly string[]) => {
    const config = settings.reduce(withSetting, readStackFile("large"));
    const { resources } = await compose("large", config);
    const found = estimate({ resources, load: tiers.large.numbers.monthlyLoad, alsoPaid: [] });
    return { ...found, largest: atItsLargest(found) };
  };
  const committed = await costOf([]);
  const rows: string[][] = [];
  for (const [settings, gives] of levers) {
    const changed = await costOf(settings);
    const least = signed(changed.monthly - committed.monthly);
    const most = signed(changed.largest - committed.largest);
    const unpriced = changed.unpriced.length > 0 ? ", and what has no price" : "";
    rows.push([
      settings.map((setting) => `\`drops:${setting.replace("=", ": ")}\``).join(", "),
      `${least === most ? least : `${least} at its smallest, ${most} at its largest`}${unpriced}`,
      gives,
    ]);
  }
  return markdownTable(["Setting", "USD a month", "What is given, or got"], rows);
}

const signed = (usd: number): string => `${usd < 0 ? "-" : "+"}${Math.abs(usd).toFixed(2)}`;

type CostReports = readonly (readonly [string, PreviewReport])[];

let reported: Promise<CostReports> | undefined;

/** The same for the page and the README: composed once. */
export function costReports(): Promise<CostReports> {
  return (reported ??= reportCosts());
}

async function reportCosts(): Promise<CostReports> {
  const reports: [string, PreviewReport][] = [];
  // One after the other: each composition takes the SDK for itself.
  for (const [title, stack, settings] of costed) {
    reports.push([title, (await preview(stack, settings)) as PreviewReport]);
  }
  return reports;
}

/** `docs/costs.md`. */
export async function costsPage(): Promise<string> {
  const reports = await costReports();
  const large = reports.find(([title]) => title === largeAsCommitted)?.[1];
  if (large === undefined) throw new Error("the large stack has no cost");
  const tables = reports.map(([title, { tier, cost }]) => {
    const { requestsMillions, egressGb } = tiers[tier as TierName].numbers.monthlyLoad;
    const rows = cost.lines.map((line) => [
      line.sku,
      line.category,
      line.kind,
      `${line.quantity} ${line.unit}`,
      line.monthly.toFixed(2),
      `${line.source}, ${line.asOf}${line.verified ? "" : " (unverified)"}`,
    ]);
    return (
      `## ${title}\n\nAt ${requestsMillions} million requests and ${egressGb} GB out a month, with the edge.\n\n` +
      markdownTable(
        ["Line", "Category", "Kind", "Quantity", "USD a month", "Source"],
        [...rows, ["**Total**", "", "", "", `**${cost.monthly.toFixed(2)}**`, ""]],
      )
    );
  });
  return `${doNotEdit}

# Costs

"Unverified" means that the number was read second-hand: compare it with the provider's own page.

${tables.join("\n\n")}

## large: what moves its cost

Each by itself, against the stack as committed: ${large.cost.monthly.toFixed(2)} USD a month at its smallest, ${atItsLargest(large.cost).toFixed(2)}
with all that scales at its largest. Where a line says "up to", the sum has its smallest; readers that
autoscaling adds are in neither. All prices of AWS are those of us-east-1.

${await leverTable()}

${end}
`;
}
