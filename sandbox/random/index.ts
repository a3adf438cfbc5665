import { randomBytes, randomUUID } from "node:crypto";
import { z } from "zod";
import { CloudError, type Kind, type Provider } from "../cloud/kind";
import type { World } from "../contracts";
import { randomText, textInputs, withDefaults } from "./text";

const keepers = z.record(z.string(), z.string()).optional();
const every = (inputs: z.ZodObject): readonly string[] => Object.keys(inputs.shape);

/** Its id is random too: the provider's is "none", which two could not share here. */
const randomPassword: Kind = {
  type: "random:index/randomPassword:RandomPassword",
  inputs: textInputs,
  immutable: every(textInputs),
  idStyle: "hex",
  // `bcryptHash` is left out: nothing on this machine computes it.
  create: ({ inputs, before }) => ({
    outputs: { ...withDefaults(inputs), result: before?.outputs["result"] ?? randomText(inputs) },
  }),
};

const randomString: Kind = {
  ...randomPassword,
  type: "random:index/randomString:RandomString",
  idStyle: (inputs, { world }) =>
    unlike(world, "random:index/randomString:RandomString", () => randomText(inputs)),
  create: ({ id, inputs }) => ({ outputs: { ...withDefaults(inputs), result: id } }),
};

const idInputs = z.object({ byteLength: z.int().min(1), keepers, prefix: z.string().optional() });

const randomId: Kind = {
  type: "random:index/randomId:RandomId",
  inputs: idInputs,
  immutable: every(idInputs),
  idStyle: ({ byteLength }, { world }) =>
    unlike(world, "random:index/randomId:RandomId", () =>
      randomBytes(Number(byteLength)).toString("base64url"),
    ),
  create: ({ id, inputs: { prefix = "" } }) => {
    const bytes = Buffer.from(id, "base64url");
    const hex = bytes.toString("hex");
    const before = String(prefix);
    return {
      outputs: {
        b64Url: before + id,
        b64Std: before + bytes.toString("base64"),
        hex: before + hex,
        dec: before + BigInt(`0x${hex}`).toString(),
      },
    };
  },
};

const uuidInputs = z.object({ keepers });

const randomUuid: Kind = {
  type: "random:index/randomUuid:RandomUuid",
  inputs: uuidInputs,
  immutable: every(uuidInputs),
  idStyle: () => randomUUID(),
  create: ({ id }) => ({ outputs: { result: id } }),
};

/** Short values may come twice; here they are ids as well, which two resources cannot share. */
function unlike(world: World, type: string, make: () => string): string {
  for (let tries = 0; tries < 100; tries += 1) {
    const id = make();
    if (!world.get(type, id)) return id;
  }
  throw new CloudError(500, "too few different values of this length are left: make it longer");
}

export const random: Provider = {
  name: "random",
  kinds: [randomPassword, randomString, randomId, randomUuid],
  lookups: [],
  configuration: z.object({}),
  refusal: ({ message }) => `1 error occurred:\n\t* ${message}`,
};
