import { appNamespace, appServices } from "../../prices/aws";
import { healthyTasks, ofBalancer } from "../alarms/balancerSignals";
import type { MoreGraph } from "./body";

/** What the web service does, beside what alarms look at: requests, tasks, websockets, drops. */
export function largeGraphs(stack: string, service: string): readonly MoreGraph[] {
  const ofApp = (name: string) => ({
    namespace: appNamespace,
    name,
    dimensions: { Service: appServices.web, Stack: stack },
    statistic: "Sum",
  });
  const graphs = [
    { title: "Requests a minute", metric: ofBalancer(service, "RequestCount", "Sum") },
    { title: "Healthy tasks", metric: healthyTasks(service, "Average") },
    // Each process says once a minute how many it has.
    { title: "Open websockets", metric: ofApp("drops.websocket.connections") },
    { title: "Drops opened a minute", metric: ofApp("drops.opened") },
  ];
  return graphs.map(({ title, metric }) => ({
    ...{ target: service, title, metric, region: "own" },
    perMinute: metric.statistic === "Sum",
  }));
}
