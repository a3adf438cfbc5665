import { defineConfig } from "vitest/config";

const shared = { environment: "node" as const, testTimeout: 30_000 };

export default defineConfig({
  test: {
    projects: [
      // Needs Node alone.
      {
        test: {
          ...shared,
          name: "unit",
          include: ["**/*.test.ts"],
          exclude: ["node_modules/**", "workload/**", "tests/host/**"],
        },
      },
      // The reference app on an embedded Postgres, and its page; both need Node alone.
      "workload/vitest.config.mts",
      "workload/web/vitest.config.mts",
      // Needs nginx, promtool and the other real programs that read the host's files.
      { test: { ...shared, name: "host", include: ["tests/host/**/*.test.ts"] } },
    ],
  },
});
