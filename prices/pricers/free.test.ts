import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { pricers } from "../estimate";
import { freeTypes, isFree } from "./free";

describe("free types", () => {
  it.each(["random:index/randomPassword:RandomPassword", "command:remote:Command"])(
    "%s",
    (type) => {
      expect(isFree(type)).toBe(true);
    },
  );

  it("makes no provider free as a whole", () => {
    expect(isFree("digitalocean:index/volume:Volume")).toBe(false);
    expect(isFree("cloudflare:index/loadBalancer:LoadBalancer")).toBe(false);
    expect(isFree("randomly:index/thing:Thing")).toBe(false);
  });

  it("prices no type that it calls free", () => {
    expect(Object.keys(pricers).filter(isFree)).toEqual([]);
  });

  it.each([...Object.keys(pricers), ...freeTypes])("%s is a type of its provider", (token) => {
    const [name, module] = token.split(":");
    const file = join("node_modules", "@pulumi", name!, `${module!.replace("index/", "")}.js`);
    expect(existsSync(file), file).toBe(true);
    expect(readFileSync(file, "utf8")).toContain(`__pulumiType = '${token}'`);
  });
});
