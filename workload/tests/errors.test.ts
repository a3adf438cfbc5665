import { describe, expect, it } from "vitest";
import { classify, leavesOutcomeUnknown } from "../server/errors";

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
    ["ENETRESET", "connection"],
    ["ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC", "connection"],
    ["23505", "other"],
    ["42601", "other"],
  ])("%s is %s", (code, fault) => {
    expect(classify(postgres(code))).toBe(fault);
  });
});

describe("a COMMIT that failed leaves the outcome unknown", () => {
  it.each([
    ["a driver's words only", new Error("received invalid response: 5a")],
    ["a code of Node that nobody thought of", postgres("EOWNERDEAD")],
    ["one of five letters, as an SQLSTATE has", postgres("EPIPE")],
    ["the server's farewell", postgres("57P01")],
    ["a wait that was given up", postgres("57014")],
  ])("%s", (_name, error) => {
    expect(leavesOutcomeUnknown(error)).toBe(true);
  });

  it.each(["23505", "40001", "25006", "P0001", "XX000"])("but not the server's %s", (code) => {
    expect(leavesOutcomeUnknown(postgres(code))).toBe(false);
  });
});
