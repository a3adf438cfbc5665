import { dropsHost, mayRun, type Boot } from "./userData";

/** A command line as far as a host understands it. */
type HostCommand =
  | { readonly kind: "drops-host"; readonly args: readonly string[] }
  /** What the shell says instead of running it. */
  | { readonly kind: "refused"; readonly status: number; readonly stderr: string };

/** `sudo /usr/local/sbin/drops-host …` with plain words is a command; nothing else is. */
export function readCommand(boot: Boot, line: string): HostCommand {
  const words = line.trim().split(/\s+/);
  const [sudo = "", program = "", ...args] = words;
  if (!words.every((word) => /^[\w@%+=:,./-]+$/.test(word)) || sudo !== "sudo") {
    return refused(127, `bash: line 1: ${sudo}: command not found`);
  }
  if (program !== dropsHost) return refused(127, `sudo: ${program}: command not found`);
  if (!mayRun(boot, dropsHost)) return refused(1, "sudo: a password is required");
  return { kind: "drops-host", args };
}

function refused(status: number, line: string): HostCommand {
  return { kind: "refused", status, stderr: `${line}\n` };
}
