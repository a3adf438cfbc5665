const actions = new Set<() => void>();
const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Runs an action when this process ends before the returned function was called: by `process.exit`,
 * an uncaught error, Ctrl-C or another signal that can be caught. The action must be synchronous.
 */
export function onAbruptEnd(action: () => void): () => void {
  if (actions.size === 0) {
    process.on("exit", runAll);
    for (const signal of signals) process.on(signal, runAllAndEnd);
  }
  actions.add(action);
  return () => {
    actions.delete(action);
    if (actions.size > 0) return;
    process.removeListener("exit", runAll);
    for (const signal of signals) process.removeListener(signal, runAllAndEnd);
  };
}

function runAll(): void {
  // The last one registered depends on the earlier ones: a program writes into a directory.
  for (const action of [...actions].reverse()) {
    actions.delete(action);
    try {
      action();
    } catch {
      // The others must still run; what is left behind is removed by the next run.
    }
  }
}

function runAllAndEnd(signal: NodeJS.Signals): void {
  runAll();
  // Listening has switched off the signal's default, and others may leave the end to us. Sent again
  // without us, it ends the process by its default or by whoever else listens.
  process.removeListener(signal, runAllAndEnd);
  process.kill(process.pid, signal);
}
