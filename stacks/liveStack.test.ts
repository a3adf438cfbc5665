import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { originIn } from "./liveStack";

const edgeOrigin = { host: "origin-small.example.com", secret: "" };

describe("what the edge asks the live stack", () => {
  it("is where its app is fetched from", () => {
    expect(originIn("small", { edgeOrigin, tier: "small" })).toBe(edgeOrigin);
  });

  it.each([
    undefined,
    {},
    { edgeOrigin: undefined },
    { edgeOrigin: null },
    { edgeOrigin: "origin-small.example.com" },
    { edgeOrigin: { host: "origin-small.example.com" } },
    { edgeOrigin: { ...edgeOrigin, secret: 1 } },
  ])("is missed in %j with the command that mends it", (outputs) => {
    const ask = () => originIn("blue", outputs);
    expect(ask).toThrow(pulumi.RunError);
    expect(ask).toThrow('stack "blue" has no output "edgeOrigin"');
    expect(ask).toThrow("run pulumi up --stack blue");
  });

  it("is refused of a stack without a domain", () => {
    const outputs = { edgeOrigin: { host: "", secret: "" } };
    expect(() => originIn("small", outputs)).toThrow(
      'stack "small" is not reached through Cloudflare: it has no domain there',
    );
  });
});
