import * as pulumi from "@pulumi/pulumi";
import * as state from "@pulumi/pulumi/runtime/state";
import type { Values } from "../../cloud/kind";
import type { AwsTestCloud } from "./testCloud";

const withLocalStorage = (
  state as unknown as { withLocalStorage: <T>(run: () => Promise<T>) => Promise<T> }
).withLocalStorage;

/** What resources of providers that the cloud has not answer, by the last part of the type and the name. */
export type Others = Readonly<Record<string, (name: string) => Values>>;

const signature = "4dabf18193072939515e22adb298388d";

/** Without the mark of secrets, and with assets as the engine sends them: mocks are given others. */
async function asSent(value: unknown): Promise<unknown> {
  if (Array.isArray(value)) return await Promise.all(value.map(asSent));
  if (typeof value !== "object" || value === null) return value;
  if (pulumi.asset.AssetArchive.isInstance(value)) {
    const { assets } = value as pulumi.asset.AssetArchive;
    return {
      ...{ [signature]: "0def7320c3a5731c473e5ecbe6d01bc7", hash: "" },
      assets: await asSent(await assets),
    };
  }
  if (pulumi.asset.StringAsset.isInstance(value)) {
    const text = await (value as pulumi.asset.StringAsset).text;
    return { [signature]: "c44067f5952c0a294b673a41bacd8c17", hash: "", text };
  }
  const { [signature]: mark } = value as Values;
  if (mark === "1b47061264138c4ac30d75fd1eb44270") return await asSent((value as Values)["value"]);
  const entries = Object.entries(value).map(
    async ([key, one]) => [key, await asSent(one)] as const,
  );
  return Object.fromEntries(await Promise.all(entries));
}

/**
 * Has the embedded cloud make what a program registers, as the engine would.
 *
 * @returns what the program resolves to.
 */
export async function deployProgram<T>(
  cloud: AwsTestCloud,
  program: () => pulumi.Input<T>,
  others: Others = {},
): Promise<T> {
  const failures: unknown[] = [];
  return await withLocalStorage(async () => {
    await pulumi.runtime.setMocks(
      {
        newResource: async ({ type, name, inputs, custom }) => {
          const given = (await asSent(inputs)) as Values;
          const [, token = "", last = ""] = type.split(":");
          if (custom !== true) return { id: "", state: given };
          if (!cloud.has(type)) return { id: name, state: { ...given, ...others[last]?.(name) } };
          if (failures.length > 0) return { id: name, state: given };
          try {
            const made = await cloud.create(`${token}:${last}`, name, given, "large");
            return { id: made.id, state: { ...made.inputs, ...made.outputs } };
          } catch (error) {
            // Thrown here it would be the error of all that waits for this one.
            failures.push(new Error(`${name}: ${(error as Error).message}`, { cause: error }));
            return { id: name, state: given };
          }
        },
        call: () => ({}),
      },
      ...(["drops", "large", false] as const),
    );
    let result: pulumi.Output<T> | undefined;
    await pulumi.runtime.runInPulumiStack(() => {
      result = pulumi.output(program()) as pulumi.Output<T>;
      return Promise.resolve({});
    });
    await pulumi.runtime.disconnect();
    if (failures.length > 0) throw failures[0] as Error;
    if (!result) throw new Error("the program did not run");
    return await new Promise<T>((resolve) => {
      pulumi.unsecret(result as pulumi.Output<T>).apply(resolve);
    });
  });
}
