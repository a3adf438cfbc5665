import { createServer } from "node:http";
import { join } from "node:path";
import { BODY_LIMIT, createApp } from "./app";
import { UserCache } from "./cache";
import { type Config, readConfig } from "./config";
import { ControlWatch, modes } from "./control";
import { Database } from "./db";
import { Feed } from "./feed";
import { Forwarder } from "./forward";
import { WebsocketForwarder } from "./forwardWebsockets";
import { Janitor } from "./janitor";
import type { Logger } from "./log";
import { defineMetrics } from "./metrics";
import { openMetrics } from "./metricsReaders";
import { cameThroughCdn, requireOrigin } from "./origin";
import { runProgram } from "./program";
import { readinessOf } from "./readiness";
import { openCommands } from "./redis";
import { RedisLink } from "./redisLink";
import { endGracefully } from "./shutdown";
import { silenceMs } from "./silence";
import { acceptUpgrades, upgradeOptions } from "./upgrades";
import { visitorOf } from "./visitor";
import { Websockets } from "./websockets";

/** Time over which websockets move to a new tier. */
const MOVE_MS = 5_000;

async function main(config: Config, log: Logger): Promise<void> {
  const pipeline = openMetrics(config, "drops", log);
  const metrics = defineMetrics(pipeline.meter);
  const control = new ControlWatch(config, log);
  const database = new Database(config.database, metrics, log, control);
  const redis = config.redis && new RedisLink(openCommands(config.redis, log), log);
  const cache = new UserCache(redis, config.cacheTtlSeconds, metrics);
  const feed = new Feed(config.redis, redis, database, control, metrics, log);
  const websockets = new Websockets(config.websockets, metrics, log);
  const forwarder = new Forwarder(config.timeouts.forwardMs, BODY_LIMIT);
  const forwarded = new WebsocketForwarder(
    config.timeouts.forwardMs,
    config.websockets.heartbeatMs,
  );
  const openWebsockets = () => websockets.size + forwarded.size;
  const janitor = config.backgroundWork
    ? new Janitor({ config, database, control, metrics, log })
    : undefined;
  const throughCdn = cameThroughCdn(config.originSecret);
  const origin = requireOrigin(throughCdn);
  let draining = false;
  const readiness = () => readinessOf({ draining, control, database, cache });

  const app = createApp({
    ...{ config, log, metrics, database, cache, feed, control, forwarder, readiness },
    draining: () => draining,
    requireOrigin: origin,
    visitor: visitorOf(config.visitorHeader, throughCdn),
    publicDirectory: join(__dirname, "public"),
  });
  const server = createServer(
    {
      headersTimeout: config.timeouts.headersMs,
      requestTimeout: config.timeouts.requestMs,
      keepAliveTimeout: config.timeouts.keepAliveMs,
      connectionsCheckingInterval: Math.min(1_000, config.timeouts.headersMs / 2),
      maxHeaderSize: 16_384,
      ...upgradeOptions,
    },
    app,
  );
  // Who takes nothing in and sends nothing is gone.
  server.setTimeout(silenceMs(config));
  acceptUpgrades(server, {
    ...{ control, forwarder: forwarded, websockets, requireOrigin: origin },
    full: () => openWebsockets() >= config.websockets.maxConnections,
    draining: () => draining,
  });

  feed.onEvent((text) => {
    websockets.broadcast(text);
  });
  control.onChange((now, before) => {
    // Only in the mode `forward` is there a target.
    if (now.forwardTo?.href === before.forwardTo?.href) return;
    if (now.forwardTo) void websockets.drain(1012, "moved", MOVE_MS);
    // They would stay joined to a tier that is no longer the one.
    void forwarded.drain(1012, "moved", MOVE_MS);
  });
  metrics.observe({
    pools: () => database.use(),
    websockets: openWebsockets,
    controlMode: () => modes.indexOf(control.state.mode),
    sweepAge: janitor && (() => janitor.ageSeconds),
    dependencies: () => ({
      postgres: control.health.reachable,
      ...(cache.up !== undefined && { redis: cache.up }),
      ...(database.replicaUp !== undefined && { replica: database.replicaUp }),
    }),
  });
  endGracefully(config.shutdown, log, {
    announce: () => (draining = true),
    server,
    drainWebsockets: async (overMs) => {
      await Promise.all(
        [websockets, forwarded].map((each) => each.drain(1001, "going away", overMs)),
      );
    },
    close: async () => {
      await janitor?.stop();
      websockets.close();
      forwarder.close();
      forwarded.close();
      feed.close();
      cache.close();
      redis?.close();
      await control.stop();
      await database.close();
      await pipeline.close();
    },
  });

  // Whether or not the database is there: a process that waits for it can say so.
  await control.start();
  janitor?.start(config.sweepIntervalMs);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port: config.port, host: config.host }, resolve);
  });
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : config.port;
  log.info({ port, node: process.version }, "listening");
  // For a process manager that waits for it (PM2's wait_ready).
  process.send?.("ready");
}

runProgram("drops", readConfig, main);
