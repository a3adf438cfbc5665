import { constants } from "node:os";

/** What every command ends with. An error nobody foresaw is 3: never reported as a pass. */
export const exitCodes = { pass: 0, warnings: 1, failed: 2, incomplete: 3 } as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** What a command ends with that a signal ended, whatever it was at: 130 for Ctrl-C. */
export const exitCodeOf = (signal: NodeJS.Signals): number => 128 + constants.signals[signal];

/** A mistake in how the command was called. */
export class CallError extends Error {}
