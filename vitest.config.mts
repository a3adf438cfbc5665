import { defineConfig } from "vitest/config";

/** Parts of the sandbox whose tests start many programs: Node alone is enough, but not three minutes. */
const programs = ["apps", "ecs", "engine", "host", "services"].map(
  (part) => `sandbox/${part}/**/*.test.ts`,
);

const shared = { environment: "node" as const, testTimeout: 30_000 };

export default defineConfig({
  test: {
    // Two cores' worth: half of the files wait for programs that they started. The reference app's
    // project has the same number, and so runs beside the others.
    maxWorkers: 4,
    reporters: ["default", "./tests/notRun.ts"],
    projects: [
      // Needs Node alone.
      {
        test: {
          ...shared,
          name: "unit",
          include: ["**/*.test.ts"],
          exclude: [
            "node_modules/**",
            "workload/**",
            "tests/host/**",
            "tests/engine/**",
            ...programs,
          ],
          // Loading the providers for each file anew would take as long as the tests. No module keeps
          // what a test changes: a composition has its own copy of the SDK's state.
          isolate: false,
        },
      },
      // The reference app on an embedded Postgres, and its page; both need Node alone.
      "workload/vitest.config.mts",
      "workload/web/vitest.config.mts",
      { test: { ...shared, name: "sandbox", include: programs } },
      // The real engine on the embedded cloud; needs an engine (`npx drops engine`).
      {
        test: {
          ...shared,
          name: "engine",
          include: ["tests/engine/**/*.test.ts"],
          globalSetup: "tests/engine/setup.ts",
          testTimeout: 180_000,
          hookTimeout: 240_000,
          // Each file has a whole cloud: two at once are enough for two cores.
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      // Needs nginx, promtool and the other real programs that read the host's files.
      { test: { ...shared, name: "host", include: ["tests/host/**/*.test.ts"] } },
    ],
  },
});
