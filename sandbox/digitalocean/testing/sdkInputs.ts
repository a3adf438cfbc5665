import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import ts from "typescript";
import { z } from "zod";

/** What differs between the inputs that an SDK declares and those that a kind takes; empty: nothing. */
export function differencesFromSdk(
  sdk: string,
  file: string,
  args: string,
  shape: z.ZodObject,
): readonly string[] {
  const root = dirname(createRequire(__filename).resolve(`${sdk}/package.json`));
  const interfaces = new Map([
    ...interfacesIn(join(root, "types/input.d.ts")),
    ...interfacesIn(join(root, `${file}.d.ts`)),
  ]);
  return compare(args, shape, args);

  function compare(name: string, schema: z.ZodObject, path: string): readonly string[] {
    const members = interfaces.get(name);
    if (!members) return [`${path}: the SDK has no interface ${name}`];
    const known = Object.keys(schema.shape);
    const unknown = known.filter((key) => !members.has(key));
    return [
      ...unknown.map((key) => `${path}.${key}: the SDK does not have it`),
      ...[...members].flatMap(([key, { optional, nested }]) => {
        const own = schema.shape[key] as z.ZodType | undefined;
        if (!own) return [`${path}.${key}: the kind does not have it`];
        if (optional && !own.safeParse(undefined).success) {
          return [`${path}.${key}: the SDK lets it out, the kind does not`];
        }
        if (nested === undefined) return [];
        const inner = objectIn(own);
        return inner
          ? compare(nested, inner, `${path}.${key}`)
          : [`${path}.${key}: not an object as ${nested} is`];
      }),
    ];
  }
}

interface Member {
  readonly optional: boolean;
  /** Interface of the value, of a list's entries or of a map's. */
  readonly nested: string | undefined;
}

type Interfaces = ReadonlyMap<string, ReadonlyMap<string, Member>>;
const read = new Map<string, Interfaces>();

function interfacesIn(file: string): Interfaces {
  const found = read.get(file) ?? readInterfaces(file);
  read.set(file, found);
  return found;
}

function readInterfaces(file: string): Interfaces {
  const source = ts.createSourceFile(
    file,
    readFileSync(file, "utf8"),
    ts.ScriptTarget.Latest,
    true,
  );
  const found = new Map<string, ReadonlyMap<string, Member>>();
  // Packages of many services have a namespace for each, with interfaces of the same names.
  const visit = (node: ts.Node, within = ""): void => {
    if (ts.isInterfaceDeclaration(node)) {
      found.set(
        `${within}${node.name.text}`,
        new Map(
          node.members.filter(ts.isPropertySignature).map((member) => {
            const type = member.type?.getText(source) ?? "";
            return [
              (member.name as ts.Identifier).text,
              {
                optional: member.questionToken !== undefined,
                nested: /\binputs\.((?:\w+\.)?\w+)/.exec(type)?.[1],
              },
            ];
          }),
        ),
      );
    }
    const inside = ts.isModuleDeclaration(node) ? `${node.name.text}.` : within;
    ts.forEachChild(node, (child) => {
      visit(child, inside);
    });
  };
  visit(source);
  return found;
}

function objectIn(schema: z.ZodType): z.ZodObject | undefined {
  if (schema instanceof z.ZodObject) return schema;
  if (schema instanceof z.ZodOptional) return objectIn(schema.unwrap() as z.ZodType);
  if (schema instanceof z.ZodArray) return objectIn(schema.element as z.ZodType);
  if (schema instanceof z.ZodRecord) return objectIn(schema.valueType as z.ZodType);
  return undefined;
}
