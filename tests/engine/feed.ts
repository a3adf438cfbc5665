import { readFileSync } from "node:fs";
import WebSocket from "ws";
import { sandboxZone } from "../../sandbox/places";
import type { TestSandbox } from "./fixture";

/** The live feed as a browser would hold it open, through the edge. */
export async function openFeed({ places, cloud }: TestSandbox): Promise<{
  types(): readonly string[];
  close(): void;
}> {
  const { https } = (await cloud()).address.edge;
  const types: string[] = [];
  // Not every system resolves names below "localhost".
  const options: WebSocket.ClientOptions & { servername: string } = {
    servername: sandboxZone.domain,
    ca: readFileSync(places.certificate),
    headers: { host: sandboxZone.domain },
  };
  const socket = new WebSocket(`wss://127.0.0.1:${https}/ws`, options);
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
