export { cloudfrontDomain, type Distribution } from "./cloudfront/types";
export { startEdge } from "./edge";
export {
  checkExpression,
  type CheckOptions,
  requestPhases,
  responsePhases,
} from "./language/checkExpression";
export { isProtected as isProtectedHeader } from "./rules/responseRules";
export { followedPhases } from "./rules/ruleReader";
export type { DnsRecord, Edge, EdgeOptions, EdgeStats, OriginTimeouts, ZoneView } from "./types";
