import { X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { isIP, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkServerIdentity as check, connect, createServer, type Server } from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openAuthority } from "./certificates";
import type { CertificateAuthority } from "./contracts";

const directory = mkdtempSync(join(tmpdir(), "drops-certificates-"));
afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

describe("an authority", () => {
  let authority: CertificateAuthority;
  beforeAll(async () => {
    authority = await openAuthority(join(directory, "one"), "Drops sandbox");
  });

  it("keeps its key to its owner and shows its certificate to everybody", () => {
    expect(statSync(join(directory, "one/authority.pem")).mode & 0o777).toBe(0o600);
    expect(statSync(join(directory, "one/ca.pem")).mode & 0o777).toBe(0o644);
    expect(readFileSync(join(directory, "one/ca.pem"), "utf8")).toBe(authority.certificate);
    expect(authority.certificate).not.toContain("PRIVATE KEY");
  });

  it("is the same when it is opened again, and by two at once", async () => {
    const again = await openAuthority(join(directory, "one"), "another name");
    expect(again.certificate).toBe(authority.certificate);
    const made = await Promise.all(
      [1, 2, 3].map(() => openAuthority(join(directory, "two"), "Drops sandbox")),
    );
    expect(new Set(made.map(({ certificate }) => certificate)).size).toBe(1);
    expect(made[0]!.certificate).not.toBe(authority.certificate);
  });

  it("says what to do with a damaged file", async () => {
    await openAuthority(join(directory, "bad"), "Drops sandbox");
    writeFileSync(join(directory, "bad/authority.pem"), "nonsense");
    await expect(openAuthority(join(directory, "bad"), "x")).rejects.toThrow(
      /bad\/authority\.pem holds no P-256 key and certificate.*Delete it/,
    );
  });

  it("issues what browsers accept: alternative names, a server's purpose, 397 days at most", async () => {
    const { certificate } = await authority.issue(["db.example", "127.0.0.1", "::1"]);
    const issued = new X509Certificate(certificate);
    const issuer = new X509Certificate(authority.certificate);
    expect(issued.subject).toBe("CN=db.example");
    expect(issued.subjectAltName).toBe(
      "DNS:db.example, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1",
    );
    expect(issued.keyUsage).toEqual(["1.3.6.1.5.5.7.3.1"]);
    expect(issued.ca).toBe(false);
    expect(issuer.ca).toBe(true);
    expect(issued.checkIssued(issuer)).toBe(true);
    expect(issued.verify(issuer.publicKey)).toBe(true);
    const from = Date.parse(issued.validFrom);
    expect(from).toBeLessThan(Date.now());
    expect(Date.parse(issued.validTo) - from).toBeLessThanOrEqual(397 * 86_400_000);
    expect(Date.parse(issuer.validTo)).toBeGreaterThan(Date.parse(issued.validTo));
  });

  it("issues no certificate without a name, and another serial number each time", async () => {
    await expect(authority.issue([])).rejects.toThrow("at least one DNS name or IP address");
    const numbers = await Promise.all(
      [1, 2].map(
        async () => new X509Certificate((await authority.issue(["a.example"])).certificate),
      ),
    );
    expect(numbers[0]!.serialNumber).not.toBe(numbers[1]!.serialNumber);
  });

  it("issues for a name that is too long for a subject", async () => {
    const long = `${"a".repeat(60)}.${"b".repeat(60)}.example`;
    const { certificate } = await authority.issue([long]);
    expect(new X509Certificate(certificate).checkHost(long)).toBe(long);
  });
});

describe("a client that trusts the authority", () => {
  let authority: CertificateAuthority;
  let server: Server;
  let port: number;
  beforeAll(async () => {
    authority = await openAuthority(join(directory, "served"), "Drops sandbox");
    const { key, certificate } = await authority.issue([
      "localhost",
      "*.drops.example",
      "127.0.0.1",
    ]);
    server = createServer({ key, cert: certificate }, (socket) => socket.end("hello"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    ({ port } = server.address() as AddressInfo);
  });
  afterAll(() => {
    server.close();
  });
  /** What the server says, or the code of the refusal. */
  const hello = async (ca: string, name: string): Promise<string> =>
    await new Promise((resolve) => {
      // An IP address is no SNI; what the certificate is checked against is told below.
      const servername = isIP(name) === 0 ? name : "";
      const socket = connect({
        host: "127.0.0.1",
        port,
        ca,
        servername,
        checkServerIdentity,
      });
      socket.on("data", (data: Buffer) => {
        resolve(data.toString());
      });
      socket.on("error", (error: NodeJS.ErrnoException) => {
        resolve(error.code ?? error.message);
      });
      function checkServerIdentity(_: string, peer: Parameters<typeof check>[1]) {
        return check(name, peer);
      }
    });

  it.each(["localhost", "app.drops.example", "127.0.0.1"])("reaches %s", async (name) => {
    expect(await hello(authority.certificate, name)).toBe("hello");
  });

  it.each(["other.example", "a.b.drops.example", "127.0.0.2"])("refuses %s", async (name) => {
    expect(await hello(authority.certificate, name)).toBe("ERR_TLS_CERT_ALTNAME_INVALID");
  });

  it("does not trust a server of another authority", async () => {
    const other = await openAuthority(join(directory, "other"), "Drops sandbox");
    expect(await hello(other.certificate, "localhost")).toMatch(
      /UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER|CERT_SIGNATURE_FAILURE|SELF_SIGNED/,
    );
  });
});
