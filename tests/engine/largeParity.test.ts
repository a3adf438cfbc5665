import { beforeAll, describe, expect, inject, it } from "vitest";
import { preview } from "../../report/preview";
import { differences } from "./differences";
import { newSandbox } from "./fixture";
import { AskedEngine, viewOf, type Changes } from "./registered";

const zone = ["drops:domain", "drops:cloudflare"];

const variants: Readonly<Record<string, Changes>> = {
  "as committed": {},
  "without a domain, and as little as can be": {
    set: [
      ...["protection=off", "network.natGateways=1", "worker.minTasks=0", "postgres.readers=0"],
      ...["redis.provider=none", "backups.plan=off", "hsts.maxAgeSeconds=0"],
    ],
    without: zone,
  },
  "behind Cloudflare alone, with all that there can be": {
    set: [
      ...["edge=cloudflare", "network.natGateways=3", "network.interfaceEndpoints=on"],
      ...["network.flowLogs=all", "app.exec=on", "postgres.proxy=on", "postgres.readers=2"],
      ...["postgres.readerScaling.maxReaders=4", "postgres.insights=advanced"],
      'services=[{"name":"mailer","command":["node","dist/mailer.js"]}]',
    ],
  },
};

/** As for small: `drops preview` promises what a deploy does. */
describe.skipIf(!inject("engine"))("large as it is composed, and as the engine has it", () => {
  const { places } = newSandbox();
  let engine: AskedEngine;
  beforeAll(async () => {
    engine = await AskedEngine.on(places);
  });

  it.each(Object.entries(variants))("agree on a stack %s", async (_, changes) => {
    await engine.configure("large", changes);
    const registered = await engine.previewed("large");
    const report = await preview("large", [], places.project);
    const composed = report.resources.filter(
      // The engine keeps providers apart from what they make.
      ({ urn, type }) =>
        urn.startsWith("urn:pulumi:large::") && !type.startsWith("pulumi:providers:"),
    );
    expect(differences(composed, registered.map(viewOf))).toEqual([]);
  });
});
