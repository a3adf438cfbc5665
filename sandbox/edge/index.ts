export type { Distribution } from "./cloudfront/types";
export { startEdge } from "./edge";
export type { Edge, EdgeOptions, ZoneView } from "./types";
