import { describe, expect, it } from "vitest";
import { cloudwatchFree } from "../../prices/aws";
import { dashboardMetrics } from "../../prices/pricers/awsMonitoring";
import { entityKeys, targetGroupKey } from "../alarms/awsSignals";
import { largeTargets, planned, region, stack } from "../alarms/testing/large";
import { awsAnswer, registered } from "../network/testing/registered";
import { dashboardBody, type DashboardSpec } from "./body";
import { Dashboard } from "./dashboard";
import { largeGraphs } from "./largeGraphs";

const spec: DashboardSpec = {
  stack,
  region,
  targets: largeTargets(),
  metricAlarms: planned().metricAlarms,
  more: largeGraphs(stack, "web"),
};

interface Placed {
  readonly type: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly properties: {
    readonly title?: string;
    readonly markdown?: string;
    readonly region?: string;
    readonly metrics?: readonly unknown[][];
    readonly annotations?: { readonly horizontal: readonly { label: string; value: number }[] };
  };
}

const shown = (value: string | { readonly entity: string }) =>
  typeof value === "string" ? value : `<${value.entity}>`;
const body = dashboardBody(spec, ["arn:1"], shown);
const widgets = body.widgets as unknown as readonly Placed[];
const titled = (title: string) => widgets.filter(({ properties }) => properties.title === title);

describe("the dashboard", () => {
  it("has the states of alarms, then a row for each target", () => {
    expect(widgets[0]).toMatchObject({ type: "alarm", properties: { alarms: ["arn:1"] } });
    expect(
      widgets.flatMap(({ properties }) => (properties.markdown ? [properties.markdown] : [])),
    ).toEqual([
      "## the web service",
      "## the worker",
      "## Aurora instance drops-large-1",
      "## Aurora instance drops-large-2",
      "## Valkey",
    ]);
  });

  it("draws both limits of an alarm in the graph's unit", () => {
    const limits = (title: string) =>
      titled(title).map(({ properties }) =>
        properties.annotations?.horizontal.map(({ label, value }) => [label, value]),
      );
    expect(limits("Time to answer (seconds)")).toEqual([
      [
        ["critical > 2", 2],
        ["warning > 0.5", 0.5],
      ],
    ]);
    expect(limits("Requests that fail (%)")).toEqual([
      [
        ["critical > 10", 10],
        ["warning > 5", 5],
      ],
    ]);
    expect(limits("Memory that is free (bytes)")[0]).toEqual([
      ["critical < 589839564.8", 589_839_564.8],
      ["warning < 1179679129.6", 1_179_679_129.6],
    ]);
    expect(limits("Uptime (% of probes)")).toEqual([
      [
        ["warning, hour < 98.56", 98.56],
        ["warning, day < 99.7", 99.7],
      ],
    ]);
  });

  it("draws what an alarm reckons, in its own region", () => {
    const [rate] = titled("Requests that fail (%)");
    expect(rate?.properties.region).toBe("eu-central-1");
    expect(rate?.properties.metrics).toContainEqual([
      {
        expression: "IF(failed < 5, 0, 100 * failed / IF(taken > failed, taken, failed))",
        id: "rate",
        label: "Percent",
        visible: true,
        period: 300,
      },
    ]);
    expect(rate?.properties.metrics).toContainEqual([
      "AWS/ApplicationELB",
      "RequestCount",
      "LoadBalancer",
      "<balancer>",
      "TargetGroup",
      "<web-target-group>",
      { stat: "Sum", id: "requests", visible: false, period: 300 },
    ]);
    expect(titled("Requests that fail, edge (%)")[0]?.properties.region).toBe("us-east-1");
  });

  it("has a line for each node of the cache in one graph", () => {
    const cache = titled("Evictions a minute")[0];
    expect(
      cache?.properties.metrics?.map((row) => (row.at(-1) as { label: string }).label),
    ).toEqual(["redis-0001-001", "redis-0001-002", "redis-0002-001", "redis-0002-002"]);
  });

  it("has every alarm in one of its widgets, which take a hundred each", () => {
    const arns = Array.from({ length: 230 }, (_, at) => `arn:${at}`);
    const alarms = dashboardBody(spec, arns, shown).widgets.filter(({ type }) => type === "alarm");
    const properties = alarms.map((widget) => widget["properties"] as { alarms: string[] });
    expect(properties.map((one) => one.alarms.length)).toEqual([100, 100, 30]);
    expect(properties.flatMap((one) => one.alarms)).toEqual(arns);
  });

  it("draws sums of a minute, however long the time that is shown", () => {
    expect(body.periodOverride).toBe("inherit");
    for (const title of ["Requests a minute", "Open websockets", "Drops opened a minute"]) {
      const [graph] = titled(title);
      expect(graph?.properties.metrics?.[0]).toEqual([
        { expression: "60 * counted / PERIOD(counted)", id: "each", label: title, period: 60 },
      ]);
      expect(graph?.properties.metrics?.[1]?.at(-1)).toEqual({
        ...{ stat: "Sum", id: "counted", visible: false, period: 60 },
      });
    }
    const rows = widgets.flatMap(({ properties }) => properties.metrics ?? []);
    expect(rows.length).toBeGreaterThan(40);
    for (const row of rows) expect(row.at(-1)).toHaveProperty("period");
  });

  it("is free: no more metrics than that", () => {
    const count = dashboardMetrics(JSON.stringify(body));
    expect(count).toBe(42);
    expect(count).toBeLessThanOrEqual(cloudwatchFree.metricsPerDashboard);
  });

  it("has nothing on top of another, and nothing outside", () => {
    const taken = new Set<string>();
    for (const { x, y, width, height } of widgets) {
      expect(x + width).toBeLessThanOrEqual(24);
      for (let column = x; column < x + width; column += 1) {
        for (let row = y; row < y + height; row += 1) {
          expect(taken.has(`${column} ${row}`)).toBe(false);
          taken.add(`${column} ${row}`);
        }
      }
    }
  });

  it("is one resource, with what a deploy tells in its body", async () => {
    const entities = {
      [entityKeys.balancer]: "app/drops/1",
      [targetGroupKey("web")]: "targetgroup/web/2",
      [entityKeys.siteCheck]: "check-3",
      [entityKeys.distribution]: "E4",
    };
    const { resources, named } = await registered(() => {
      new Dashboard("dashboard", { spec, entities, alarmArns: ["arn:1", "arn:2"] });
      return undefined;
    }, awsAnswer());
    expect(resources).toHaveLength(1);
    const { dashboardName, dashboardBody: text } = named("dashboard-dashboard").inputs;
    expect(dashboardName).toBe("drops-large");
    expect(text).toContain('"LoadBalancer","app/drops/1","TargetGroup","targetgroup/web/2"');
    expect(text).toContain('"alarms":["arn:1","arn:2"]');
    expect(text).not.toContain("entity");
  });
});
