import { chmodSync, chownSync, readFileSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { nobody } from "./postgresServer";
import { run, temporaryDirectory } from "./support";

/** An authority, and a server's certificate from it for the name "localhost" alone. */
export interface TestAuthority {
  /** Path of the authority's certificate, which a machine would trust as SSL_CERT_FILE. */
  readonly file: string;
  readonly pem: string;
  /** Settings of a Postgres that shows the certificate. */
  readonly settings: Readonly<Record<string, string>>;
}

export function makeAuthority(): TestAuthority {
  const directory = temporaryDirectory();
  const at = (name: string): string => join(directory, name);
  const openssl = (...args: string[]): void => {
    const result = run("openssl", args);
    expect(result.status, result.output).toBe(0);
  };
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  openssl(
    ...["req", "-x509", ...key, "-days", "2", "-subj", "/CN=Test authority"],
    ...["-keyout", at("ca.key"), "-out", at("ca.pem")],
  );
  openssl("req", ...key, "-subj", "/CN=db", "-keyout", at("server.key"), "-out", at("server.csr"));
  writeFileSync(at("extensions"), "subjectAltName=DNS:localhost\n");
  openssl(
    ...["x509", "-req", "-in", at("server.csr"), "-CA", at("ca.pem"), "-CAkey", at("ca.key")],
    ...["-CAcreateserial", "-days", "2", "-extfile", at("extensions"), "-out", at("server.pem")],
  );
  chmodSync(at("server.key"), 0o600);
  // Postgres takes no key that others could read, or that is not its user's.
  if (userInfo().uid === 0) chownSync(at("server.key"), nobody, nobody);
  return {
    file: at("ca.pem"),
    pem: readFileSync(at("ca.pem"), "utf8"),
    settings: { ssl: "on", ssl_cert_file: at("server.pem"), ssl_key_file: at("server.key") },
  };
}
