import * as grpc from "@grpc/grpc-js";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as rpc from "@pulumi/pulumi/proto/provider_pb";
import { afterEach, beforeEach, expect, it } from "vitest";
import { AwsTestCloud } from "../aws/testing/testCloud";
import { aws } from "../aws";
import type { Operations } from "./operations";
import { ProviderServer } from "./providerServer";
import { fromStruct, toStruct } from "./structs";
import type { Values } from "./kind";

let server: ProviderServer;
let port: number;
let cloud: AwsTestCloud;
let clients: ResourceProviderClient[];
beforeEach(async () => {
  cloud = new AwsTestCloud();
  clients = [];
  server = new ProviderServer({
    ...{ provider: aws, version: "7.48.0", operations: undefined as unknown as Operations },
    ...{ cloud: cloud.cloud, log: () => undefined },
  });
  port = await server.listen();
});
afterEach(() => {
  for (const client of clients) client.close();
  server.close();
  cloud.close();
});

/** One of the engine's providers: a connection of its own, with its settings. */
async function provider(settings?: Values): Promise<ResourceProviderClient> {
  const client = new ResourceProviderClient(
    `127.0.0.1:${port}`,
    grpc.credentials.createInsecure(),
    // Connections of one process are shared otherwise.
    { "grpc.use_local_subchannel_pool": 1 },
  );
  clients.push(client);
  if (settings) {
    const request = new rpc.ConfigureRequest().setArgs(toStruct(settings));
    await new Promise<void>((resolve, reject) => {
      client.configure(request, (error) => {
        if (error) reject(error);
        else resolve();
      });
    });
  }
  return client;
}

async function checked(client: ResourceProviderClient, inputs: Values): Promise<Values> {
  const request = new rpc.CheckRequest()
    .setUrn("urn:pulumi:large::drops::aws:cloudwatch/logGroup:LogGroup::log")
    .setNews(toStruct(inputs));
  return await new Promise((resolve, reject) => {
    client.check(request, (error, response) => {
      if (error) reject(error);
      else resolve(fromStruct(response.getInputs()));
    });
  });
}

it("gives each of the engine's providers its own settings, and a new connection the last", async () => {
  const tags = (stack: string) => JSON.stringify({ tags: { "drops:stack": stack } });
  const here = await provider({ region: "eu-central-1", defaultTags: tags("large") });
  const there = await provider({ region: "us-east-1", defaultTags: tags("other") });
  const own = { name: "/log" };
  expect(await checked(here, own)).toEqual({
    ...{ ...own, region: "eu-central-1", tagsAll: { "drops:stack": "large" } },
  });
  expect(await checked(there, { ...own, tags: { a: "b" } })).toEqual({
    ...{ ...own, region: "us-east-1", tags: { a: "b" } },
    tagsAll: { "drops:stack": "other", a: "b" },
  });
  expect(await checked(await provider(), own)).toMatchObject({ region: "us-east-1" });
});
