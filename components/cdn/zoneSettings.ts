/** Zone settings that the edge depends on, by Cloudflare's own ids. They hold for the whole zone. */
export const zoneSettings = {
  /** Encrypted to the origin, and its certificate is checked. */
  ssl: "strict",
  min_tls_version: "1.2",
  tls_1_3: "on",
  /** Off, because it would redirect certificate challenges; the redirect rule does its work. */
  always_use_https: "off",
  websockets: "on",
  http3: "on",
} as const;
export type ZoneSettingId = keyof typeof zoneSettings;
export const zoneSettingIds = Object.keys(zoneSettings) as ZoneSettingId[];
