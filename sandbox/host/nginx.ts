/** Where the bundle's nginx runs on this machine, instead of at its places on a droplet. */
export interface NginxPlace {
  /** Directory that stands for "/". */
  readonly root: string;
  /** Directory that stands for /etc/nginx. @default the one below the root */
  readonly configuration?: string;
  /** Ports on 127.0.0.1 instead of 80 and 443. */
  readonly http: number;
  readonly https: number;
  /** Port on 127.0.0.1 for that of the app's metrics, where the files have one. */
  readonly metrics?: { readonly from: number; readonly to: number } | undefined;
  /** Ports on 127.0.0.1 instead of those that the files proxy to, e.g. `{ 9090: 41000 }`. */
  readonly upstreams: Readonly<Record<number, number>>;
  readonly program: NginxProgram;
  /**
   * Run by whoever starts it, without a user and directories of its own, before visitors who all
   * come from 127.0.0.1, where the stand-in for Cloudflare is.
   */
  readonly personal?: boolean;
}

/** What the installed nginx can do. */
export interface NginxProgram {
  /** 22 of "1.22.1". */
  readonly minor: number;
  /** HTTP modules that it was built without, e.g. "http_scgi_module". */
  readonly without: readonly string[];
}

/** Modules that keep bodies in files, each in a directory that must be its user's. */
const temporaryPaths = {
  client_body: undefined,
  proxy: "http_proxy_module",
  fastcgi: "http_fastcgi_module",
  uwsgi: "http_uwsgi_module",
  scgi: "http_scgi_module",
} as const;

/**
 * A file of the bundle's nginx as it has to be on this machine: other ports, loopback alone, every
 * path below the root. What it says of requests stays untouched.
 */
export function relocateNginx(content: string, place: NginxPlace): string {
  const { root } = place;
  const conf = place.configuration ?? `${root}/etc/nginx`;
  const moved = content
    .replaceAll(/\b127\.0\.0\.1:(\d+)\b/g, (all, port: string) => {
      const here = place.upstreams[Number(port)];
      return here === undefined ? all : `127.0.0.1:${here}`;
    })
    .replaceAll(/(?<= )\/etc\/nginx\b([^\s;)]*)/g, (_, rest: string) => word(conf + rest))
    .replaceAll(/(?<= )\/(?:etc\/drops|srv|var|run)\b[^\s;)]*/g, (path) => word(root + path))
    .replaceAll(/ *listen \[::\]:.*\n/g, "")
    .replaceAll("listen 80", `listen 127.0.0.1:${place.http}`)
    .replaceAll("listen 443", `listen 127.0.0.1:${place.https}`)
    .replaceAll(/(?<=listen )\d+(?= default_server;)/g, (port) =>
      Number(port) === place.metrics?.from ? `127.0.0.1:${place.metrics.to}` : port,
    )
    // Before 1.25 HTTP/2 was a word of `listen`.
    .replaceAll("    http2 on;\n", place.program.minor < 25 ? "" : "    http2 on;\n");
  return place.personal ? personal(moved, root, place.program) : moved;
}

function personal(content: string, root: string, program: NginxProgram): string {
  const temporary = Object.entries(temporaryPaths)
    .filter(([, module]) => module === undefined || !program.without.includes(module))
    .map(([name]) => `    ${name}_temp_path ${word(`${root}/var/lib/nginx/${name}`)};\n`);
  return (
    content
      // Only root can be somebody else, and then nobody else can read below the root.
      .replace(/^user .*;$/m, process.getuid?.() === 0 ? "user root;" : "")
      .replace(/^worker_processes .*;$/m, "worker_processes 2;")
      .replace(/^http \{\n/m, (line) => line + temporary.join(""))
      .replace(/^( *)real_ip_header /m, "$1set_real_ip_from 127.0.0.1;\n$&")
  );
}

/** A path as one word of nginx's language, in which a space would end it. */
function word(path: string): string {
  return `"${path.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}
