import type { Label } from "./remoteWriteSeries";

/** Says that a series has ended: a NaN of Prometheus' own, which JavaScript's would lose. */
export const STALE = "stale";

export interface Sample {
  readonly value: number | typeof STALE;
  /** Milliseconds since 1970. */
  readonly at: number;
}

export interface TimeSeries {
  readonly labels: readonly Label[];
  /** The oldest first. */
  readonly samples: readonly Sample[];
}

const STALE_NAN = 0x7ff0000000000002n;

/** Body of a push by Prometheus' remote-write protocol 0.1.0: Protocol Buffers in Snappy's format. */
export function writeRequest(series: readonly TimeSeries[]): Buffer {
  return snappy(Buffer.concat(series.map((each) => message(1, timeSeries(each)))));
}

function timeSeries({ labels, samples }: TimeSeries): Buffer {
  return Buffer.concat([
    ...labels.map(([name, value]) =>
      message(1, Buffer.concat([message(1, Buffer.from(name)), message(2, Buffer.from(value))])),
    ),
    ...samples.map((each) => message(2, sample(each))),
  ]);
}

function sample({ value, at }: Sample): Buffer {
  const double = Buffer.alloc(8);
  if (value === STALE) double.writeBigUInt64LE(STALE_NAN);
  else double.writeDoubleLE(value);
  return Buffer.concat([tag(1, 1), double, tag(2, 0), varint(at)]);
}

/** A field that is told by its length. */
function message(field: number, content: Buffer): Buffer {
  return Buffer.concat([tag(field, 2), varint(content.length), content]);
}

function tag(field: number, wireType: 0 | 1 | 2): Buffer {
  return Buffer.of((field << 3) | wireType);
}

/** Seven bits a byte, the lowest first; larger than bit operations can take. */
function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...bytes, rest]);
    bytes.push((rest % 128) | 128);
  }
}

/** Bytes of one literal: what two bytes can count. */
const LITERAL = 65_536;

/** Snappy's block format, all of it literal: it is sent a few times a minute, over a private network. */
function snappy(content: Buffer): Buffer {
  const parts = [varint(content.length)];
  for (let from = 0; from < content.length; from += LITERAL) {
    const literal = content.subarray(from, from + LITERAL);
    const head = Buffer.of(61 << 2, 0, 0);
    head.writeUInt16LE(literal.length - 1, 1);
    parts.push(head, literal);
  }
  return Buffer.concat(parts);
}
