/**
 * The address under which Cloudflare's proxies reach CloudFront here: one of the published ranges,
 * so that a rule which admits them alone lets it pass.
 */
export const cloudflareEdgeAddress = "162.158.0.1";
