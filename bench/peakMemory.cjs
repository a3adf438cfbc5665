"use strict";
// Loaded before a measured program: leaves its peak memory, in KiB, where BENCH_PEAK says.
process.on("exit", () => {
  if (process.env.BENCH_PEAK) {
    require("node:fs").writeFileSync(
      process.env.BENCH_PEAK,
      String(process.resourceUsage().maxRSS),
    );
  }
});
