import * as pulumi from "@pulumi/pulumi";

/**
 * An output of this very stack as its last deploy left it; undefined before the first. Only for what
 * a provider tells once and wants to be told again.
 *
 * To be awaited before anything is registered: a backend of files writes the stack's state while
 * resources are, and whoever reads it at that moment may find half of it.
 */
export async function ownOutput(name: string): Promise<unknown> {
  const stack = `${pulumi.getOrganization()}/${pulumi.getProject()}/${pulumi.getStack()}`;
  const own = new pulumi.StackReference("own-outputs", { name: stack });
  const found = (await own.getOutputDetails(name)) as Readonly<
    Record<"value" | "secretValue", unknown>
  >;
  return found.value ?? found.secretValue;
}
