import { defineConfig } from "vitest/config";

/** The page's pure parts; they need no browser and no server. */
export default defineConfig({
  test: {
    name: "web",
    root: import.meta.dirname,
    environment: "node",
    include: ["src/**/*.test.ts"],
  },
});
