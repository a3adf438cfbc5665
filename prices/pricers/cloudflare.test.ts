import { describe, expect, it } from "vitest";
import { lines, reasons, resource, tokens } from "../testResources";

describe("Cloudflare", () => {
  const subscription = (id: string, frequency?: string) =>
    resource(tokens.zoneSubscription, "plan", { ratePlan: { id }, frequency });

  it.each([
    ["free", undefined, 0],
    ["pro", "monthly", 25],
    ["pro", "yearly", 20],
    ["business", "monthly", 250],
    ["business", "yearly", 200],
  ])("plan %s paid %s", (id, frequency, usd) => {
    const sku = `Cloudflare plan ${id}, paid ${frequency ?? "monthly"}`;
    expect(lines([subscription(id, frequency)])).toEqual([["plan", sku, 1, usd]]);
  });

  it.each([
    [subscription("enterprise"), "no price for the Cloudflare plan enterprise"],
    [subscription("pro", "weekly"), "no price for the Cloudflare plan pro paid weekly"],
    [resource(tokens.zoneSubscription, "plan"), "no price for the Cloudflare plan (not known)"],
  ])("names what it cannot price", (one, reason) => {
    expect(reasons([one])).toEqual([{ resource: "plan", type: one.type, reason }]);
  });

  it("shows the stated requests once, on the first proxied record", () => {
    const record = (name: string, proxied?: boolean) =>
      resource(tokens.dnsRecord, name, { proxied });
    expect(lines([record("mail"), record("site", true), record("www", true)])).toEqual([
      ["site", "Cloudflare requests, not metered", 10, 0],
    ]);
  });
});
