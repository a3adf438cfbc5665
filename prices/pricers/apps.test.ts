import { describe, expect, it } from "vitest";
import { estimate } from "../estimate";
import { lines, mediumLoad, reasons, resource, tokens } from "../testResources";

const web = {
  name: "web",
  instanceSizeSlug: "apps-d-1vcpu-2gb",
  autoscaling: { minInstanceCount: 2, maxInstanceCount: 6, metrics: { cpu: { percent: 70 } } },
};
const worker = { name: "worker", instanceSizeSlug: "apps-s-1vcpu-0.5gb", instanceCount: 1 };
const migrate = { name: "migrate", kind: "PRE_DEPLOY", instanceSizeSlug: "apps-s-1vcpu-0.5gb" };

const app = (spec: Readonly<Record<string, unknown>>, name = "app") =>
  resource(tokens.app, name, { spec });

describe("App Platform", () => {
  it("has a line for each component, its price at maximum scale in words, and one for transfer", () => {
    const one = app({ services: [web], workers: [worker], jobs: [migrate] });
    expect(lines([one], mediumLoad)).toEqual([
      ["app", "App Platform web, apps-d-1vcpu-2gb, 2 instances (up to 6: $234)", 2, 78],
      ["app", "App Platform worker, apps-s-1vcpu-0.5gb, 1 instance", 1, 5],
      ["app", "App Platform migrate, apps-s-1vcpu-0.5gb, in 30 deploys of 120 s", 3_600, 0.01],
      ["app", "App Platform transfer beyond the included 650 GiB", 0, 0],
    ]);
  });

  it.each([
    ["a fixed count", { ...web, autoscaling: undefined, instanceCount: 3 }, "3 instances", 3, 117],
    ["one where nothing is said", { ...web, autoscaling: undefined }, "1 instance", 1, 39],
    [
      "no more at the most",
      { ...web, autoscaling: { minInstanceCount: 2, maxInstanceCount: 2 } },
      "2 instances",
      2,
      78,
    ],
  ])("has %s", (_, service, words, quantity, usd) => {
    const [line] = lines([app({ services: [service] })]);
    expect(line).toEqual(["app", `App Platform web, apps-d-1vcpu-2gb, ${words}`, quantity, usd]);
  });

  it("has no line for a worker that does not run", () => {
    const one = app({ services: [web], workers: [{ ...worker, instanceCount: 0 }] });
    expect(lines([one]).map(([, sku]) => sku)).toEqual([
      "App Platform web, apps-d-1vcpu-2gb, 2 instances (up to 6: $234)",
      "App Platform transfer beyond the included 600 GiB",
    ]);
  });

  it("fills one pool of transfer for all apps, and charges what is beyond it once", () => {
    const two = [
      app({ services: [web], workers: [worker] }),
      app({ workers: [{ ...worker, instanceCount: 1 }] }, "other"),
    ];
    // 1,000 GB are 931.323 GiB; 600 + 50 + 50 are included.
    expect(lines(two, { egressGb: 1_000 }).filter(([, sku]) => sku.includes("transfer"))).toEqual([
      ["apps", "App Platform transfer beyond the included 700 GiB", 231.323, 4.63],
    ]);
  });

  it("serves the users itself: what they download does not leave through a Droplet beside it", () => {
    const droplet = resource(tokens.droplet, "monitoring", { size: "s-1vcpu-2gb" });
    const load = { egressGb: 10_000 };
    const ofDroplet = (resources: Parameters<typeof lines>[0]) =>
      lines(resources, load).filter(([, sku]) => sku.startsWith("Droplet transfer"));
    expect(ofDroplet([droplet, app({ services: [web] })])).toEqual([
      ["monitoring", "Droplet transfer beyond the included 2000 GiB", 0, 0],
    ]);
    expect(ofDroplet([droplet])).toEqual([
      ["monitoring", "Droplet transfer beyond the included 2000 GiB", 7_313.226, 73.13],
    ]);
  });

  it("charges for an address of its own", () => {
    const egresses = [{ type: "DEDICATED_IP" }, { type: "AUTOASSIGN" }];
    expect(lines([app({ services: [], egresses })])).toEqual([
      ["app", "App Platform dedicated egress address", 1, 25],
      ["app", "App Platform transfer beyond the included 0 GiB", 93.132, 1.86],
    ]);
  });

  it("calls a job's time an assumption, and the price of an instance read", () => {
    const { lines: all } = estimate({
      resources: [app({ services: [web], jobs: [migrate] })],
      load: mediumLoad,
      alsoPaid: [],
    });
    expect(all.map(({ kind, verified }) => [kind, verified])).toEqual([
      ["base", true],
      ["usage", false],
      ["usage", true],
    ]);
    for (const { quantity, unitPrice, monthly } of all) {
      expect(monthly).toBeCloseTo(quantity * unitPrice, 2);
    }
  });

  it.each([
    [{ ...web, instanceSizeSlug: "professional-xs" }, "professional-xs"],
    [{ ...web, instanceSizeSlug: undefined }, "(not known before a deploy)"],
  ])("names what it cannot price", (service, slug) => {
    const spec = { services: [service], jobs: [{ ...service, name: "migrate" }] };
    expect(reasons([app(spec)])).toEqual(
      ["web", "migrate"].map((name) => ({
        resource: "app",
        type: tokens.app,
        reason: `${name}: no price for the App Platform size ${slug}`,
      })),
    );
  });
});
