import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generate } from "selfsigned";

export interface KeyPair {
  readonly cert: string;
  readonly private: string;
}

export async function authority(name: string): Promise<KeyPair> {
  const attributes = [{ name: "commonName", value: name }];
  const extensions = [{ name: "basicConstraints" as const, cA: true, critical: true }];
  return await generate(attributes, { algorithm: "sha256", extensions });
}

/** A server's certificate, good for one name or for one address and no other. */
export async function certificateOf(
  signer: KeyPair,
  subject: { readonly dns: string } | { readonly ip: string },
): Promise<KeyPair> {
  const name =
    "dns" in subject
      ? { type: 2 as const, value: subject.dns }
      : { type: 7 as const, ip: subject.ip };
  return await generate([{ name: "commonName", value: "server" }], {
    algorithm: "sha256",
    ca: { key: signer.private, cert: signer.cert },
    extensions: [{ name: "subjectAltName", altNames: [name] }],
  });
}

/** Files in a directory of their own, for programs that want paths. */
export function written<N extends string>(
  files: Readonly<Record<N, string>>,
): { readonly paths: Readonly<Record<N, string>>; remove(): void } {
  const directory = mkdtempSync(join(tmpdir(), "drops-files-"));
  const paths = Object.entries<string>(files).map(([name, content]) => {
    const path = join(directory, name);
    writeFileSync(path, content, { mode: 0o600 });
    return [name, path] as const;
  });
  return {
    paths: Object.fromEntries(paths) as Record<N, string>,
    remove: () => {
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
