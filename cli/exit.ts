/** What every command ends with. An error nobody foresaw is 3: never reported as a pass. */
export const exitCodes = { pass: 0, warnings: 1, failed: 2, incomplete: 3 } as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** A mistake in how the command was called. */
export class CallError extends Error {}
