import { Ajv2020 } from "ajv/dist/2020";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { generatedFiles, withGenerated } from "./generated";
import { projectRoot } from "./stackFile";
import { withoutStackTraces } from "./withoutStackTraces";

const read = (path: string): string => readFileSync(join(projectRoot, path), "utf8");

describe("the schema of a stack's keys", () => {
  const schemaOf = (stack: string): object =>
    JSON.parse(read(`docs/schema/config.${stack}.schema.json`)) as object;
  const keysOf = (stack: string): Record<string, unknown> => {
    const { config } = parse(read(`Pulumi.${stack}.yaml`)) as { config: Record<string, unknown> };
    return Object.fromEntries(
      Object.entries(config).map(([key, value]) => [key.replace("drops:", ""), value]),
    );
  };
  const validator = (stack: string) =>
    new Ajv2020({ strict: false, validateFormats: false }).compile(schemaOf(stack));

  it.each(["small", "medium", "large", "edge"])("accepts the committed %s", (stack) => {
    const validate = validator(stack);
    expect(validate(keysOf(stack)), JSON.stringify(validate.errors)).toBe(true);
  });

  it.each([
    { region: "mars1" },
    { vps: { size: "huge" } },
    { vps: { sise: "s-2vcpu-4gb" } },
    { app: { processes: "two" } },
    { alerts: { emails: ["nobody"] } },
    { thresholds: { memory: { critical: "high" } } },
    { regoin: "fra1" },
    { ssh: undefined },
  ])("refuses %j", (change) => {
    expect(validator("small")({ ...keysOf("small"), ...change })).toBe(false);
  });
});

describe("what the code dictates stands in the documents (npm run docs)", () => {
  it("the files that it writes", async () => {
    for (const [path, content] of Object.entries(await withoutStackTraces(generatedFiles))) {
      expect(read(path), path).toBe(content);
    }
    // Three dozen compositions.
  }, 180_000);

  it("README.md", async () => {
    const readme = read("README.md");
    expect(await withoutStackTraces(() => withGenerated(readme))).toBe(readme);
  });
});
