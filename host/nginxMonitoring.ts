import { plain } from "./files";
import { healthLocations, healthUpstreams } from "./nginxHealth";
import { metricsIntake, paths } from "./paths";
import type { BundleFile, MonitoringHostSpec } from "./types";

/**
 * nginx on a monitoring host: its health for everyone on port 80, and on a port of the private
 * network's the way in for the app's metrics, for whoever knows the token. Prometheus itself asks
 * nobody who he is.
 */
export function monitoringNginxFiles(spec: MonitoringHostSpec): readonly BundleFile[] {
  return [
    plain("/etc/nginx/nginx.conf", mainConfig()),
    plain("/etc/nginx/sites-available/drops-monitoring", site(spec)),
    plain(
      `${paths.systemd}/nginx.service.d/drops.conf`,
      `# The metrics of every instance come in here.
[Service]
Restart=on-failure
RestartSec=2s
`,
    ),
  ];
}

function mainConfig(): string {
  return `# Replaces Debian's file, whose access log would note every push.
user www-data;
worker_processes auto;
pid /run/nginx.pid;
error_log /var/log/nginx/error.log;

events {
    worker_connections 1024;
}

http {
    server_tokens off;
    access_log off;
    # Longer than the pause between two pushes of a process, which keeps its connection.
    keepalive_timeout 90s;

${healthUpstreams()}
    # Sets $drops_metrics_allowed; composed beside the secret, for root alone.
    include ${paths.metricsToken};
    include /etc/nginx/sites-enabled/*;
}
`;
}

function site({ metricsPort }: MonitoringHostSpec): string {
  return `server {
    listen 80 default_server;
    listen [::]:80 default_server;
    server_name _;

${healthLocations()}    location / {
        return 404;
    }
}

# The cloud's firewall admits the private network alone.
server {
    listen ${metricsPort} default_server;
    listen [::]:${metricsPort} default_server;
    server_name _;
    # A push of one process is some 100 KB; kept in memory, so that no disk is touched.
    client_max_body_size 4m;
    client_body_buffer_size 1m;
    client_header_timeout 10s;
    client_body_timeout 10s;

    location = ${metricsIntake.path} {
        if ($drops_metrics_allowed = 0) {
            return 403;
        }
        limit_except POST {
            deny all;
        }
        proxy_pass http://drops_prometheus;
        proxy_set_header ${metricsIntake.tokenHeader} "";
        proxy_connect_timeout 2s;
        proxy_read_timeout 10s;
    }
    location / {
        return 404;
    }
}
`;
}
