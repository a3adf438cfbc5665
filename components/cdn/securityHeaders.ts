/** Always sent: browsers believe the content type. */
export const contentTypeOptions = {
  header: "X-Content-Type-Options",
  value: "nosniff",
} as const;

/** Sent where the app says nothing itself; its own, perhaps stricter, word stands. */
export const headersIfAbsent = {
  "X-Frame-Options": "SAMEORIGIN",
  "Referrer-Policy": "strict-origin-when-cross-origin",
  "Permissions-Policy": "camera=(), geolocation=(), microphone=(), usb=()",
} as const;
