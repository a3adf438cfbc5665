import type { Reporter, TestModule } from "vitest/node";

/**
 * Says last what a run skipped and what it takes to run it: tests that need more than Node carry that
 * in their names, `… [not run: Chromium is missing; apt-get install chromium]`.
 */
export default class NotRun implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    // Where a file failed, its hooks may have left out the rest; that is no choice of the run.
    const skipped = modules
      .filter((module) => module.state() !== "failed")
      .flatMap((module) =>
        [...module.children.allTests("skipped")].map((test) => ({
          name: test.fullName,
          file: module.relativeModuleId,
          project: module.project,
        })),
      )
      // Left out by `-t`, as whoever ran it knows.
      .filter(({ project, name }) => project.config.testNamePattern?.test(name) !== false);
    for (const line of linesOf(skipped)) process.stdout.write(`${line}\n`);
  }
}

/** A line for each reason, with the number of its tests. */
export function linesOf(
  skipped: readonly { readonly name: string; readonly file: string }[],
): string[] {
  const counts = new Map<string, number>();
  for (const { name, file } of skipped) {
    const reason = /\bnot run[:,] ([^\])]+)/.exec(name)?.[1] ?? `in ${file}`;
    counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  return [...counts].map(
    ([reason, count]) => `Not run: ${count} ${count === 1 ? "test" : "tests"}, ${reason}`,
  );
}
