/**
 * Stands for a secret that is encrypted in the stack's file and cannot be read in a preview without
 * the engine. A schema accepts it as "given"; it never reaches a provider.
 */
export const encryptedHere = "[encrypted]";
