import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import type { Values } from "./kind";

/** The engine's way to send an object. Absent values are left out. */
export function toStruct(values: Values): Struct {
  return Struct.fromJavaScript(plain(values) as Parameters<typeof Struct.fromJavaScript>[0]);
}

export function fromStruct(struct: Struct | undefined): Values {
  return struct?.toJavaScript() ?? {};
}

function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, child]) => child !== undefined)
      .map(([key, child]) => [key, plain(child)]),
  );
}
