import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import type { AppComponent, AppEnv, AppSpec } from "./spec";

/** A secret that was sealed for another app, or changed since: the platform cannot open it. */
export class Unopenable extends Error {
  override readonly name = "Unopenable";
}

const shape = /^EV\[1:([A-Za-z0-9+/=]+):([A-Za-z0-9+/=]*)\]$/;
const TAG_BYTES = 16;

export function newSealingKey(): string {
  return randomBytes(32).toString("base64");
}

/**
 * What the platform tells of a secret: encrypted, with a key that is the app's own. Each time that a
 * text is sealed it looks different; what is sealed already stays as it is.
 */
export function sealed(text: string, key: string): string {
  if (shape.test(text)) return text;
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", Buffer.from(key, "base64"), nonce);
  const body = Buffer.concat([cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()]);
  return `EV[1:${nonce.toString("base64")}:${body.toString("base64")}]`;
}

/** @throws Unopenable */
export function opened(text: string, key: string): string {
  const [, nonce, body] = shape.exec(text) ?? [];
  if (nonce === undefined || body === undefined) return text;
  try {
    const bytes = Buffer.from(body, "base64");
    const [iv, aes] = [Buffer.from(nonce, "base64"), Buffer.from(key, "base64")];
    const decipher = createDecipheriv("aes-256-gcm", aes, iv);
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    const plain = [decipher.update(bytes.subarray(0, -TAG_BYTES)), decipher.final()];
    return Buffer.concat(plain).toString("utf8");
  } catch {
    throw new Unopenable("an encrypted value (EV[…]) was not encrypted for this app");
  }
}

/** A spec with every secret in it changed: variables of that type, and logins to registries. */
export function withSecrets(spec: AppSpec, change: (secret: string) => string): AppSpec {
  const envs = (list: readonly AppEnv[]): readonly AppEnv[] =>
    list.map((env) =>
      env.type === "SECRET" && env.value !== undefined ? { ...env, value: change(env.value) } : env,
    );
  const component = <T extends AppComponent>(one: T): T => {
    const { registryCredentials } = one.image;
    return {
      ...one,
      ...(one.envs && { envs: envs(one.envs) }),
      ...(registryCredentials !== undefined && {
        image: { ...one.image, registryCredentials: change(registryCredentials) },
      }),
    };
  };
  return {
    ...spec,
    ...(spec.envs && { envs: envs(spec.envs) }),
    ...(spec.services && { services: spec.services.map(component) }),
    ...(spec.workers && { workers: spec.workers.map(component) }),
    ...(spec.jobs && { jobs: spec.jobs.map(component) }),
  };
}
