import { beforeAll, describe, expect, inject, it } from "vitest";
import { record, type Answer } from "../../report/compose";
import { preview } from "../../report/preview";
import { readStackFile } from "../../report/stackFile";
import { plainValue } from "../../report/values";
import { runningCloud } from "../../sandbox/cloud/client";
import { pushApp } from "../../sandbox/lifecycle/release";
import { program } from "../../stacks/program";
import { differences } from "./differences";
import { newSandbox } from "./fixture";
import { AskedEngine, unsealed, viewOf, type Changes, type EngineResource } from "./registered";

/** What a stack reads of itself or another is no resource of a composition. */
const isMade = ({ type }: EngineResource): boolean => type !== "pulumi:pulumi:StackReference";

const zone = ["drops:domain", "drops:cloudflare"];

const variants: Readonly<Record<string, Changes>> = {
  "as committed, with its domain served by the platform": {
    set: ["edge=direct"],
    without: ["drops:cloudflare"],
  },
  "without a domain, of the Standard edition": {
    set: ["postgres.edition=standard", "postgres.nodes=1", "app.maxInstances=3"],
    without: zone,
  },
  "with a pool, replicas, a standby cache, no worker and no protection": {
    set: [
      ...["postgres.pool.mode=transaction", "postgres.readReplicas=2", "postgres.nodes=3"],
      ...["redis.size=db-s-1vcpu-2gb", "redis.nodes=2", "worker.instances=0", "protection=off"],
    ],
    without: zone,
  },
};

/** As for small: `drops preview` promises what a deploy does. */
describe.skipIf(!inject("engine"))("medium as it is composed, and as the engine has it", () => {
  const { places } = newSandbox();
  let engine: AskedEngine;
  beforeAll(async () => {
    engine = await AskedEngine.on(places);
  });

  it.each(Object.entries(variants))("agree on a stack %s", async (_, changes) => {
    await engine.configure("medium", changes);
    const registered = (await engine.previewed("medium")).filter(isMade);
    const report = await preview("medium", [], places.project);
    const composed = report.resources.filter(({ urn }) => urn.startsWith("urn:pulumi:medium::"));
    expect(differences(composed, registered.map(viewOf))).toEqual([]);
  });

  it("agree on medium and its edge when they are up", async () => {
    const cloud = await runningCloud(places);
    await pushApp(cloud!, places, "medium", () => undefined);
    await engine.configure("medium");
    await engine.configure("edge", { set: ["live=medium", "cloudflare.plan=pro"] });
    for (const stack of ["medium", "edge"] as const) {
      const all = await engine.deployed(stack);
      const registered = all.filter(isMade);
      const answer: Answer = (type, name) => {
        const made = all.find((one) => one.type === type && viewOf(one).name === name);
        return { id: made?.id ?? "", outputs: unsealed(made?.outputs) };
      };
      const config = readStackFile(stack, places.project);
      const { resources, outputs } = await record(stack, config, program, answer);
      expect(differences(resources, registered.map(viewOf))).toEqual([]);
      const whole = registered.find(({ type }) => type === "pulumi:pulumi:Stack");
      expect(outputs).toEqual(plainValue(whole?.outputs));
    }
  });
});
