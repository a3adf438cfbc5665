import { describe, expect, it } from "vitest";
import { childrenOf, inputsOf } from "../cdn/testing/awsEdge";
import { OriginRecord, type OriginRecordArgs } from "./originRecord";

const spec = { zoneId: "z", name: "origin-test.example.com" };
const common = { ...spec, ttl: 300, proxied: false };

describe("OriginRecord", () => {
  it.each<[string, Omit<OriginRecordArgs, "spec">, object]>([
    ["an address", { target: { ipv4: "192.0.2.1" } }, { type: "A", content: "192.0.2.1" }],
    [
      "another name",
      { target: { cname: "d1.cloudfront.net" } },
      { type: "CNAME", content: "d1.cloudfront.net" },
    ],
    ["nothing", { target: undefined }, { type: "AAAA", content: "100::" }],
  ])("leads to %s", async (_, args, content) => {
    const children = await childrenOf(() => new OriginRecord("origin", { spec, ...args }));
    expect(inputsOf(children)).toEqual({ "origin-record": { ...common, ...content } });
  });

  it("applies an override last", async () => {
    const children = await childrenOf(
      () =>
        new OriginRecord("origin", {
          spec,
          target: { cname: "d1.cloudfront.net" },
          overrides: { record: { ttl: 60 } },
        }),
    );
    expect(children["origin-record"]?.inputs.ttl).toBe(60);
  });
});
