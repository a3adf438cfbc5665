import { readFileSync } from "node:fs";
import WebSocket from "ws";
import { sandboxZone } from "../../sandbox/places";
import type { TestSandbox } from "./fixture";

export interface Feed {
  /** Types of the messages so far. */
  types(): readonly string[];
  close(): void;
}

/** The live feed as a browser would hold it open, through the edge. */
export async function openFeed({ places, cloud }: TestSandbox): Promise<Feed> {
  const { https } = (await cloud()).address.edge;
  // Not every system resolves names below "localhost".
  const options: WebSocket.ClientOptions & { servername: string } = {
    servername: sandboxZone.domain,
    ca: readFileSync(places.certificate),
    headers: { host: sandboxZone.domain },
  };
  return await feedAt(`wss://127.0.0.1:${https}/ws`, options);
}

/** The live feed at an address; resolves when it has said its first word. */
export async function feedAt(url: string, options: WebSocket.ClientOptions = {}): Promise<Feed> {
  const types: string[] = [];
  const socket = new WebSocket(url, options);
  socket.on("message", (data: Buffer) => {
    types.push((JSON.parse(data.toString()) as { type: string }).type);
  });
  await new Promise<void>((resolve, reject) => {
    socket.once("error", reject);
    socket.once("message", () => {
      resolve();
    });
  });
  return {
    types: () => types,
    close: () => {
      socket.close();
    },
  };
}
