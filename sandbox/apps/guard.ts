import { join } from "node:path";
import { writeAtOnce } from "../files";

/**
 * What every process of an app loads first: it ends with the cloud's process, however that ends, as a
 * container ends with its platform. A file, because nothing of it may stand in the environment.
 *
 * @returns its path.
 */
export function writeGuard(directory: string): string {
  const file = join(directory, "guard.cjs");
  writeAtOnce(
    file,
    `// Written by the embedded cloud, process ${process.pid}.
if (require("node:worker_threads").isMainThread) {
  const check = () => {
    if (process.ppid !== ${process.pid}) process.kill(process.pid, "SIGKILL");
  };
  check();
  setInterval(check, 500).unref();
}
`,
    0o644,
  );
  return file;
}
