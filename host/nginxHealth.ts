import { ports } from "./paths";

/** What the locations below pass on to, for nginx's `http` section. */
export function healthUpstreams(): string {
  return `    upstream drops_prometheus {
        server 127.0.0.1:${ports.prometheus} max_fails=0;
    }
    upstream drops_alertmanager {
        server 127.0.0.1:${ports.alertmanager} max_fails=0;
    }
`;
}

/** The check of the monitoring, and nothing else below its path. */
export function healthLocations(): string {
  return `    # For a check from outside: a Prometheus or an Alertmanager that is dead cannot say so itself.
    # The one is asked, once the other has answered.
    location = /monitoring/healthz {
        access_log off;
        auth_request /monitoring/alertmanager;
        proxy_pass http://drops_prometheus/-/ready;
        proxy_connect_timeout 2s;
        proxy_read_timeout 5s;
    }
    location = /monitoring/alertmanager {
        internal;
        proxy_pass http://drops_alertmanager/-/ready;
        proxy_pass_request_body off;
        proxy_set_header Content-Length "";
        proxy_connect_timeout 2s;
        proxy_read_timeout 5s;
    }
    location /monitoring/ {
        return 404;
    }
`;
}
