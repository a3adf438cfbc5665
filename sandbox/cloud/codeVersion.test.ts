import { expect, it } from "vitest";
import { isLoaded } from "./codeVersion";

it.each([
  ["cloud/main.ts", true],
  ["cloud/cloud.cjs", true],
  ["cloud/framework.test.ts", false],
  ["digitalocean/testing/testCloud.ts", false],
  ["testing/sample.json", false],
  ["host/nginx.conf", false],
])("%s counts in the version of the cloud's code: %s", (entry, counts) => {
  expect(isLoaded(entry)).toBe(counts);
});
