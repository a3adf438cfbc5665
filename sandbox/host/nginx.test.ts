import { describe, expect, it } from "vitest";
import { renderBundle } from "../../host/bundle";
import { sampleSpec, sites } from "../../tests/host/sample";
import { relocateNginx, type NginxPlace } from "./nginx";

const place: NginxPlace = {
  root: "/home/me/my files/host",
  configuration: "/home/me/my files/host/run/nginx",
  http: 20_080,
  https: 20_443,
  upstreams: { 3000: 20_300, 9090: 1, 9093: 1 },
  program: { minor: 22, without: ["http_scgi_module"] },
  personal: true,
};
const textOf = (path: string): string =>
  renderBundle(sampleSpec({ site: sites.proxied })).files.find((file) => file.path === path)!
    .content;
const main = textOf("/etc/nginx/nginx.conf");
const site = textOf("/etc/nginx/sites-available/drops-app");

describe("the bundle's nginx on this machine", () => {
  it("listens on loopback alone, on ports of its own", () => {
    const moved = relocateNginx(site, place);
    const listens = [...moved.matchAll(/listen (.*);/g)].map(([, what]) => what);
    expect([...new Set(listens)].sort()).toEqual([
      "127.0.0.1:20080",
      "127.0.0.1:20080 default_server",
      "127.0.0.1:20443 ssl",
      "127.0.0.1:20443 ssl default_server",
    ]);
  });

  it("reads and writes below the root alone, whose spaces it reads as part of a path", () => {
    for (const text of [relocateNginx(main, place), relocateNginx(site, place)]) {
      expect(text).not.toMatch(/ \/(etc|srv|var|run)\b/);
      expect(text).toContain(' "/home/me/my files/host/');
    }
    expect(relocateNginx(site, place)).toContain(
      'if (!-f "/home/me/my files/host/srv/drops/current/dist/index.js")',
    );
    expect(relocateNginx(main, place)).toContain(
      'include "/home/me/my files/host/run/nginx/sites-enabled/*";',
    );
  });

  it("asks the host's own app, and nobody else's Prometheus", () => {
    const servers = [...relocateNginx(main, place).matchAll(/server (127\S+)/g)];
    expect(servers.map(([, address]) => address)).toEqual([
      "127.0.0.1:20300",
      "127.0.0.1:1",
      "127.0.0.1:1",
    ]);
  });

  it("runs as whoever starts it, with files of its own, and believes the stand-in of Cloudflare", () => {
    const moved = relocateNginx(main, place);
    expect(moved).not.toContain("user www-data");
    expect(moved).toContain("client_body_temp_path ");
    expect(moved).not.toContain("scgi_temp_path ");
    expect(moved).toMatch(/set_real_ip_from 127\.0\.0\.1;\n *real_ip_header CF-Connecting-IP;/);
    const plain = relocateNginx(main, { ...place, personal: false });
    expect(plain).toContain("user www-data;");
    expect(plain).not.toContain("set_real_ip_from 127.0.0.1");
  });

  it("says HTTP/2 where nginx knows the word", () => {
    expect(relocateNginx(site, place)).not.toContain("http2 on");
    const newer = { ...place, program: { minor: 25, without: [] } };
    expect(relocateNginx(site, newer)).toContain("http2 on;");
  });

  it("says the same of requests as on a droplet", () => {
    const about = (text: string): readonly string[] =>
      text
        .split("\n")
        .filter((line) => /return|error_page|proxy_(pass|read)|add_header/.test(line));
    expect(about(relocateNginx(site, place))).toEqual(about(site));
  });
});
