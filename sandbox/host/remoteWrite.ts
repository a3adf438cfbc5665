/** Labels of one series. */
export type Labels = Readonly<Record<string, string>>;

/**
 * The series of a push by Prometheus' remote-write protocol 0.1.0: a WriteRequest of Protocol Buffers
 * in Snappy's block format. Undefined where it is none.
 */
export function seriesIn(body: Buffer): readonly Labels[] | undefined {
  try {
    return fieldsOf(unsnap(body), 1).map((series) =>
      Object.fromEntries(
        fieldsOf(series, 1).map((label) => [textIn(label, 1), textIn(label, 2)] as const),
      ),
    );
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function textIn(message: Buffer, field: number): string {
  return fieldsOf(message, field)[0]?.toString("utf8") ?? "";
}

/** Contents of a message's fields of one number, of those whose length is told. */
function fieldsOf(message: Buffer, number: number): readonly Buffer[] {
  const found: Buffer[] = [];
  for (let at = 0; at < message.length;) {
    const tag = varint(message, at);
    at = tag.end;
    const wireType = tag.value & 7;
    if (wireType === 0) {
      at = varint(message, at).end;
    } else if (wireType === 2) {
      const length = varint(message, at);
      at = length.end + length.value;
      if (tag.value >> 3 === number) found.push(message.subarray(length.end, at));
    } else if (wireType === 1 || wireType === 5) {
      at += wireType === 1 ? 8 : 4;
    } else {
      throw new RangeError("a field of no known type");
    }
    if (at > message.length) throw new RangeError("a field is longer than its message");
  }
  return found;
}

/** A number of seven bits a byte, the lowest first, and where the next thing begins. */
function varint(bytes: Buffer, from: number): { readonly value: number; readonly end: number } {
  let value = 0;
  for (let at = from, unit = 1; at < from + 10; at++, unit *= 128) {
    const byte = bytes.readUInt8(at);
    value += (byte & 127) * unit;
    if (byte < 128) return { value, end: at + 1 };
  }
  throw new RangeError("a number without end");
}

/** Most that is unpacked, bytes: what nginx lets in, unpacked as well as Snappy can. */
const MOST = 64 * 1024 * 1024;

/** Snappy's block format: literals, and copies of what was unpacked already. */
function unsnap(packed: Buffer): Buffer {
  const length = varint(packed, 0);
  if (length.value > MOST) throw new RangeError("too much");
  const unpacked = Buffer.alloc(length.value);
  let filled = 0;
  for (let at = length.end; at < packed.length;) {
    const tag = packed.readUInt8(at++);
    const kind = tag & 3;
    if (kind === 0) {
      let size = tag >> 2;
      if (size >= 60) {
        const bytes = size - 59;
        size = packed.readUIntLE(at, bytes);
        at += bytes;
      }
      if (at + size + 1 > packed.length) throw new RangeError("a literal is cut off");
      filled += packed.copy(unpacked, filled, at, at + size + 1);
      at += size + 1;
      continue;
    }
    const bytes = kind === 1 ? 1 : kind === 2 ? 2 : 4;
    const low = packed.readUIntLE(at, bytes);
    at += bytes;
    const offset = kind === 1 ? ((tag >> 5) << 8) | low : low;
    const size = kind === 1 ? ((tag >> 2) & 7) + 4 : (tag >> 2) + 1;
    if (offset === 0 || offset > filled) throw new RangeError("a copy of nothing");
    // One by one: a copy may reach into itself.
    for (let end = Math.min(filled + size, unpacked.length); filled < end; filled++) {
      unpacked[filled] = unpacked[filled - offset] ?? 0;
    }
  }
  if (filled !== unpacked.length) throw new RangeError("not what the length says");
  return unpacked;
}
