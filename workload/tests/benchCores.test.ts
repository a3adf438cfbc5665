import { spawn, spawnSync } from "node:child_process";
import { describe, expect, it, onTestFinished } from "vitest";
import { coresOf, divide, divideCores, pin } from "../bench/cores";

describe("the benchmark's cores", () => {
  it.each([
    ["0,1", { app: "0", rest: "1" }],
    ["0-3", { app: "0", rest: "1,2,3" }],
    ["2,4-5,9", { app: "2", rest: "4,5,9" }],
    ["0", undefined],
  ])("%s: the first is the app's alone", (list, expected) => {
    expect(divide(list)).toEqual(expected);
  });

  const cores = divideCores();
  const missing = spawnSync("taskset", ["-V"]).status !== 0;
  it.skipIf(cores === undefined)(
    `what a pinned process starts stays off the app's core${missing ? " [not run: taskset is missing]" : ""}`,
    async () => {
      // Starts another on its first line of input, as the benchmark does once it is pinned itself.
      const parent = spawn(process.execPath, [
        "-e",
        `process.stdin.once("data", () => {
           const child = require("node:child_process").spawn(process.execPath, ["-e", "setTimeout(() => 0, 60000)"]);
           process.on("exit", () => child.kill());
           console.log(child.pid);
         });
         process.on("SIGTERM", () => process.exit());`,
      ]);
      onTestFinished(() => void parent.kill());
      pin(parent.pid!, cores!.rest);
      const child = await new Promise<number>((resolve) => {
        parent.stdout.once("data", (line: Buffer) => {
          resolve(Number(line.toString()));
        });
        parent.stdin.write("go\n");
      });
      const [app, ...rest] = [parent.pid!, child].map((pid) => divideAll(coresOf(pid)));
      expect([app, ...rest]).toEqual([cores!.rest, cores!.rest]);
      pin(child, cores!.app);
      expect(coresOf(child)).toBe(cores!.app);
    },
  );
});

/** One by one, in `Cores`' own spelling. */
function divideAll(list: string): string {
  const divided = divide(list);
  return divided ? `${divided.app},${divided.rest}` : list;
}
