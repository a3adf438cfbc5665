import { describe, expect, it } from "vitest";
import { certificateNames, findSite, resolveOrigin } from "./dns";
import { acceptedEncodings } from "./origin/originRequest";
import type { DnsRecord, ZoneView } from "./types";
import { normalizePath } from "./visitor";

describe("a path as rules see it", () => {
  it.each([
    ["/", "/"],
    ["/a/b", "/a/b"],
    ["/a/b/", "/a/b/"],
    ["//a///b", "/a/b"],
    ["/a/./b/../c", "/a/c"],
    ["/a/b/..", "/a/"],
    ["/a/.", "/a/"],
    ["/../../a", "/a"],
    ["/..", "/"],
    ["/a\\b", "/a/b"],
    ["/%61ssets/%2E%2e/x", "/x"],
    ["/a%2Fb%20c", "/a%2Fb%20c"],
    ["/a...b/..c", "/a...b/..c"],
    ["*", "*"],
  ])("%s is %s", (path, expected) => {
    expect(normalizePath(path)).toBe(expected);
  });
});

describe("encodings that are asked of origins", () => {
  it.each([
    [undefined, "identity"],
    ["", "identity"],
    ["deflate", "identity"],
    ["gzip", "gzip"],
    ["GZIP;q=0.5", "gzip"],
    ["gzip;q=0, br", "identity"],
    ["br, gzip", "br, gzip"],
    ["gzip, br;q=0.0", "gzip"],
  ])("%j: %s", (accepted, expected) => {
    const headers = new Map(accepted === undefined ? [] : [["accept-encoding", [accepted]]]);
    expect(acceptedEncodings(headers)).toBe(expected);
  });
});

const record = (name: string, type: string, content: string, proxied = false): DnsRecord => ({
  ...{ name, type, content, proxied },
});
const zone: ZoneView = {
  ...{ id: "1", name: "example.com", settings: {}, rulesets: [] },
  records: [
    record("www.example.com", "TXT", "words", true),
    record("www", "CNAME", "Live.Example.com.", true),
    record("@", "A", "192.0.2.1", true),
    record("live.example.com", "CNAME", "origin.other.test"),
    record("six.example.com", "AAAA", "2001:db8::1"),
    record("six.example.com", "A", "192.0.2.6"),
    record("grey.example.com", "A", "192.0.2.7"),
    record("lost.example.com", "CNAME", "nowhere.test"),
  ],
};
const other: ZoneView = {
  ...{ id: "2", settings: {}, rulesets: [] },
  records: [record("origin.other.test", "A", "192.0.2.9", true)],
};
const zones = [zone, other];

describe("names", () => {
  it.each([
    ["www.example.com", "www"],
    ["example.com", "@"],
    ["grey.example.com", undefined],
    ["none.example.com", undefined],
    ["origin.other.test", "origin.other.test"],
  ])("%s is served by the record %s", (host, name) => {
    expect(findSite(zones, host)?.record.name).toBe(name);
  });

  it("lead to an address, through several zones, IPv4 first", () => {
    const of = (content: string) => resolveOrigin(zones, record("x", "CNAME", content));
    expect(resolveOrigin(zones, findSite(zones, "www.example.com")!.record)).toEqual({
      address: "192.0.2.9",
      targets: ["live.example.com", "origin.other.test"],
    });
    expect(of("six.example.com").address).toBe("192.0.2.6");
    expect(of("lost.example.com")).toEqual({
      address: undefined,
      targets: ["lost.example.com", "nowhere.test"],
    });
    expect(resolveOrigin(zones, record("x", "A", "192.0.2.8"))).toEqual({
      address: "192.0.2.8",
      targets: [],
    });
  });

  it.each([
    ["example.com", "example.com *.example.com"],
    ["any.example.com", "example.com *.example.com"],
    ["a.b.example.com", undefined],
    ["badexample.com", undefined],
    ["origin.other.test", "origin.other.test"],
    ["none.other.test", undefined],
  ])("%s gets a certificate for %s", (host, names) => {
    expect(certificateNames(zones, host)?.join(" ")).toBe(names);
  });
});
