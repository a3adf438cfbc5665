import { describe, expect, it } from "vitest";
import { auroraClasses, auroraClassProblem, cacheNodeProblem, cacheNodes } from "../prices/aws";
import { names } from "./leaf";
import { expectMended, largeRemove, largeSet, problemsOfStack, type Refusal } from "./testStacks";

const milan = ["region=eu-south-1", "edge=cloudflare"];
const emirates = ["region=me-central-1", "edge=cloudflare"];
const classesIn = (region: "eu-south-1" | "ap-southeast-4"): string =>
  names(auroraClasses)
    .filter((name) => auroraClassProblem(name, region) === undefined)
    .join(", ");
const nodesInEmirates = names(cacheNodes).filter(
  (name) => cacheNodeProblem(name, "me-central-1") === undefined,
);

const refused: readonly Refusal[] = [
  [
    "a class that Aurora does not offer",
    [...milan, "postgres.instanceClass=db.r8g.large"],
    "postgres.instanceClass",
    '"db.r8g.large": db.r8g.large has no price in eu-south-1: Aurora PostgreSQL has no db.r8g there',
    classesIn("eu-south-1"),
    largeSet("postgres.instanceClass", "db.r6g.large"),
  ],
  [
    "the usual class where it is not offered",
    ["region=ap-southeast-4", "edge=cloudflare"],
    "postgres.instanceClass",
    '"db.r7g.large": db.r7g.large has no price in ap-southeast-4: Aurora PostgreSQL has no db.r7g there',
    classesIn("ap-southeast-4"),
    largeSet("postgres.instanceClass", "db.r6g.large"),
  ],
  [
    "capacities the wrong way round",
    ["postgres.mode=serverless", "postgres.minAcu=8", "postgres.maxAcu=4"],
    "postgres.minAcu",
    "8, with maxAcu 4",
    "4 or less",
    largeSet("postgres.minAcu", "2"),
  ],
  [
    "a usual capacity above the largest",
    ["postgres.mode=serverless", "postgres.maxAcu=1", "app.maxTasks=3", "worker.minTasks=0"],
    "postgres.minAcu",
    "2, with maxAcu 1",
    "1 or less",
    largeSet("postgres.minAcu", "1"),
  ],
  [
    "more connections than the class has memory for",
    ["postgres.maxConnections=1803"],
    "postgres.maxConnections",
    "1803, more than the memory of db.r7g.large gives",
    "50 to 1802",
    largeRemove("postgres.maxConnections"),
  ],
  [
    "more connections than the capacity has memory for",
    ["postgres.mode=serverless", "postgres.maxAcu=4", "postgres.maxConnections=902"],
    "postgres.maxConnections",
    "902, more than the memory of maxAcu 4 gives",
    "50 to 901",
    largeRemove("postgres.maxConnections"),
  ],
  [
    "readers that scale from nothing",
    ["postgres.readers=0", "postgres.readerScaling.maxReaders=3"],
    "postgres.readers",
    "0, with drops:postgres.readerScaling: a new reader is made like those that are there",
    "1 or more",
    largeSet("postgres.readers", "1"),
  ],
  [
    "readers that have no room to scale",
    ["postgres.readers=3", "postgres.readerScaling.maxReaders=3"],
    "postgres.readerScaling.maxReaders",
    "3, with 3 that always run",
    "more than drops:postgres.readers",
    largeSet("postgres.readerScaling.maxReaders", "4"),
  ],
  [
    "a node that the region does not have",
    emirates,
    "redis.nodeType",
    '"cache.t4g.small": cache.t4g.small has no price in me-central-1: ElastiCache has no cache.t4g there',
    nodesInEmirates.join(", "),
    largeSet("redis.nodeType", "cache.m7g.large"),
  ],
  [
    "more nodes than an account may have",
    ["redis.shards=45", "redis.replicasPerShard=2"],
    "redis.shards",
    "45, with replicasPerShard 2: 45 shards of 3 nodes are 135; an account may have 90 in a cluster unless AWS raises its quota",
    "1 to 30 with so many replicas",
    largeSet("redis.shards", "30"),
  ],
];

describe("data", () => {
  it.each(refused)("%s", (...refusal) => {
    expectMended(refusal);
  });

  it.each(["postgres.maxConnections=1802", "postgres.maxConnections=500"])(
    "takes %s",
    (setting) => {
      expect(problemsOfStack("large", [setting])).toEqual([]);
    },
  );

  it.each([
    ["redis.shards=46", "a whole number from 1 to 45"],
    ["postgres.maxConnections=5001", "a whole number from 50 to 5000"],
    ["postgres.maxConnections=49", "a whole number from 50 to 5000"],
    ["app.memoryMib=122881", "a whole number from 512 to 122880"],
    ["app.poolPerProcess=1", "a whole number from 2 to 100"],
    ["postgres.minAcu=0", "a number from 0.5 to 256 in steps of 0.5"],
    ["postgres.maxAcu=0.5", "a number from 1 to 256 in steps of 0.5"],
    ["postgres.minAcu=0.3", "a number from 0.5 to 256 in steps of 0.5"],
    ["postgres.minAcu=half", "a number from 0.5 to 256 in steps of 0.5"],
  ])("refuses %s once", (setting, allowed) => {
    expect(problemsOfStack("large", [setting]).map((problem) => problem.allowed)).toEqual([
      allowed,
    ]);
  });
});
