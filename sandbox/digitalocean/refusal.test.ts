import { describe, expect, it } from "vitest";
import { CloudError } from "../cloud/kind";
import { digitalocean } from ".";
import { ProviderError } from "./refusal";

const request = /\(request "[0-9a-f-]{36}"\) /;
const said = (
  error: CloudError,
  verb: "create" | "update" | "delete" | "read",
  type: string,
  rest: { id?: string; inputs?: Record<string, unknown> } = {},
) => digitalocean.refusal(error, { verb, type: `digitalocean:index/x:${type}`, ...rest });

describe("a refusal of DigitalOcean", () => {
  it("reads as the real provider prints it", () => {
    // As in pulumi-digitalocean's reports of 2024.
    const message = said(new CloudError(409, "Can not delete VPC with members"), "delete", "Vpc", {
      id: "u1",
    });
    expect(message).toMatch(request);
    expect(message.replace(request, "")).toBe(
      "1 error occurred:\n\t* Error deleting VPC: DELETE https://api.digitalocean.com/v2/vpcs/u1: 409 Can not delete VPC with members",
    );
  });

  it.each([
    [
      "create",
      "Droplet",
      {},
      "Error creating droplet: POST https://api.digitalocean.com/v2/droplets: 422 no",
    ],
    [
      "create",
      "SshKey",
      {},
      "Error creating SSH Key: POST https://api.digitalocean.com/v2/account/keys: 422 no",
    ],
    [
      "delete",
      "DatabaseUser",
      { id: "c1/user/app", inputs: { clusterId: "c1" } },
      "Error deleting Database User: DELETE https://api.digitalocean.com/v2/databases/c1/users/app: 422 no",
    ],
    [
      "update",
      "DatabaseFirewall",
      { id: "c1-x", inputs: { clusterId: "c1" } },
      "Error updating DatabaseFirewall: PUT https://api.digitalocean.com/v2/databases/c1/firewall: 422 no",
    ],
    [
      "create",
      "ReservedIpAssignment",
      { inputs: { ipAddress: "198.18.0.1" } },
      "POST https://api.digitalocean.com/v2/reserved_ips/198.18.0.1/actions: 422 no",
    ],
    [
      "create",
      "UptimeAlert",
      { inputs: { checkId: "k" } },
      "POST https://api.digitalocean.com/v2/uptime/checks/k/alerts: 422 no",
    ],
    [
      "create",
      "SpacesBucket",
      { inputs: { name: "b", region: "fra1" } },
      "Error creating Spaces bucket: PUT https://fra1.digitaloceanspaces.com/b: 422 no",
    ],
  ] as const)("%s %s", (verb, type, rest, message) => {
    expect(said(new CloudError(422, "no"), verb, type, rest).replace(request, "")).toContain(
      message,
    );
  });

  it("knows every type", () => {
    for (const { type } of digitalocean.kinds) {
      const message = digitalocean.refusal(new CloudError(422, "no"), { verb: "create", type });
      expect(message).toMatch(/api\.digitalocean\.com\/v2\/\w|digitaloceanspaces\.com/);
    }
  });

  it("is not said to come from the API where the provider itself refuses", () => {
    expect(said(new ProviderError("no"), "create", "Droplet")).toBe("1 error occurred:\n\t* no");
  });
});

describe("the provider's own configuration", () => {
  it.each([
    [{}, undefined],
    [{ token: "dop_v1_".padEnd(71, "0"), httpRetryMax: "4" }, undefined],
    [{ token: "short" }, "too short for a DigitalOcean token"],
    [{ httpRetryMax: "many" }, "expected a number"],
    [{ tocken: "x" }, "Unrecognized key"],
  ])("%j", (given, problem) => {
    const { error } = digitalocean.configuration.strict().safeParse(given);
    if (problem === undefined) expect(error).toBeUndefined();
    else expect(error?.issues[0]?.message).toContain(problem);
  });
});
