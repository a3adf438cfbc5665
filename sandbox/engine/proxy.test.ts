import { expect, it } from "vitest";
import { proxyAuthorization, proxyFor } from "./proxy";

const target = new URL("https://get.pulumi.com/releases");

it.each<[string, Record<string, string>, string | undefined]>([
  ["none named", {}, undefined],
  ["an empty value", { HTTPS_PROXY: "" }, undefined],
  ["upper case", { HTTPS_PROXY: "http://proxy:3128" }, "http://proxy:3128/"],
  ["lower case wins", { https_proxy: "http://a:1", HTTPS_PROXY: "http://b:2" }, "http://a:1/"],
  ["no scheme", { HTTPS_PROXY: "proxy:3128" }, "http://proxy:3128/"],
  ["only for http", { HTTP_PROXY: "http://proxy:3128" }, undefined],
  ["for all", { ALL_PROXY: "https://proxy" }, "https://proxy/"],
  ["exempt domain", { ALL_PROXY: "http://p:1", NO_PROXY: "localhost, pulumi.com" }, undefined],
  ["exempt with dot", { ALL_PROXY: "http://p:1", no_proxy: ".pulumi.com" }, undefined],
  ["exempt with port", { ALL_PROXY: "http://p:1", no_proxy: "get.pulumi.com:443" }, undefined],
  ["everything exempt", { ALL_PROXY: "http://p:1", NO_PROXY: "*" }, undefined],
  ["another port", { ALL_PROXY: "http://p:1", NO_PROXY: "pulumi.com:8443" }, "http://p:1/"],
  ["part of a name", { ALL_PROXY: "http://p:1", NO_PROXY: "lumi.com" }, "http://p:1/"],
])("%s", (_what, environment, expected) => {
  expect(proxyFor(target, environment)?.href).toBe(expected);
});

it("refuses what it cannot speak or read, without repeating the value", () => {
  expect(() => proxyFor(target, { ALL_PROXY: "socks5://ann:secret@p:1" })).toThrow(
    "ALL_PROXY names a socks5 proxy; http and https are spoken here",
  );
  expect(() => proxyFor(target, { https_proxy: "http://ann:sec ret@p:port" })).toThrow(
    /^https_proxy is no URL such as http:\/\/proxy:3128$/,
  );
});

it("logs in with what the URL holds", () => {
  expect(proxyAuthorization(new URL("http://proxy:3128"))).toBeUndefined();
  expect(proxyAuthorization(new URL("http://ann:p%40ss@proxy:3128"))).toBe(
    `Basic ${Buffer.from("ann:p@ss").toString("base64")}`,
  );
});
