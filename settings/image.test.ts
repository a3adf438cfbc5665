import { describe, expect, it } from "vitest";
import { exampleImage, isFault, parseImage, readImage } from "./image";

const digest = `sha256:${"0123456789abcdef".repeat(4)}`;
const ofDigest = `@${digest}`;

describe("an image", () => {
  it.each([
    ["ghcr.io/acme/drops", { registryType: "GHCR", registry: "acme", repository: "drops", digest }],
    [
      "ghcr.io/acme/team/drops",
      { registryType: "GHCR", registry: "acme", repository: "team/drops", digest },
    ],
    [
      "docker.io/acme/drops-app_2.x",
      { registryType: "DOCKER_HUB", registry: "acme", repository: "drops-app_2.x", digest },
    ],
    // The account's own registry must not be named again.
    ["registry.digitalocean.com/ours/drops", { registryType: "DOCR", repository: "drops", digest }],
    [
      "registry.digitalocean.com/ours/apps/drops",
      { registryType: "DOCR", repository: "apps/drops", digest },
    ],
  ])("%s", (name, expected) => {
    expect(parseImage(name + ofDigest)).toEqual(expected);
  });

  it("may be the example's, which is no real one", () => {
    expect(parseImage(exampleImage).digest).toMatch(/^sha256:0{64}$/);
  });

  it.each<[text: string, what: RegExp, mended: string]>([
    ["ghcr.io/acme/drops", /without a digest/, "ghcr.io/acme/drops@sha256:DIGEST"],
    ["ghcr.io/acme/drops:v1", /without a digest/, "ghcr.io/acme/drops@sha256:DIGEST"],
    ["acme/drops:v1", /without a digest/, "docker.io/acme/drops@sha256:DIGEST"],
    ["ghcr.io/acme/drops@sha256:abc", /is not sha256/, "ghcr.io/acme/drops@sha256:DIGEST"],
    [
      `ghcr.io/acme/drops@sha512:${"a".repeat(128)}`,
      /is not sha256/,
      "ghcr.io/acme/drops@sha256:DIGEST",
    ],
    [
      `ghcr.io/acme/drops@${digest.toUpperCase()}`,
      /in lower case/,
      `ghcr.io/acme/drops${ofDigest}`,
    ],
    [`ghcr.io/acme/drops:v1${ofDigest}`, /a tag beside/, `ghcr.io/acme/drops${ofDigest}`],
    [`ghcr.io/Acme/Drops${ofDigest}`, /capital letters/, `ghcr.io/acme/drops${ofDigest}`],
    [`GHCR.IO/acme/drops${ofDigest}`, /capital letters/, `ghcr.io/acme/drops${ofDigest}`],
    [`quay.io/acme/drops${ofDigest}`, /from quay\.io/, `ghcr.io/OWNER/drops${ofDigest}`],
    [
      `localhost:5000/acme/drops${ofDigest}`,
      /from localhost:5000/,
      `ghcr.io/OWNER/drops${ofDigest}`,
    ],
    [`localhost/drops${ofDigest}`, /from localhost/, `ghcr.io/OWNER/drops${ofDigest}`],
    [
      `ghcr.io.evil.example/acme/drops${ofDigest}`,
      /from ghcr\.io\.evil/,
      `ghcr.io/OWNER/drops${ofDigest}`,
    ],
    [`acme/drops${ofDigest}`, /without the host/, `docker.io/acme/drops${ofDigest}`],
    [`drops${ofDigest}`, /without the host/, `docker.io/OWNER/drops${ofDigest}`],
    [`constructor/drops${ofDigest}`, /without the host/, `docker.io/constructor/drops${ofDigest}`],
    [`https://ghcr.io/acme/drops${ofDigest}`, /a scheme/, `ghcr.io/acme/drops${ofDigest}`],
    [`ghcr.io/drops${ofDigest}`, /an owner and a name/, `ghcr.io/OWNER/drops${ofDigest}`],
    [`ghcr.io${ofDigest}`, /an owner and a name/, `ghcr.io/OWNER/NAME${ofDigest}`],
    [`ghcr.io/acme//drops${ofDigest}`, /an owner and a name/, `ghcr.io/acme/drops${ofDigest}`],
    [`docker.io/acme/a/drops${ofDigest}`, /on Docker Hub/, `docker.io/acme/drops${ofDigest}`],
    [
      `ghcr.io/acme/drops${ofDigest}${ofDigest}`,
      /more than one @/,
      `ghcr.io/acme/drops${ofDigest}`,
    ],
    [`ghcr.io/acme/ drops${ofDigest}`, /a space/, `ghcr.io/acme/drops${ofDigest}`],
    [` ${ofDigest}`, /a space/, `ghcr.io/OWNER/NAME${ofDigest}`],
    ["@", /is not sha256/, "ghcr.io/OWNER/NAME@sha256:DIGEST"],
  ])("is not %s", (text, what, mended) => {
    const read = readImage(text);
    expect(isFault(read) && read.what).toMatch(what);
    expect(read).toMatchObject({ mended });
    expect(() => parseImage(text)).toThrow(/^image: must be .*, got one (with|from)/);
    // What is proposed is right as soon as the words in capital letters are replaced.
    const filled = mended.replace("sha256:DIGEST", digest).replace(/OWNER|NAME/g, "acme");
    expect(isFault(readImage(filled)), filled).toBe(false);
  });
});
