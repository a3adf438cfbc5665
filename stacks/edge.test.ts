import { describe, expect, it } from "vitest";
import { record } from "../report/compose";
import { readStackFile, withSetting } from "../report/stackFile";
import { composed, named } from "../tests/composing";
import { program } from "./program";

const onPro = ["cloudflare.plan=pro", "live=medium"];
const own = [
  ...["domain=drops.own.dev", "cloudflare.zone=own.dev"],
  `cloudflare.zoneId=${"a".repeat(32)}`,
];

describe("the edge", () => {
  it("asks no other stack on Free, and has no switch but its record", async () => {
    const composition = await composed("edge", ["live=small"]);
    expect(named(composition, "edge-record").inputs["content"]).toBe("origin-small.example.com");
    const { resources } = composition;
    expect(resources.filter(({ type }) => /nippet|Subscription/.test(type))).toEqual([]);
    expect(JSON.stringify(resources)).not.toContain("StackReference");
  });

  it("shows on Pro that its snippet is a secret, and whom it asks for it", async () => {
    const composition = await composed("edge", onPro);
    const { inputs, dependsOn } = named(composition, "edge-snippet");
    expect(inputs["files"]).toEqual([{ name: "origin.js", content: "[secret]" }]);
    expect(dependsOn).toContain("urn:pulumi:edge::drops::pulumi:pulumi:StackReference::live");
    const text = JSON.stringify([composition.resources, composition.outputs]);
    expect(text).not.toContain("[unknown]");
    expect(text).not.toContain("export default");
    expect(composition.outputs).toMatchObject({ live: "medium" });
  });

  it("knows at a deploy what the stack that drops:live names says", async () => {
    const config = [...onPro, ...own].reduce(withSetting, readStackFile("edge"));
    const deploy = (outputs: Readonly<Record<string, unknown>>) =>
      record("edge", config, program, (_, name) => ({
        id: `${name}-id`,
        outputs: { outputs, secretOutputNames: Object.keys(outputs) },
      }));
    const edgeOrigin = { host: "drops-x7k2p.ondigitalocean.app", secret: "s3cret" };
    const { resources } = await deploy({ edgeOrigin });
    expect(resources.filter(({ type }) => type.includes(":Snippet"))).toHaveLength(2);
    expect(JSON.stringify(resources)).not.toContain("s3cret");
  });
});
