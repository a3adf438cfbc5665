import { connect, createServer, type Socket } from "node:net";
import { onTestFinished } from "vitest";

/** Settings that PgBouncer follows by itself; with any other it refuses the connection. */
const followed = [
  ...["user", "database", "application_name", "client_encoding"],
  ...["datestyle", "timezone", "standard_conforming_strings", "intervalstyle"],
];

export interface Pooler {
  readonly port: number;
  /** Who connected. */
  readonly names: string[];
  /** What PgBouncer would have refused, or carried over to whoever has the connection next. */
  readonly faults: string[];
}

/**
 * Stands in for a PgBouncer that pools transactions. Connections are not shared; what keeps them from
 * being shared is noted down.
 */
export async function newPooler(postgresPort: number): Promise<Pooler> {
  const names: string[] = [];
  const faults: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    sockets.add(client);
    client.on("error", () => client.destroy());
    let postgres: Socket | undefined;
    let unread = Buffer.alloc(0);
    client.on("data", (chunk: Buffer) => {
      unread = Buffer.concat([unread, chunk]);
      if (!postgres) {
        const length = unread.length >= 4 ? unread.readInt32BE(0) : Infinity;
        if (unread.length < length) return;
        const settings = settingsOf(unread.subarray(8, length));
        names.push(settings["application_name"] ?? "");
        const refused = Object.keys(settings).find((name) => !followed.includes(name));
        if (refused !== undefined) {
          faults.push(`unsupported startup parameter: ${refused}`);
          client.end(fatal("08P01", `unsupported startup parameter: ${refused}`));
          return;
        }
        postgres = connect(postgresPort, "127.0.0.1");
        sockets.add(postgres);
        postgres.on("error", () => client.destroy()).on("close", () => client.destroy());
        client.on("close", () => postgres?.destroy());
        postgres.pipe(client);
        postgres.write(unread.subarray(0, length));
        unread = unread.subarray(length);
      }
      while (unread.length >= 5 && unread.length > unread.readInt32BE(1)) {
        const whole = unread.subarray(0, 1 + unread.readInt32BE(1));
        unread = unread.subarray(whole.length);
        const [type, content] = [whole.toString("latin1", 0, 1), whole.toString("utf8", 5)];
        if (type === "P" && !content.startsWith("\0")) faults.push(`named: ${nameIn(content)}`);
        if (/(^|;)\s*(LISTEN|SET (?!LOCAL))/i.test(content)) faults.push(content);
        postgres.write(whole);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as { port: number };
  return { port, names, faults };
}

function settingsOf(startup: Buffer): Readonly<Record<string, string>> {
  const words = startup.toString("utf8").split("\0");
  const settings: Record<string, string> = {};
  for (let index = 0; words[index]; index += 2) settings[words[index]!] = words[index + 1] ?? "";
  return settings;
}

function nameIn(content: string): string {
  return content.slice(0, content.indexOf("\0"));
}

/** An ErrorResponse of Postgres' protocol. */
function fatal(code: string, message: string): Buffer {
  const fields = Buffer.from(`SFATAL\0VFATAL\0C${code}\0M${message}\0\0`);
  const head = Buffer.from("E\0\0\0\0");
  head.writeInt32BE(4 + fields.length, 1);
  return Buffer.concat([head, fields]);
}
