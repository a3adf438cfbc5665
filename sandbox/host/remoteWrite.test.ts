import { describe, expect, it } from "vitest";
import { writeRequest } from "../../workload/server/remoteWriteFormat";
import { seriesIn } from "./remoteWrite";

describe("seriesIn", () => {
  it("reads what the reference app pushes", () => {
    const labels = (job: string): [string, string][] => [
      ["__name__", "process_memory_usage_bytes"],
      ["instance", "a".repeat(300)],
      ["job", job],
    ];
    const samples = [{ value: 1.5, at: 1_795_000_000_000 }];
    const push = writeRequest([
      { labels: labels("medium/drops"), samples },
      { labels: labels("medium/drops-worker"), samples: [...samples, { value: "stale", at: 2 }] },
    ]);
    expect(seriesIn(push)).toEqual([
      Object.fromEntries(labels("medium/drops")),
      Object.fromEntries(labels("medium/drops-worker")),
    ]);
  });

  it("reads more than one literal can hold", () => {
    const many = Array.from({ length: 3_000 }, (_, number) => ({
      labels: [["__name__", `series_with_a_long_name_${number}`]] as [string, string][],
      samples: [{ value: number, at: 1 }],
    }));
    expect(seriesIn(writeRequest(many))).toHaveLength(3_000);
  });

  it("reads copies, into themselves too, as other clients of Snappy write them", () => {
    // A series { a = "xyxyxyxyxyxy" }: 12 bytes by a literal of two and a copy of ten.
    const head = Buffer.from([0x0a, 0x13, 0x0a, 0x11, 0x0a, 0x01, 0x61, 0x12, 0x0c, 0x78, 0x79]);
    const copies = {
      "one byte": [(6 << 2) | 1, 2],
      "two bytes": [(9 << 2) | 2, 2, 0],
      "four bytes": [(9 << 2) | 3, 2, 0, 0, 0],
    };
    for (const [name, copy] of Object.entries(copies)) {
      const packed = Buffer.from([21, (head.length - 1) << 2, ...head, ...copy]);
      expect([name, seriesIn(packed)]).toEqual([name, [{ a: "xyxyxyxyxyxy" }]]);
    }
  });

  it.each([
    ["nothing", ""],
    ["text", Buffer.from("no metrics at all").toString("hex")],
    ["a length without content", "0a"],
    ["an endless number", "ffffffffffffffffffffff"],
    ["a literal that is cut off", "05100a01"],
    ["a copy of nothing", "040e0100"],
    ["more than is there", "040c0a096162"],
    ["half a number", "041061620000"],
    ["a length beyond all bounds", "ffffffff0f0000"],
  ])("takes %s for no push", (_, hex) => {
    expect(seriesIn(Buffer.from(hex, "hex"))).toBeUndefined();
  });
});
