import { createServer } from "node:http";
import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import { resolveEngine } from ".";
import { checksumIn } from "./download";
import { engineVersion } from "./requirements";
import { archive, entryName, files, serve, Site, sumsName } from "./testing/fakes";
import { EngineError, type EngineOptions } from "./types";

/** Outcome of the download where there is no other way to an engine. */
async function outcome(site: Site, options: EngineOptions): Promise<string> {
  const error: unknown = await resolveEngine(site.options(options)).catch(
    (caught: unknown) => caught,
  );
  expect(error).toBeInstanceOf(EngineError);
  // A failure leaves nothing behind: no entry, no workshop, no lock.
  expect(site.cached()).toEqual([]);
  return (error as EngineError).tried.find(({ source }) => source === "download")!.outcome;
}

describe("the official release", () => {
  it("is downloaded, verified, unpacked and kept", async () => {
    const site = new Site();
    const { name, bytes, sums } = archive(site, `echo v${engineVersion}`);
    const releasesUrl = await serve(files({ [name]: bytes, [sumsName]: sums }));
    const engine = await resolveEngine(site.options({ releasesUrl }));
    expect(engine).toMatchObject({
      path: `${site.cache}/${entryName}/bin/pulumi`,
      version: engineVersion,
      source: "download",
      why: `downloaded from ${new URL(releasesUrl).host}, checksum verified`,
      languageHostDir: `${site.cache}/${entryName}/bin`,
    });
    expect(site.cached()).toEqual([entryName]);
    expect(site.said).toEqual([expect.stringMatching(/^downloading Pulumi .* MB\)$/)]);
    expect(await resolveEngine(site.options())).toMatchObject({ source: "cache" });
  });

  it("is refused with another checksum than the published one", async () => {
    const site = new Site();
    const { name, bytes, sums } = archive(site, `echo v${engineVersion}`);
    const releasesUrl = await serve(
      files({ [name]: Buffer.concat([bytes, bytes]), [sumsName]: sums }),
    );
    expect(await outcome(site, { releasesUrl })).toMatch(/has the checksum .* as published/);
  });

  it("is refused without a published checksum", async () => {
    const site = new Site();
    const { name, bytes } = archive(site, `echo v${engineVersion}`);
    const releasesUrl = await serve(
      files({ [name]: bytes, [sumsName]: `${"a".repeat(64)}  another.tar.gz\n` }),
    );
    expect(await outcome(site, { releasesUrl })).toContain(`has no checksum of ${name}`);
  });

  it("is not kept where it does not run", async () => {
    const site = new Site();
    const { name, bytes, sums } = archive(site, "exit 7");
    const releasesUrl = await serve(files({ [name]: bytes, [sumsName]: sums }));
    expect(await outcome(site, { releasesUrl })).toContain("exit code 7");
  });

  it("is given up at 404", async () => {
    const site = new Site();
    const releasesUrl = await serve(files({}));
    expect(await outcome(site, { releasesUrl })).toBe(`${releasesUrl}/${sumsName} answered 404`);
  });

  it("is given up where nobody answers", async () => {
    const site = new Site();
    const releasesUrl = await serve(() => undefined);
    expect(await outcome(site, { releasesUrl, limits: { connect: 200 } })).toBe(
      `${new URL(releasesUrl).host} cannot be reached (no answer in 0.2 s)`,
    );
  });

  it("is given up where the host has no address", async () => {
    const site = new Site();
    expect(await outcome(site, { releasesUrl: "https://releases.invalid/sdk" })).toMatch(
      /^releases\.invalid cannot be reached \((ENOTFOUND|EAI_AGAIN)\)$/,
    );
  });

  it.each([
    ["stops in the middle", false, /sent nothing for 0\.2 s/],
    ["breaks off", true, /broke off/],
  ])("is given up where it %s", async (_how, destroy, message) => {
    const site = new Site();
    const { bytes, sums } = archive(site, `echo v${engineVersion}`);
    const releasesUrl = await serve((request, response) => {
      if (request.url?.endsWith(sumsName) === true) {
        response.end(sums);
        return;
      }
      response.writeHead(200, { "content-length": bytes.length });
      response.write(bytes.subarray(0, 40), () => {
        if (destroy) response.destroy();
      });
    });
    expect(await outcome(site, { releasesUrl, limits: { stall: 200 } })).toMatch(message);
  });

  it("follows a redirect, and not for ever", async () => {
    const site = new Site();
    const { name, bytes, sums } = archive(site, `echo v${engineVersion}`);
    const target = await serve(files({ [name]: bytes, [sumsName]: sums }));
    const once = await serve((request, response) => {
      response.writeHead(302, { location: `${target}${request.url ?? ""}` }).end();
    });
    const loop = await serve((request, response) => {
      response.writeHead(302, { location: request.url ?? "" }).end();
    });
    expect(await outcome(site, { releasesUrl: loop })).toMatch(/redirects more than 3 times/);
    expect(await resolveEngine(site.options({ releasesUrl: once }))).toMatchObject({
      source: "download",
    });
  });
});

describe("a proxy", () => {
  /** Forwards connections for those who log in as ann; the authorities that it was asked for. */
  async function proxy(password: string) {
    const asked: string[] = [];
    const server = createServer();
    server.on("connect", (request, socket) => {
      asked.push(request.url ?? "");
      const login = Buffer.from(`ann:${password}`).toString("base64");
      if (request.headers["proxy-authorization"] !== `Basic ${login}`) {
        socket.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
        return;
      }
      const [host, port] = (request.url ?? "").split(":");
      const onward = connect(Number(port), host, () => {
        socket.write("HTTP/1.1 200 OK\r\n\r\n");
        onward.pipe(socket).pipe(onward);
      });
      onward.on("error", () => socket.destroy());
      socket.on("error", () => onward.destroy());
    });
    return { asked, host: new URL(await serve(server)).host };
  }

  it("is used where the environment names one", async () => {
    const site = new Site();
    const { name, bytes, sums } = archive(site, `echo v${engineVersion}`);
    const releasesUrl = await serve(files({ [name]: bytes, [sumsName]: sums }));
    const { asked, host } = await proxy("p@ss");
    const environment = { http_proxy: `http://ann:p%40ss@${host}` };
    const engine = await resolveEngine(site.options({ releasesUrl, environment }));
    expect(engine.source).toBe("download");
    expect(asked).toEqual([new URL(releasesUrl).host, new URL(releasesUrl).host]);
  });

  it("that refuses is named without its password", async () => {
    const site = new Site();
    const { host } = await proxy("right");
    const environment = { HTTP_PROXY: `http://ann:wrong@${host}` };
    const said = await outcome(site, { releasesUrl: "http://pulumi.example/sdk", environment });
    expect(said).toBe(`the proxy ${host} answered 407 for pulumi.example:80`);
  });
});

it("finds a checksum among others, in text and binary mode", () => {
  const sum = "A".repeat(64);
  expect(checksumIn(`${"b".repeat(64)}  x.tar.gz.sig\n${sum}  x.tar.gz\r\n`, "x.tar.gz")).toBe(
    sum.toLowerCase(),
  );
  expect(checksumIn(`${sum} *x.tar.gz`, "x.tar.gz")).toBe(sum.toLowerCase());
  expect(checksumIn(`${sum}x  x.tar.gz`, "x.tar.gz")).toBeUndefined();
  expect(checksumIn("", "x.tar.gz")).toBeUndefined();
});
