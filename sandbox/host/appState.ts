import { z } from "zod";
import { textIn, writeAtOnce } from "../files";

const shape = z.object({
  /** The supervisor that wrote it. */
  pid: z.int(),
  /** Reloads that came to an end, and what was wrong with the last one. */
  reloads: z.int(),
  problem: z.string().optional(),
  processes: z.array(
    z.object({
      instance: z.int(),
      /** Absent while it waits to be started again. */
      pid: z.int().optional(),
      listening: z.boolean(),
      /** Times that it ended by itself. */
      restarts: z.int(),
    }),
  ),
});

/** What the app's supervisor says of itself in a file, the way a daemon leaves its pid. */
export type AppState = z.infer<typeof shape>;
/** One of the app's processes. */
export type AppProcess = AppState["processes"][number];

export function writeAppState(file: string, state: AppState): void {
  writeAtOnce(file, JSON.stringify(state), 0o600);
}

/** Undefined where nothing was written yet. */
export function readAppState(file: string): AppState | undefined {
  const text = textIn(file);
  return text === undefined ? undefined : shape.parse(JSON.parse(text));
}
