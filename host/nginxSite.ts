import { healthLocations } from "./nginxHealth";
import { paths } from "./paths";
import type { AppHostSpec, Site } from "./types";

/** nginx's site: the scaling document's `drops-app`, with what it leaves out put right. */
export function renderNginxSite(spec: AppHostSpec): string {
  const { site } = spec;
  if (site.kind === "address") {
    return `# No domain: the site answers to every name, over plain HTTP.
server {
    listen 80 default_server;
    listen [::]:80 default_server;
    server_name _;

${locations()}}
`;
  }
  const names = siteNames(site).join(" ");
  return `# Names that are not ours get no answer.
server {
    listen 80 default_server;
    listen [::]:80 default_server;
    listen 443 ssl default_server;
    listen [::]:443 ssl default_server;
    server_name _;
    ssl_reject_handshake on;
    access_log off;
    return 444;
}

server {
    listen 80;
    listen [::]:80;
    server_name ${names};
    access_log off;

${acmeLocation()}
    location / {
        return 301 https://$host$request_uri;
    }
}

server {
    listen 443 ssl;
    listen [::]:443 ssl;
    http2 on;
    server_name ${names};

    ssl_certificate ${paths.tls}/fullchain.pem;
    ssl_certificate_key ${paths.tls}/privkey.pem;
    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_ciphers ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305;
    ssl_prefer_server_ciphers off;
    ssl_session_cache shared:drops:10m;
    ssl_session_timeout 1d;
    ssl_session_tickets off;

${locations()}}
`;
}

/** Names that the certificate covers and nginx answers to, the main one first. */
export function siteNames(site: Exclude<Site, { readonly kind: "address" }>): readonly string[] {
  return site.kind === "proxied" ? [site.domain, site.originName] : [site.domain];
}

function acmeLocation(): string {
  return `    location ^~ /.well-known/acme-challenge/ {
        root ${paths.acme};
        default_type text/plain;
        access_log off;
    }
`;
}

/** What is the same over HTTP and HTTPS. */
function locations(): string {
  return `    client_max_body_size 10m;
    include snippets/drops-headers.conf;

${acmeLocation()}
${healthLocations()}
    # Probes are no visitors: they would hide errors among few requests.
    location = /healthz {
        access_log off;
        error_page 503 @unavailable;
        if (!-f ${paths.current}/dist/index.js) {
            return 503;
        }
        proxy_pass http://drops_app;
        include snippets/drops-proxy.conf;
        proxy_set_header Connection "";
        proxy_read_timeout 10s;
    }

    # Built files carry a digest in their name. A page of the release before still finds its own;
    # what no release has on disk is asked of the app.
    location /assets/ {
        root /srv/drops;
        gzip_static on;
        include snippets/drops-headers.conf;
        add_header Cache-Control "public, max-age=31536000, immutable";
        try_files /current/dist/public$uri /previous/dist/public$uri @asset;
    }
    location @asset {
        error_page 503 @unavailable;
        if (!-f ${paths.current}/dist/index.js) {
            return 503;
        }
        proxy_pass http://drops_app;
        include snippets/drops-proxy.conf;
        proxy_set_header Connection "";
        proxy_hide_header Cache-Control;
        include snippets/drops-headers.conf;
        add_header Cache-Control $drops_asset_cache always;
    }

    location / {
        error_page 418 = @websocket;
        error_page 503 @unavailable;
        if (!-f ${paths.current}/dist/index.js) {
            return 503;
        }
        # A timeout cannot come from a variable, so websockets have a location of their own.
        if ($drops_websocket) {
            return 418;
        }
        proxy_pass http://drops_app;
        include snippets/drops-proxy.conf;
        proxy_set_header Connection "";
        proxy_read_timeout 60s;
    }
    location @websocket {
        proxy_pass http://drops_app;
        include snippets/drops-proxy.conf;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection "upgrade";
        proxy_read_timeout 1h;
        proxy_send_timeout 1h;
    }

    # No release yet.
    location @unavailable {
        default_type text/html;
        include snippets/drops-headers.conf;
        add_header Retry-After 30 always;
        add_header Cache-Control no-store always;
        return 503 "<!doctype html><title>Starting</title><h1>Drops is starting</h1><p>Please try again in a moment.</p>";
    }
`;
}
