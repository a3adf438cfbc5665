import { defineConfig } from "vitest/config";

/** Runs from this folder and, as a project, from the repository's root. */
export default defineConfig({
  test: {
    name: "workload",
    root: import.meta.dirname,
    environment: "node",
    include: ["tests/**/*.test.ts"],
    globalSetup: ["tests/support/globalSetup.ts"],
    setupFiles: ["tests/support/endServers.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Most files wait for the servers that they started. As many as the repository's own projects.
    maxWorkers: 4,
  },
});
