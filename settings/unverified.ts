import {
  advancedConnectionsDated,
  advancedPostgres,
  advancedPostgresDated,
  advancedUsdMonthly,
  appPlatformRegion,
  postgresSizes,
} from "../prices/digitalocean";
import type { Dated } from "../prices/types";
import { isStandardSize, mediumConnectionLimit, mediumPostgresSize } from "./mediumConnections";
import type { MediumConfig } from "./schema";

/** Something that a stack relies on, and that nobody could read at the provider. */
export interface UnverifiedFact {
  /** The part of the stack, e.g. `postgres`. */
  readonly subject: string;
  /** What is taken to be so, in a sentence. */
  readonly statement: string;
  /** Where that comes from, with its date. */
  readonly source: string;
}

/** What a medium stack of this configuration takes for true without having read it. */
export function unverifiedFacts(config: MediumConfig): readonly UnverifiedFact[] {
  return [...postgresFacts(config), ...placeFacts(config), ...edgeFacts(config)];
}

function postgresFacts(config: MediumConfig): readonly UnverifiedFact[] {
  const facts: UnverifiedFact[] = [];
  const { provider, edition, readReplicas, pool, storageGib } = config.postgres;
  if (provider !== "digitalocean") return facts;
  const size = mediumPostgresSize(config);
  const add = (subject: string, statement: string, dated: Dated): void => {
    facts.push({ subject, statement, source: `${dated.source}, ${dated.asOf}` });
  };
  if (edition === "advanced") {
    const { usdMonthlyPerNodeFrom, dated } = advancedPostgres;
    const usd = isStandardSize(size) ? undefined : advancedUsdMonthly(size);
    add(
      "postgres",
      usd === undefined
        ? `The price of a node of ${size} is not published and not in the total; the Advanced edition begins at ${usdMonthlyPerNodeFrom} USD a month.`
        : `A node of ${size} costs ${usd} USD a month: the lowest price of the Advanced edition; which size has it is not published.`,
      dated,
    );
    add(
      "postgres",
      `${size} allows ${mediumConnectionLimit(config)?.limit ?? 0} connections; the alarms read the true limit from the database.`,
      advancedConnectionsDated,
    );
    add(
      "postgres",
      "DigitalOcean's alerts on CPU, memory and disk work for Advanced clusters as for Standard ones.",
      advancedPostgresDated,
    );
    add(
      "postgres",
      "The certificate of an Advanced cluster is of a public authority, which the system's trust store knows.",
      dated,
    );
    if (storageGib !== undefined) {
      add("postgres", `${size} can have ${storageGib} GiB of storage.`, advancedPostgresDated);
    }
    if (readReplicas > 0) {
      add(
        "postgres-replica",
        "An Advanced cluster can have read replicas, which cost what a node costs.",
        advancedPostgresDated,
      );
    }
    if (pool.mode !== "off") {
      add(
        "postgres",
        "An Advanced cluster can have connection pools (PgBouncer).",
        advancedPostgresDated,
      );
    }
  } else if (readReplicas > 0 && isStandardSize(size)) {
    add(
      "postgres-replica",
      "A read replica costs what a node of its size costs.",
      postgresSizes[size].dated,
    );
  }
  return facts;
}

/** Where the app stands, and from where it reaches its data. */
function placeFacts({ region }: MediumConfig): UnverifiedFact[] {
  const source = "no page says so, 2026-11-28";
  const facts = [
    {
      subject: "network",
      statement:
        "The app's instances reach the databases and the monitoring droplet from addresses in drops:vpcCidr.",
      source,
    },
  ];
  // App Platform's slug names a city, and a private network is in one data centre.
  if (["nyc1", "nyc3", "syd1"].includes(region)) {
    facts.push({
      subject: "app",
      statement: `An app in App Platform's region "${appPlatformRegion(region)}" can join a private network in ${region}.`,
      source,
    });
  }
  return facts;
}

/** What stands in front of the app. */
function edgeFacts({ cloudflare }: MediumConfig): UnverifiedFact[] {
  return cloudflare
    ? [
        {
          subject: "edge",
          statement: "A websocket passes a Snippet's fetch as it does a Worker's.",
          source: "developers.cloudflare.com/workers/examples/websockets, of Workers, 2026-11-28",
        },
      ]
    : [
        {
          subject: "app",
          statement: "App Platform says in do-connecting-ip who the visitor is.",
          source: "AikidoSec/firewall-node issue 696, 2025-08-12",
        },
      ];
}
