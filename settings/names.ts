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

/** Longest name of a rule of EventBridge ("Member must have length less than or equal to 64"). */
export const eventNameLength = { high: 64 } as const;
/** The longest of the events that rules take of a service. */
export const longestEvent = "deploy-failed";

/** The rule of EventBridge that takes such events of a service. */
export function serviceEventName(stack: string, service: string, event: string): string {
  return `${appName(stack)}-${service}-${event}`;
}
