import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { generatedFiles, withGenerated } from "./generated";
import { projectRoot } from "./stackFile";

const read = (path: string): string => readFileSync(join(projectRoot, path), "utf8");

describe("what the code dictates stands in the documents (npm run docs)", () => {
  it.each(Object.entries(generatedFiles()))("%s", (path, content) => {
    expect(read(path)).toBe(content);
  });

  it("README.md", async () => {
    const readme = read("README.md");
    expect(await withGenerated(readme)).toBe(readme);
  });
});
