import { describe, expect, it } from "vitest";
import { cloudflareIpRanges } from "../components/network/cloudflareRanges";
import { sampleSpec, sites } from "../tests/host/sample";
import { nginxFiles } from "./nginx";
import type { Site } from "./types";

const fileOf = (path: string, site: Site = sites.proxied): string =>
  nginxFiles(sampleSpec({ site })).find((file) => file.path === path)!.content;
const siteOf = (site: Site): string => fileOf("/etc/nginx/sites-available/drops-app", site);

describe("nginx", () => {
  it("believes Cloudflare's header from Cloudflare's addresses alone, and only behind it", () => {
    const main = fileOf("/etc/nginx/nginx.conf");
    const trusted = [...main.matchAll(/set_real_ip_from (\S+);/g)].map((match) => match[1]);
    expect(trusted).toEqual([...cloudflareIpRanges.ipv4, ...cloudflareIpRanges.ipv6]);
    expect(main).toContain("real_ip_header CF-Connecting-IP;");
    expect(fileOf("/etc/nginx/nginx.conf", sites.direct)).not.toContain("real_ip");
  });

  it.each([sites.proxied, sites.direct])("redirects to HTTPS but answers ACME ($kind)", (site) => {
    const text = siteOf(site);
    const plain = text.split(/^server \{/m).find((server) => server.includes("return 301"))!;
    expect(plain).toContain("location ^~ /.well-known/acme-challenge/");
    expect(plain).toContain("return 301 https://$host$request_uri;");
    expect(plain).not.toContain("443");
    expect(text).toContain("ssl_reject_handshake on;");
    expect(text).toContain("return 444;");
    expect(text).toContain("ssl_protocols TLSv1.2 TLSv1.3;");
  });

  it("answers to the domain and the origin's own name", () => {
    expect(siteOf(sites.proxied)).toContain(
      "server_name drops.example.com origin-small.example.com;",
    );
    expect(siteOf(sites.direct)).toContain("server_name drops.example.com;");
  });

  it("is plain HTTP for every name without a domain", () => {
    const text = siteOf(sites.address);
    expect(text).toContain("listen 80 default_server;");
    expect(text).not.toMatch(/ssl|301|444/);
    expect(fileOf("/etc/nginx/snippets/drops-headers.conf", sites.address)).not.toContain(
      "Strict-Transport-Security",
    );
  });

  it("repeats the headers in every location that adds one", () => {
    for (const site of Object.values(sites)) {
      const locations = siteOf(site)
        .split(/^ {4}location /m)
        .slice(1);
      const adding = locations.filter((location) => location.includes("add_header"));
      expect(adding.length).toBe(3);
      for (const location of adding) expect(location).toContain("drops-headers.conf");
    }
  });

  it("never mixes `expires` with its own Cache-Control", () => {
    expect(siteOf(sites.direct)).not.toMatch(/^\s*expires/m);
  });

  it("logs no query string", () => {
    const main = fileOf("/etc/nginx/nginx.conf");
    const format = /log_format[^;]*;/.exec(main)![0];
    expect(format).toContain('"path":"$uri"');
    expect(format).not.toMatch(/\$request"|\$request_uri|\$args|\$query_string|referer/);
  });

  it("lets nothing of Prometheus and Alertmanager out but their readiness", () => {
    const text = siteOf(sites.direct);
    const asked = [...text.matchAll(/proxy_pass http:\/\/drops_(prometheus|alertmanager)(\S*);/g)];
    expect(asked.map((m) => `${m[1] ?? ""} ${m[2] ?? ""}`)).toEqual([
      "prometheus /-/ready",
      "alertmanager /-/ready",
    ]);
    expect(text).toContain("location = /monitoring/healthz {");
  });

  it("opens enough files for its connections", () => {
    expect(fileOf("/etc/systemd/system/nginx.service.d/drops.conf")).toContain("LimitNOFILE=16384");
    expect(fileOf("/etc/nginx/nginx.conf")).toContain("worker_connections 8192;");
  });
});
