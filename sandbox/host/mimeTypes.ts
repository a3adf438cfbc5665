/** What a web page is made of; a droplet has Debian's longer list. */
export const mimeTypes: Readonly<Record<string, string>> = {
  avif: "image/avif",
  css: "text/css",
  gif: "image/gif",
  html: "text/html",
  ico: "image/x-icon",
  jpeg: "image/jpeg",
  jpg: "image/jpeg",
  js: "application/javascript",
  json: "application/json",
  mjs: "application/javascript",
  mp4: "video/mp4",
  png: "image/png",
  svg: "image/svg+xml",
  txt: "text/plain",
  wasm: "application/wasm",
  webmanifest: "application/manifest+json",
  webp: "image/webp",
  woff: "font/woff",
  woff2: "font/woff2",
  xml: "text/xml",
};

/** The list as nginx reads it. */
export function nginxTypes(): string {
  const lines = Object.entries(mimeTypes).map(([suffix, type]) => `    ${type} ${suffix};\n`);
  return `types {\n${lines.join("")}}\n`;
}
