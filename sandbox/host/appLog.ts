import { createWriteStream, mkdirSync, renameSync, statSync, type WriteStream } from "node:fs";
import { dirname } from "node:path";
import { Transform, type Readable, type TransformCallback } from "node:stream";
import { StringDecoder } from "node:string_decoder";

/** Beyond it a log is put aside when the app starts; on a droplet that is logrotate's work. */
const MAX_BYTES = 20 * 1024 * 1024;

/** One of the app's logs, which the output of all its processes goes into, line by line. */
export class AppLog {
  private readonly file: WriteStream;

  constructor(path: string) {
    mkdirSync(dirname(path), { recursive: true });
    const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    if (size > MAX_BYTES) renameSync(path, `${path}.1`);
    this.file = createWriteStream(path, { flags: "a", mode: 0o640 });
    // One pipe a process.
    this.file.setMaxListeners(0);
    // A full disk must not end the app.
    this.file.on("error", () => undefined);
  }

  take(output: Readable | null): void {
    output?.pipe(new TimedLines()).pipe(this.file, { end: false });
  }
}

/** Puts the time before each line, as PM2 does with `time: true`. */
class TimedLines extends Transform {
  private readonly decoder = new StringDecoder("utf8");
  private rest = "";

  override _transform(chunk: Buffer, _: BufferEncoding, done: TransformCallback): void {
    const lines = (this.rest + this.decoder.write(chunk)).split("\n");
    this.rest = lines.pop() ?? "";
    done(null, lines.map(timed).join(""));
  }

  override _flush(done: TransformCallback): void {
    done(null, this.rest === "" ? "" : timed(this.rest));
  }
}

function timed(line: string): string {
  return `${new Date().toISOString().slice(0, 19)}: ${line}\n`;
}
