import { describe, expect, it } from "vitest";
import { classify } from "../server/errors";

const postgres = (code: string): Error => Object.assign(new Error("from Postgres"), { code });

describe("an error of the database", () => {
  it.each([
    ["25006", "read-only"],
    ["57014", "too-slow"],
    ["40001", "busy"],
    ["53300", "busy"],
    ["53100", "connection"],
    ["53200", "connection"],
    ["25P03", "connection"],
    ["57P01", "connection"],
    ["28000", "connection"],
    ["ECONNREFUSED", "connection"],
    ["23505", "other"],
    ["42601", "other"],
  ])("%s is %s", (code, fault) => {
    expect(classify(postgres(code))).toBe(fault);
  });
});
