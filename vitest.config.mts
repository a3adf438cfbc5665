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
      // Needs nginx, promtool and the other real programs that read the host's files.
      { test: { ...shared, name: "host", include: ["tests/host/**/*.test.ts"] } },
    ],
  },
});
