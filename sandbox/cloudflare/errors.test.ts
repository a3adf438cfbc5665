import { describe, expect, it } from "vitest";
import { CloudError } from "../cloud/kind";
import { cloudflare } from ".";
import { CloudflareError } from "./errors";

const zoneId = "a".repeat(32);

describe("a refusal of Cloudflare", () => {
  it("shows the request and the answer's body", () => {
    const error = new CloudflareError(20217, "no", "/kind");
    const type = "cloudflare:index/ruleset:Ruleset";
    expect(cloudflare.refusal(error, { verb: "create", type, inputs: { zoneId } })).toBe(
      "1 error occurred:\n\t* failed to make http request: " +
        `POST "https://api.cloudflare.com/client/v4/zones/${zoneId}/rulesets": 400 Bad Request ` +
        '{"result":null,"success":false,"errors":[{"code":20217,"message":"no","source":{"pointer":"/kind"}}],"messages":[]}',
    );
    const setting = {
      type: "cloudflare:index/zoneSetting:ZoneSetting",
      inputs: { zoneId, settingId: "ssl" },
    };
    expect(
      cloudflare.refusal(new CloudError(404, "gone"), { verb: "create", ...setting }),
    ).toContain(
      `PATCH "https://api.cloudflare.com/client/v4/zones/${zoneId}/settings/ssl": 404 Not Found`,
    );
  });

  it.each([
    [{}, true],
    [{ apiToken: "a".repeat(40) }, true],
    [{ apiToken: "short" }, false],
    [{ token: "a".repeat(40) }, false],
  ])("configuration %j", (given, fits) => {
    expect(cloudflare.configuration.strict().safeParse(given).success).toBe(fits);
  });
});
