import { describe, expect, it } from "vitest";
import { z } from "zod";
import { cloudflare } from "../cloudflare";
import { command } from "../command";
import { digitalocean } from ".";
import { differencesFromSdk } from "./testing/sdkInputs";

/** Files of the SDK are named like the type, but for its first letter. */
const fileOf = (type: string): string => type.split("/").at(-1)?.split(":")[0] ?? "";
const nameOf = (type: string): string => type.split(":").at(-1) ?? "";

describe("inputs are those of the SDKs, down to the last nested one", () => {
  it.each(digitalocean.kinds)("$type", ({ type, inputs }) => {
    const differences = differencesFromSdk(
      ...(["@pulumi/digitalocean", fileOf(type), `${nameOf(type)}Args`] as const),
      inputs,
    );
    // The provider itself refuses a cluster without one.
    const required =
      nameOf(type) === "DatabaseCluster"
        ? ["DatabaseClusterArgs.version: the SDK lets it out, the kind does not"]
        : [];
    expect(differences).toEqual(required);
  });

  it.each(cloudflare.kinds)("$type", ({ type, inputs }) => {
    const args = [fileOf(type), `${nameOf(type)}Args`] as const;
    expect(differencesFromSdk("@pulumi/cloudflare", ...args, inputs)).toEqual([]);
  });

  it.each(command.kinds)("$type", ({ inputs }) => {
    expect(differencesFromSdk("@pulumi/command", "remote/command", "CommandArgs", inputs)).toEqual(
      [],
    );
  });

  it("and a missing one, a wrong one and one too many are found", () => {
    const shape = z.object({ name: z.string(), region: z.string(), size: z.string().optional() });
    expect(differencesFromSdk("@pulumi/digitalocean", "vpc", "VpcArgs", shape)).toEqual([
      "VpcArgs.size: the SDK does not have it",
      "VpcArgs.description: the kind does not have it",
      "VpcArgs.ipRange: the kind does not have it",
      "VpcArgs.name: the SDK lets it out, the kind does not",
    ]);
  });
});
