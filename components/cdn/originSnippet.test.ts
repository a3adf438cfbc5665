import { afterEach, describe, expect, it, vi } from "vitest";
import { snippetLimits } from "../../prices/cloudflare";
import { renderOriginSnippet } from "./originSnippet";

interface Asked {
  readonly request: Request;
  readonly init: RequestInit | undefined;
}

afterEach(() => {
  vi.unstubAllGlobals();
});

/** Runs the code as a module, with a `fetch` that takes notes. */
async function run(code: string, request: Request, answer = new Response("ok")) {
  const asked: Asked[] = [];
  vi.stubGlobal("fetch", (onward: Request, init?: RequestInit) => {
    asked.push({ request: onward, init });
    return Promise.resolve(answer);
  });
  const url = `data:text/javascript;base64,${Buffer.from(code).toString("base64")}`;
  const module = (await import(/* @vite-ignore */ url)) as {
    default: { fetch(request: Request): Promise<Response> };
  };
  const response = await module.default.fetch(request);
  return { asked, response };
}

const origin = { host: "drops-medium-x7k2p.ondigitalocean.app", secret: "s3cret" };
const code = renderOriginSnippet(origin);

/** As Cloudflare hands it to a snippet. */
function visit(url: string, init: RequestInit = {}): Request {
  const headers = new Headers(init.headers);
  headers.set("CF-Connecting-IP", "203.0.113.9");
  return new Request(url, { ...init, headers });
}

describe("the snippet", () => {
  it.each([
    ["https://drops.example.com/", "/"],
    ["http://drops.example.com/a/b?x=1&y=%2F", "/a/b?x=1&y=%2F"],
    ["https://drops.example.com:8443/a", "/a"],
    // None of these may become a host, or the secret goes there.
    ["https://drops.example.com//evil.example.org/x", "//evil.example.org/x"],
    ["https://drops.example.com/\\evil.example.org", "//evil.example.org"],
    ["https://drops.example.com/@evil.example.org", "/@evil.example.org"],
  ])("fetches %s from the origin over HTTPS", async (url, path) => {
    const { asked, response } = await run(code, visit(url));
    expect(asked.map(({ request }) => request.url)).toEqual([`https://${origin.host}${path}`]);
    expect(await response.text()).toBe("ok");
  });

  it("leaves redirects to the visitor", async () => {
    const answer = new Response(null, { status: 302, headers: { location: "/elsewhere" } });
    const { asked, response } = await run(code, visit("https://drops.example.com/"), answer);
    expect(asked[0]!.init).toEqual({ redirect: "manual" });
    // The very answer: a copy would have lost a websocket.
    expect(response).toBe(answer);
  });

  it("passes method, body and headers on", async () => {
    const { asked } = await run(
      code,
      visit("https://drops.example.com/api/users/1/drops", {
        method: "POST",
        body: '{"a":1}',
        headers: { "content-type": "application/json", upgrade: "websocket", cookie: "a=1" },
      }),
    );
    const { request } = asked[0]!;
    expect(request.method).toBe("POST");
    expect(await request.text()).toBe('{"a":1}');
    expect(Object.fromEntries(request.headers)).toMatchObject({
      "content-type": "application/json",
      upgrade: "websocket",
      cookie: "a=1",
    });
  });

  it("says who asked for which host how, and believes no visitor about it", async () => {
    const forged = {
      "x-origin-secret": "guessed",
      "x-forwarded-for": "6.6.6.6",
      "x-forwarded-host": "evil.example.org",
      "x-forwarded-proto": "gopher",
      "x-real-ip": "6.6.6.6",
      "x-drops-visitor-ip": "6.6.6.6",
    };
    const { asked } = await run(code, visit("http://drops.example.com/", { headers: forged }));
    expect(Object.fromEntries(asked[0]!.request.headers)).toMatchObject({
      "x-origin-secret": "s3cret",
      "x-forwarded-for": "203.0.113.9",
      "x-forwarded-host": "drops.example.com",
      "x-forwarded-proto": "http",
      "x-real-ip": "203.0.113.9",
      "x-drops-visitor-ip": "203.0.113.9",
    });
  });

  it("sends no secret to an origin without one, not even a visitor's", async () => {
    const { asked } = await run(
      renderOriginSnippet({ host: "origin-small.example.com", secret: "" }),
      visit("https://drops.example.com/", { headers: { "X-Origin-Secret": "guessed" } }),
    );
    expect(asked[0]!.request.headers.has("x-origin-secret")).toBe(false);
  });

  it("is as small as Cloudflare wants it", () => {
    expect(Buffer.byteLength(code)).toBeLessThan((snippetLimits.packageKb * 1024) / 8);
    expect(code).not.toMatch(/put-in|\bimport\b|\brequire\b/);
  });
});

describe("values in the snippet", () => {
  it.each(['"; throw 1; "', "\\", "$&$1$'`${1}`", "'</script>*/", "put-in:host"])(
    "cannot end their own string: %s",
    async (secret) => {
      const { asked } = await run(
        renderOriginSnippet({ ...origin, secret: secret.replaceAll(" ", "") }),
        visit("https://drops.example.com/"),
      );
      expect(asked[0]!.request.headers.get("x-origin-secret")).toBe(secret.replaceAll(" ", ""));
    },
  );

  it.each([
    ["", ""],
    ["127.0.0.1", ""],
    ["localhost", ""],
    ["a.example.com/x", ""],
    ['a.example.com";//', ""],
    ["https://a.example.com", ""],
    ["A.example.com", ""],
  ])("are refused where the host is none: %j", (host, secret) => {
    expect(() => renderOriginSnippet({ host, secret })).toThrow(
      `edgeOrigin.host must be a host name in lower case, got "${host}"`,
    );
  });

  it.each(["two words", "line\nbreak", "é"])(
    "are refused, untold, where no header: %j",
    (secret) => {
      expect(() => renderOriginSnippet({ ...origin, secret })).toThrow(
        "the live stack's edgeOrigin.secret must be printable ASCII without spaces",
      );
    },
  );
});
