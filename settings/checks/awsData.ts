import {
  auroraClasses,
  auroraClassProblem,
  cacheNodeProblem,
  cacheNodes,
  cacheQuotas,
  cacheShapeProblem,
  type AwsRegion,
} from "../../prices/aws";
import { tiers } from "../../tiers";
import { mostAuroraConnections } from "../largeConnections";
import { names } from "../leaf";
import { problem, removeCommand, setCommand, shown, type Problem } from "../problems";
import type { LargeConfig } from "../schema";

const { postgres: defaults, redis: redisDefaults } = tiers.large;

/** Whether Aurora offers what is asked of it. */
export function auroraProblems(config: Pick<LargeConfig, "postgres" | "region">): Problem[] {
  if (config.postgres.provider !== "aurora") return [];
  return [
    ...(config.postgres.mode === "serverless"
      ? capacityProblems(config.postgres)
      : classProblems(config)),
    ...maxConnectionProblems(config),
    ...readerProblems(config.postgres),
  ];
}

function classProblems({ postgres, region }: Pick<LargeConfig, "postgres" | "region">): Problem[] {
  const { instanceClass } = postgres;
  const lacking = auroraClassProblem(instanceClass, region);
  if (lacking === undefined) return [];
  const path = ["postgres", "instanceClass"];
  const offered = offeredClasses(region);
  const { memoryGib, vcpus } = auroraClasses[instanceClass];
  const alike = offered.find(
    (name) => auroraClasses[name].memoryGib === memoryGib && auroraClasses[name].vcpus === vcpus,
  );
  return [
    problem(
      path,
      `${shown(instanceClass)}: ${lacking}`,
      offered.join(", "),
      setCommand(path, alike ?? offered[0] ?? defaults.instanceClass),
    ),
  ];
}

/** Classes that Aurora has in a region. */
export function offeredClasses(region: AwsRegion): readonly (keyof typeof auroraClasses)[] {
  return names(auroraClasses).filter((name) => auroraClassProblem(name, region) === undefined);
}

function capacityProblems({ minAcu, maxAcu }: LargeConfig["postgres"]): Problem[] {
  if (minAcu <= maxAcu) return [];
  return [
    problem(
      ["postgres", "minAcu"],
      `${minAcu}, with maxAcu ${maxAcu}`,
      `${maxAcu} or less`,
      setCommand(["postgres", "minAcu"], String(Math.min(defaults.serverless.minAcu, maxAcu))),
    ),
  ];
}

function maxConnectionProblems(config: Pick<LargeConfig, "postgres">): Problem[] {
  const { maxConnections, mode, maxAcu, instanceClass } = config.postgres;
  const most = mostAuroraConnections(config);
  if (maxConnections === undefined || maxConnections <= most) return [];
  const memory = mode === "serverless" ? `maxAcu ${maxAcu}` : instanceClass;
  return [
    problem(
      ["postgres", "maxConnections"],
      `${maxConnections}, more than the memory of ${memory} gives`,
      `${defaults.leastConnections} to ${most}`,
      removeCommand(["postgres", "maxConnections"]),
    ),
  ];
}

function readerProblems({ readers, readerScaling }: LargeConfig["postgres"]): Problem[] {
  if (readerScaling === undefined) return [];
  if (readers === 0) {
    return [
      problem(
        ["postgres", "readers"],
        "0, with drops:postgres.readerScaling: a new reader is made like those that are there",
        "1 or more",
        setCommand(["postgres", "readers"], "1"),
      ),
    ];
  }
  return readerScaling.maxReaders > readers
    ? []
    : [
        problem(
          ["postgres", "readerScaling", "maxReaders"],
          `${readerScaling.maxReaders}, with ${readers} that always run`,
          "more than drops:postgres.readers",
          setCommand(["postgres", "readerScaling", "maxReaders"], String(readers + 1)),
        ),
      ];
}

/** Whether ElastiCache offers what is asked of it. */
export function cacheProblems({ redis, region }: Pick<LargeConfig, "redis" | "region">): Problem[] {
  if (redis.provider !== "elasticache") return [];
  const { nodeType, shards, replicasPerShard } = redis;
  const lacking = cacheNodeProblem(nodeType, region);
  const offered = names(cacheNodes).filter((name) => cacheNodeProblem(name, region) === undefined);
  const shape = cacheShapeProblem(shards, replicasPerShard);
  const mostShards = Math.floor(cacheQuotas.nodesPerCluster / (1 + replicasPerShard));
  return [
    ...(lacking === undefined
      ? []
      : [
          problem(
            ["redis", "nodeType"],
            `${shown(nodeType)}: ${lacking}`,
            offered.join(", "),
            setCommand(["redis", "nodeType"], offered[0] ?? redisDefaults.nodeType),
          ),
        ]),
    ...(shape === undefined
      ? []
      : [
          problem(
            ["redis", "shards"],
            `${shards}, with replicasPerShard ${replicasPerShard}: ${shape}`,
            `1 to ${mostShards} with so many replicas`,
            setCommand(["redis", "shards"], String(mostShards)),
          ),
        ]),
  ];
}
