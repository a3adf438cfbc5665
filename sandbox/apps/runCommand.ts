/**
 * Arguments that Node gets for a component's run command. Containers here are Node programs on this
 * machine: there is no file system of an image in which another program could be.
 *
 * @returns undefined where it is no such command.
 */
export function nodeArguments(command: string | readonly string[]): readonly string[] | undefined {
  const [program, ...args] = typeof command === "string" ? (wordsOf(command) ?? []) : command;
  return program === "node" && args.length > 0 ? args : undefined;
}

/** Words as a shell would part them; undefined where it would do more than that. */
function wordsOf(command: string): readonly string[] | undefined {
  if (/[$`\\;&|<>(){}*?~#\n]/.test(command)) return undefined;
  // A quotation that nobody ends.
  if (/["']/.test(command.replaceAll(quoted, ""))) return undefined;
  const words = command.match(/(?:[^\s"']|"[^"]*"|'[^']*')+/g) ?? [];
  return words.map((word) => word.replaceAll(quoted, (part) => part.slice(1, -1)));
}

const quoted = /"[^"]*"|'[^']*'/g;
