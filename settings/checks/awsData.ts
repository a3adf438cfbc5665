import { rdsAuthorityProblem } from "../../components/postgres/rdsAuthority";
import {
  acuProblem,
  auroraClassProblem,
  cacheNodeProblem,
  cacheShapeProblem,
} from "../../prices/aws";
import { tiers } from "../../tiers";
import { problem, removeCommand, setCommand, type Problem } from "../problems";
import type { LargeConfig } from "../schema";

const { postgres: defaults, redis: redisDefaults } = tiers.large;

/** Whether Aurora offers what is asked of it. */
export function auroraProblems({
  postgres,
  region,
}: Pick<LargeConfig, "postgres" | "region">): Problem[] {
  if (postgres.provider !== "aurora") return [];
  const { mode, instanceClass, minAcu, maxAcu, readers, readerScaling } = postgres;
  const problems: Problem[] = [];
  const authority = rdsAuthorityProblem(region);
  if (authority !== undefined) {
    problems.push(
      problem(["region"], region, authority, setCommand(["region"], tiers.large.defaultRegion)),
    );
  }
  const offered = mode === "provisioned" ? auroraClassProblem(instanceClass, region) : undefined;
  if (offered !== undefined) {
    problems.push(
      problem(
        ["postgres", "instanceClass"],
        instanceClass,
        offered,
        setCommand(["postgres", "instanceClass"], defaults.instanceClass),
      ),
    );
  }
  const capacity = mode === "serverless" ? acuProblem(minAcu, maxAcu) : undefined;
  if (capacity !== undefined) {
    problems.push(
      problem(
        ["postgres", "minAcu"],
        `${minAcu} to ${maxAcu}`,
        capacity,
        setCommand(["postgres", "minAcu"], String(defaults.serverless.minAcu)),
      ),
    );
  } else if (mode === "serverless" && minAcu === 0) {
    problems.push(
      problem(
        ["postgres", "minAcu"],
        "0, at which an idle instance is paused",
        "0.5 or more: the app keeps connections open, so that it would never pause, and its alarms would not know the difference",
        setCommand(["postgres", "minAcu"], "0.5"),
      ),
    );
  }
  if (readerScaling !== undefined && readers === 0) {
    problems.push(
      problem(
        ["postgres", "readers"],
        "0, with drops:postgres.readerScaling",
        "1 or more: a new reader is made like those that are there",
        setCommand(["postgres", "readers"], "1"),
      ),
    );
  }
  if (readerScaling !== undefined && readerScaling.maxReaders <= readers && readers > 0) {
    problems.push(
      problem(
        ["postgres", "readerScaling", "maxReaders"],
        `${readerScaling.maxReaders}, with ${readers} that always run`,
        "more than drops:postgres.readers",
        setCommand(["postgres", "readerScaling", "maxReaders"], String(readers + 1)),
      ),
    );
  }
  return problems;
}

/** What only Aurora can do, asked of somebody else's database. */
export function externalLeftoverProblems({ postgres }: Pick<LargeConfig, "postgres">): Problem[] {
  if (postgres.provider !== "external") return [];
  return postgres.readerScaling === undefined
    ? []
    : [
        problem(
          ["postgres", "readerScaling"],
          "readers that scale, with provider external",
          "nothing: its vendor scales it",
          removeCommand(["postgres", "readerScaling"]),
        ),
      ];
}

/** Whether ElastiCache offers what is asked of it. */
export function cacheProblems({ redis, region }: Pick<LargeConfig, "redis" | "region">): Problem[] {
  if (redis.provider !== "elasticache") return [];
  const { nodeType, shards, replicasPerShard } = redis;
  const offered = cacheNodeProblem(nodeType, region);
  const shape = cacheShapeProblem(shards, replicasPerShard);
  return [
    ...(offered === undefined
      ? []
      : [
          problem(
            ["redis", "nodeType"],
            nodeType,
            offered,
            setCommand(["redis", "nodeType"], redisDefaults.nodeType),
          ),
        ]),
    ...(shape === undefined
      ? []
      : [
          problem(
            ["redis", "shards"],
            `${shards}, each with ${replicasPerShard} replicas`,
            shape,
            setCommand(["redis", "shards"], String(redisDefaults.shards)),
          ),
        ]),
  ];
}
