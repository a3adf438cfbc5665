import { createHash } from "node:crypto";
import type { types } from "@pulumi/digitalocean";
import * as pulumi from "@pulumi/pulumi";

/**
 * App Platform takes a secret in plain text once and tells it back encrypted ("EV[1:…]") for ever.
 * The provider compares the two and finds a change in every preview, and every update redeploys the
 * app (terraform-provider-digitalocean #1603, open on 2026-09-16). Sending back what the platform
 * told is what its documentation asks for: so a stack keeps, for each secret, the encrypted text and
 * a digest of what it stands for, and sends the plain text only when the digest differs.
 */
export type SealedSecrets = Readonly<Record<string, SealedSecret>>;

export interface SealedSecret {
  /** Of the plain text, together with the secret's name and its scope. */
  readonly digest: string;
  /** As the platform told it. */
  readonly sealed: string;
}

const sealedText = /^EV\[\d+:/;

/** What a sealed text is good for: one app, and what was sent to it since a revision. */
export interface SealScope {
  /** What makes an app another one, which might not open what was sealed for this. */
  readonly app: string;
  /** Raised to have every secret sent anew. */
  readonly revision: number;
}

/** The secret as it should be sent: sealed where the platform has this very value already. */
export function toSend(
  name: string,
  plain: pulumi.Input<string>,
  known: SealedSecrets,
  scope: SealScope,
): pulumi.Output<string> {
  const before = known[name];
  const value = pulumi
    .output(plain)
    .apply((text) => (before?.digest === digestOf(name, text, scope) ? before.sealed : text));
  return pulumi.secret(value);
}

/** What the platform told of the secrets after a deploy; those that it did not seal are left out. */
export function sealedBy(
  secrets: Readonly<Record<string, pulumi.Input<string>>>,
  spec: pulumi.Output<types.output.AppSpec | undefined>,
  scope: SealScope,
): pulumi.Output<SealedSecrets> {
  const found = pulumi.all([secrets, spec]).apply(([plain, told]) => {
    const texts = told === undefined ? {} : textsOf(told);
    return Object.fromEntries(
      Object.entries(plain).flatMap(([name, text]) => {
        const sealed = texts[name];
        return sealed !== undefined && sealedText.test(sealed)
          ? [[name, { digest: digestOf(name, text, scope), sealed }]]
          : [];
      }),
    );
  });
  return pulumi.secret(found);
}

/** Name of a component's variable among the secrets. */
export const variableName = (component: string, key: string): string => `${component}/${key}`;
/** Name of the credentials by which a component's image is fetched. */
export const credentialsName = (component: string): string => `${component}/registry`;

function textsOf(spec: types.output.AppSpec): Record<string, string | undefined> {
  const components = [...(spec.services ?? []), ...(spec.workers ?? []), ...(spec.jobs ?? [])];
  return Object.fromEntries(
    components.flatMap(({ name, envs = [], image }) => [
      [credentialsName(name), image?.registryCredentials],
      ...envs.map(({ key, value }) => [variableName(name, key ?? ""), value] as const),
    ]),
  );
}

function digestOf(name: string, text: string, { app, revision }: SealScope): string {
  return createHash("sha256").update(`${app}\n${revision}\n${name}\n${text}`).digest("hex");
}
