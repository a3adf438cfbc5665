import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { deployableStacks, readStackFile, UsageError, withSetting } from "./stackFile";

function rootWith(files: Record<string, string>): string {
  const root = mkdtempSync(join(tmpdir(), "drops-stack-"));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(root, name), text);
  return root;
}

describe("a stack's file", () => {
  it("is read as the engine hands it to a program", () => {
    const root = rootWith({
      "Pulumi.prod.yaml":
        "config:\n  drops:tier: small\n  drops:vps:\n    rebuild: 2\n  drops:ssh:\n    privateKey:\n      secure: v1:abc\n",
    });
    expect(readStackFile("prod", root)).toEqual({
      values: {
        "drops:tier": "small",
        "drops:vps": '{"rebuild":2}',
        "drops:ssh": '{"privateKey":"[encrypted]"}',
      },
      secretKeys: ["drops:ssh"],
    });
  });

  it.each([
    ["is missing", {}, /no Pulumi\.prod\.yaml/],
    ["is no YAML", { "Pulumi.prod.yaml": "config: [" }, /is no YAML/],
    ["has no map of keys", { "Pulumi.prod.yaml": "config: 3" }, /must map keys/],
  ])("%s", (_, files, message) => {
    const root = rootWith(files);
    expect(() => readStackFile("prod", root)).toThrow(UsageError);
    expect(() => readStackFile("prod", root)).toThrow(message);
  });

  it("may be empty", () => {
    expect(readStackFile("prod", rootWith({ "Pulumi.prod.yaml": "" })).values).toEqual({});
  });

  it("cannot lie outside the project", () => {
    expect(() => readStackFile("../../etc/passwd")).toThrow("is no name of a stack");
  });

  it("counts as deployable by its tier", () => {
    const root = rootWith({
      "Pulumi.prod.yaml": "config:\n  drops:tier: small\n",
      "Pulumi.edge.yaml": "config:\n  drops:tier: edge\n",
      "Pulumi.large.yaml": "config: {}\n",
      "Pulumi.later.yaml": "config: {}\n",
      "Pulumi.yaml": "name: drops\n",
    });
    expect(deployableStacks(root)).toEqual(["large", "prod"]);
  });
});

describe("a setting given by hand", () => {
  const empty = { values: {}, secretKeys: [] };
  it.each([
    ["region=nyc3", { "drops:region": "nyc3" }],
    ["drops:region=nyc3", { "drops:region": "nyc3" }],
    ["vps.size=s-4vcpu-8gb", { "drops:vps": '{"size":"s-4vcpu-8gb"}' }],
    ["app.processes=2", { "drops:app": '{"processes":2}' }],
    ["postgres.engineVersion=17.10", { "drops:postgres": '{"engineVersion":"17.10"}' }],
    ["postgres.minAcu=0.5", { "drops:postgres": '{"minAcu":"0.5"}' }],
    ["a.b=true", { "drops:a": '{"b":true}' }],
    ["a.b=0", { "drops:a": '{"b":0}' }],
    ["a.b=0123", { "drops:a": '{"b":"0123"}' }],
    [`a.b=${"1".repeat(32)}`, { "drops:a": `{"b":"${"1".repeat(32)}"}` }],
    ['a.b=["1"]', { "drops:a": '{"b":["1"]}' }],
    ["ssh.cidrs[0]=203.0.113.7/32", { "drops:ssh": '{"cidrs":["203.0.113.7/32"]}' }],
    [
      "thresholds.response-time.warning=300",
      { "drops:thresholds": '{"response-time":{"warning":300}}' },
    ],
    [
      "postgres.url=postgresql://a:b@c/d?x=y",
      { "drops:postgres": '{"url":"postgresql://a:b@c/d?x=y"}' },
    ],
  ])("%s", (assignment, values) => {
    expect(withSetting(empty, assignment).values).toEqual(values);
  });

  it.each(["region", "=x", "a b=c", "ssh.cidrs[x]=1", ".a=1"])("%s is refused", (assignment) => {
    expect(() => withSetting(empty, assignment)).toThrow(UsageError);
  });

  it("joins what the file holds", () => {
    const file = { values: { "drops:ssh": '{"cidrs":["a","b"]}' }, secretKeys: [] };
    expect(withSetting(file, "ssh.cidrs[1]=c").values["drops:ssh"]).toBe('{"cidrs":["a","c"]}');
  });
});
