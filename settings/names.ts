/** Names that a stack may have: part of a host name, of a DNS label and of logical names. */
export const stackNamePattern = /^[a-z][a-z0-9-]{0,30}$/;
export const stackNameWords = "a letter, then up to 30 lower-case letters, digits and hyphens";

/** The name in the zone that the public record of the `edge` stack points at when a stack is live. */
export function originName(stack: string, zone: string): string {
  return `origin-${stack}.${zone}`;
}

/** The App Platform app of a stack; unique in the account. */
export function appName(stack: string): string {
  return `drops-${stack}`;
}
