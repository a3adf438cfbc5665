import { exitCodeOf, exitCodes } from "./exit";
import { run } from "./run";

// A reader that has seen enough (`| head`) closes the pipe; that is no failure of ours.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  process.exit(error.code === "EPIPE" ? exitCodes.pass : exitCodes.incomplete);
});
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    // Who runs the engine passes it on and waits for an orderly end.
    if (process.listenerCount(signal) === 1) process.exit(exitCodeOf(signal));
  });
}

// A failure inside the SDK's own promises: nobody awaits them, and it must not pass for success.
process.on("unhandledRejection", (error) => {
  process.stderr.write(`drops: could not be completed: ${String(error)}\n`);
  process.exit(exitCodes.incomplete);
});

void run(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
