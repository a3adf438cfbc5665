import { cloudflareIpRanges } from "../components/network/cloudflareRanges";
import { healthUpstreams } from "./nginxHealth";
import { renderNginxSite } from "./nginxSite";
import { accessLogFormat } from "./accessLog";
import { plain } from "./files";
import { paths } from "./paths";
import type { BundleFile, AppHostSpec } from "./types";

/** Open files of one nginx process; a proxied websocket takes two. */
const OPEN_FILES = 16_384;

/** nginx in front of the app: the main file, the site, header snippets, the page before a release. */
export function nginxFiles(spec: AppHostSpec): readonly BundleFile[] {
  return [
    plain("/etc/nginx/nginx.conf", mainConfig(spec)),
    plain("/etc/nginx/sites-available/drops-app", renderNginxSite(spec)),
    plain("/etc/nginx/snippets/drops-headers.conf", headers(spec)),
    plain("/etc/nginx/snippets/drops-proxy.conf", proxy()),
    plain(
      `${paths.systemd}/nginx.service.d/drops.conf`,
      `# Thousands of websockets need more descriptors than the default of 1,024.
[Service]
LimitNOFILE=${OPEN_FILES}
Restart=on-failure
RestartSec=2s
`,
    ),
  ];
}

function mainConfig(spec: AppHostSpec): string {
  return `# Replaces Debian's file: worker_connections (768 there) can be set nowhere else.
user www-data;
worker_processes auto;
worker_rlimit_nofile ${OPEN_FILES};
# A reload leaves old workers to their websockets for this long, then closes them.
worker_shutdown_timeout 10m;
pid /run/nginx.pid;
error_log /var/log/nginx/error.log;

events {
    worker_connections ${OPEN_FILES / 2};
}

http {
    include /etc/nginx/mime.types;
    default_type application/octet-stream;
    server_tokens off;
    sendfile on;
    tcp_nopush on;
    keepalive_timeout 65s;
    server_names_hash_bucket_size 128;
    types_hash_max_size 2048;

    gzip on;
    gzip_vary on;
    gzip_proxied any;
    gzip_comp_level 5;
    gzip_min_length 1024;
    gzip_types application/javascript application/json application/manifest+json application/wasm
               application/xml image/svg+xml text/css text/javascript text/plain text/xml;

${indent(accessLogFormat())}
    access_log ${paths.accessLog} drops;

    # Normal requests keep connections to the app open; only a websocket is upgraded.
    map $http_upgrade $drops_websocket {
        default 0;
        ~*^websocket$ 1;
    }

    # A header that the app sets itself wins; an empty value sends no header at all.
    map $upstream_http_x_frame_options $drops_x_frame_options {
        "" "SAMEORIGIN";
        default "";
    }
    map $upstream_http_x_xss_protection $drops_x_xss_protection {
        "" "1; mode=block";
        default "";
    }
    map $upstream_http_x_content_type_options $drops_x_content_type_options {
        "" "nosniff";
        default "";
    }
    map $upstream_http_referrer_policy $drops_referrer_policy {
        "" "strict-origin-when-cross-origin";
        default "";
    }
    map $upstream_http_strict_transport_security $drops_strict_transport_security {
        "" "max-age=31536000";
        default "";
    }

    # Assets that the app serves: a year, unless it answered with a page or an error.
    map "$status:$sent_http_content_type" $drops_asset_cache {
        default "no-cache";
        "~^(200|206|304):(?!text/html)" "public, max-age=31536000, immutable";
    }

    upstream drops_app {
        server 127.0.0.1:${spec.app.port} max_fails=0;
        keepalive 64;
    }
${healthUpstreams()}${spec.site.kind === "proxied" ? realAddress() : ""}
    include /etc/nginx/sites-enabled/*;
}
`;
}

/** Visitors' addresses from Cloudflare's header, believed from Cloudflare's addresses alone. */
function realAddress(): string {
  const ranges = [...cloudflareIpRanges.ipv4, ...cloudflareIpRanges.ipv6];
  return `
    # ${cloudflareIpRanges.source} as of ${cloudflareIpRanges.asOf}
${ranges.map((range) => `    set_real_ip_from ${range};`).join("\n")}
    real_ip_header CF-Connecting-IP;
`;
}

/** Included wherever headers are added: a location with one \`add_header\` drops all inherited ones. */
function headers(spec: AppHostSpec): string {
  const names: readonly (readonly [string, string])[] = [
    ["X-Frame-Options", "$drops_x_frame_options"],
    ["X-XSS-Protection", "$drops_x_xss_protection"],
    ["X-Content-Type-Options", "$drops_x_content_type_options"],
    ["Referrer-Policy", "$drops_referrer_policy"],
    ...(spec.site.kind === "address"
      ? []
      : [["Strict-Transport-Security", "$drops_strict_transport_security"] as const]),
  ];
  return names.map(([name, value]) => `add_header ${name} ${value} always;\n`).join("");
}

function proxy(): string {
  return `proxy_http_version 1.1;
proxy_set_header Host $host;
proxy_set_header X-Real-IP $remote_addr;
# One address, which nginx itself saw: what a visitor writes into this header is not passed on.
proxy_set_header X-Forwarded-For $remote_addr;
proxy_set_header X-Forwarded-Host $host;
proxy_set_header X-Forwarded-Proto $scheme;
proxy_connect_timeout 5s;
proxy_next_upstream off;
`;
}

function indent(text: string): string {
  return text.replaceAll(/^(?=.)/gm, "    ");
}
