/*
 * Runs at Cloudflare for every request of the public host: the request goes to the live stack's
 * origin under the origin's own name, and the answer comes back as it is. The two texts are put in
 * by ../originSnippet.ts.
 */
const ORIGIN_HOST = "put-in:host";
const ORIGIN_SECRET = "put-in:secret";

export default {
  async fetch(request) {
    const url = new URL(request.url);
    const visitor = request.headers.get("CF-Connecting-IP") ?? "";
    const host = url.host;
    const scheme = url.protocol.replace(":", "");

    // Part by part: a path that begins with two slashes must not become a host.
    url.protocol = "https:";
    url.hostname = ORIGIN_HOST;
    url.port = "";

    // With its method, its body as a stream, and its Upgrade where it wants to be a websocket.
    const onward = new Request(url, request);
    // What a visitor writes into one of these is not passed on.
    onward.headers.delete("X-Origin-Secret");
    if (ORIGIN_SECRET !== "") onward.headers.set("X-Origin-Secret", ORIGIN_SECRET);
    onward.headers.set("X-Drops-Visitor-IP", visitor);
    onward.headers.set("X-Real-IP", visitor);
    onward.headers.set("X-Forwarded-For", visitor);
    onward.headers.set("X-Forwarded-Host", host);
    onward.headers.set("X-Forwarded-Proto", scheme);

    // Returned as it is: a copy would lose the websocket.
    return fetch(onward, { redirect: "manual" });
  },
};
