import {
  advancedPostgresSizes,
  postgresLimits,
  postgresSizes,
  standardPlanChange,
  type PostgresSize,
} from "../../prices/digitalocean";
import { tiers } from "../../tiers";
import { isStandardSize, mediumPostgresSize, sizeFitsEdition } from "../mediumConnections";
import { problem, setCommand, type Problem } from "../problems";
import type { MediumConfig } from "../schema";
import { creatablePostgresSizes } from "../sizes";

const { defaultSizes } = tiers.medium.postgres;
const useAdvanced = setCommand(["postgres", "edition"], "advanced");

/** What the chosen edition of DigitalOcean's PostgreSQL, or another vendor, can be asked for. */
export function editionProblems(config: Pick<MediumConfig, "postgres">): Problem[] {
  const { provider, edition } = config.postgres;
  if (provider === "external") return externalProblems(config.postgres);
  const size = mediumPostgresSize(config);
  if (!sizeFitsEdition(config)) return [wrongSize(size, edition)];
  return isStandardSize(size) ? standardProblems(config.postgres, size) : [];
}

/** Parts that only a database of DigitalOcean's can have added. */
function externalProblems({ readReplicas, pool }: MediumConfig["postgres"]): Problem[] {
  const problems: Problem[] = [];
  if (readReplicas > 0) {
    problems.push(
      problem(
        ["postgres", "readReplicas"],
        `${readReplicas}, with provider external`,
        "0: the vendor's replicas are the vendor's",
        setCommand(["postgres", "readReplicas"], "0"),
      ),
    );
  }
  if (pool.mode !== "off") {
    problems.push(
      problem(
        ["postgres", "pool", "mode"],
        `${pool.mode}, with provider external`,
        "off: a vendor's pool has a URL of its own, for drops:postgres.url",
        setCommand(["postgres", "pool", "mode"], "off"),
      ),
    );
  }
  return problems;
}

const editions = {
  advanced: { title: "Advanced", sizes: Object.keys(advancedPostgresSizes) },
  standard: { title: "Standard", sizes: Object.keys(postgresSizes) },
} as const;

function wrongSize(size: string, edition: keyof typeof editions): Problem {
  const { title, sizes } = editions[edition];
  return problem(
    ["postgres", "size"],
    `${size}, which the ${title} edition does not have`,
    sizes.join(", "),
    setCommand(["postgres", "size"], defaultSizes[edition]),
  );
}

function standardProblems(postgres: MediumConfig["postgres"], size: PostgresSize): Problem[] {
  const { clusterSince, nodes, readReplicas, storageGib } = postgres;
  const { standby, minStorageGib, memoryGib } = postgresSizes[size];
  const problems: Problem[] = [];
  const refuse = (key: keyof typeof postgres, got: string, allowed: string, fix: string): void => {
    problems.push(problem(["postgres", key], got, allowed, fix));
  };
  if (clusterSince === "new") {
    const ofNew = "on a new Standard cluster";
    if (nodes > 1) {
      const one = setCommand(["postgres", "nodes"], "1");
      refuse(
        "nodes",
        `${nodes} ${ofNew}`,
        `1: ${standardPlanChange.reason}`,
        `${useAdvanced}, or ${one}`,
      );
    }
    if (readReplicas > 0) {
      const none = setCommand(["postgres", "readReplicas"], "0");
      refuse(
        "readReplicas",
        `${readReplicas} ${ofNew}`,
        `0: ${standardPlanChange.reason}`,
        `${useAdvanced}, or ${none}`,
      );
    }
    if (!creatablePostgresSizes.includes(size)) {
      const largest = setCommand(["postgres", "size"], creatablePostgresSizes.at(-1) ?? "");
      refuse(
        "size",
        `${size} (${memoryGib} GiB) ${ofNew}`,
        `${creatablePostgresSizes.join(", ")}: ${standardPlanChange.reason}`,
        largest,
      );
    }
  } else if (nodes > 1 && !standby) {
    refuse(
      "nodes",
      `${nodes} of ${size}`,
      `1 of that size: a standby takes ${postgresLimits.minStandbyMemoryGib} GiB of memory`,
      setCommand(["postgres", "size"], defaultSizes.standard),
    );
  }
  if (storageGib !== undefined && minStorageGib !== null && storageGib < minStorageGib) {
    refuse(
      "storageGib",
      `${storageGib} GiB for ${size}`,
      `at least the ${minStorageGib} GiB that the size includes`,
      setCommand(["postgres", "storageGib"], String(minStorageGib)),
    );
  }
  return problems;
}
