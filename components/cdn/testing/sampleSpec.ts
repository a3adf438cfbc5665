import type { CloudflareEdgeSpec, EdgeOrigin } from "../edgeSpec";

export const spec: CloudflareEdgeSpec = {
  zoneId: "0123456789abcdef0123456789abcdef",
  domain: "drops.example.com",
  originName: "origin-small.example.com",
  plan: "free",
  rateLimit: { requestsPerPeriod: 200 },
  hstsMaxAgeSeconds: 86_400,
};

export const origin: EdgeOrigin = {
  host: "drops-medium-x7k2p.ondigitalocean.app",
  secret: "s3cret",
};
