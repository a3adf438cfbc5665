import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { factsOfStack } from "./liveTier";

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "drops-live-"));
});

afterEach(() => {
  rmSync(root, { recursive: true });
});

describe("what another stack's file tells the edge", () => {
  it.each([
    ["large on Pro", "large", "  drops:cloudflare: { plan: pro, zone: example.com }", true],
    ["large on Free", "large", "  drops:cloudflare: { plan: free, zone: example.com }", false],
    ["large without Cloudflare", "large", "  drops:domain: drops.example.com", false],
    ["large on a plan that there is not", "large", "  drops:cloudflare: { plan: gold }", false],
    ["large on a plan that is no text", "large", "  drops:cloudflare: { plan: [pro] }", false],
    ["medium, whatever its plan", "medium", "  drops:domain: drops.example.com", true],
    ["small on Pro", "small", "  drops:cloudflare: { plan: pro, zone: example.com }", false],
  ])("%s", (_, tier, line, behindSnippet) => {
    writeFileSync(join(root, `Pulumi.${tier}.yaml`), `config:\n${line}\n`);
    expect(factsOfStack(tier, root)).toEqual({ tier, behindSnippet });
  });

  it("takes the tier that the file names before the stack's name", () => {
    writeFileSync(join(root, "Pulumi.blue.yaml"), "config:\n  drops:tier: medium\n");
    expect(factsOfStack("blue", root)).toEqual({ tier: "medium", behindSnippet: true });
  });

  it.each([
    ["no file", undefined],
    ["an empty file", ""],
    ["a file that is no YAML", "config: [\n"],
  ])("knows a tier by its name alone with %s", (_, text) => {
    if (text !== undefined) writeFileSync(join(root, "Pulumi.large.yaml"), text);
    expect(factsOfStack("large", root)).toEqual({ tier: "large", behindSnippet: false });
    expect(factsOfStack("blue", root)).toEqual({ tier: undefined, behindSnippet: false });
  });
});
