import { describe, expect, it } from "vitest";
import { SnippetModule, snippetFault, SnippetTimeout } from "./snippetModule";

const request = new Request("https://drops.example.com/");
const nothing = () => Promise.reject(new Error("not asked"));

describe("a snippet's code", () => {
  it.each([
    ["export default { async fetch() {} };", undefined],
    ["// Note\nconst a = 1;\nexport default {\n  fetch: () => new Response(a),\n};\n", undefined],
    ["export default async ({", "Uncaught SyntaxError: "],
    ["const a = 1;", "Uncaught SyntaxError: the main module has no default export"],
    [
      'import a from "./a.js";\nexport default { fetch() {} };',
      'the embedded cloud runs one module without imports, got "import a from',
    ],
    ["export const a = 1;\nexport default { fetch() {} };", 'got "export const a = 1;'],
  ])("%j", (code, fault) => {
    if (fault === undefined) expect(snippetFault(code)).toBeUndefined();
    else expect(snippetFault(code)).toContain(fault);
  });

  it("is told where in it a fault is", () => {
    expect(() => new SnippetModule("export default {\n  fetch() { ] },\n};")).toThrow(SyntaxError);
  });

  it("must export a handler", async () => {
    const module = new SnippetModule("export default 1;");
    await expect(module.answer(request, nothing)).rejects.toThrow("exports no fetch handler");
  });

  it("keeps nothing from one request to the next, and reaches nothing of this process", async () => {
    const module = new SnippetModule(`
let count = 0;
export default {
  fetch() {
    count += 1;
    return [count, typeof globalThis.process, typeof globalThis.fetch];
  },
};`);
    for (let visit = 0; visit < 2; visit += 1) {
      expect(await module.answer(request, nothing)).toEqual([1, "undefined", "undefined"]);
    }
  });

  it("is ended where it computes for too long", async () => {
    const module = new SnippetModule("export default { fetch() { while (true); } };");
    await expect(module.answer(request, nothing)).rejects.toThrow(SnippetTimeout);
  });
});
