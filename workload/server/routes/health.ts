import { Router } from "express";
import { notesOf } from "../requests";

/** How each part of the process is doing; Redis and the replica may be missing without harm. */
export interface Health {
  readonly status: "ready" | "degraded" | "not-ready";
  readonly checks: Readonly<Record<string, unknown>>;
}

/**
 * `/healthz`: the process lives. `/readyz`: it can serve. `/startupz`: it could serve when it was
 * asked this once, and is not about to end; for who replaces what does not answer, since no other process would reach a
 * database that is away. All answer in every mode.
 */
export function healthRoutes(readiness: () => Health): Router {
  const router = Router();
  // Exactly these: what is below them is a request like any other.
  router.all(["/healthz", "/readyz", "/startupz"], (_request, response, next) => {
    notesOf(response).route = "health";
    response.setHeader("Cache-Control", "no-store");
    next();
  });
  router.get("/healthz", (_request, response) => {
    response.json({ status: "ok" });
  });
  router.get("/readyz", (_request, response) => {
    const health = readiness();
    response.status(health.status === "not-ready" ? 503 : 200).json(health);
  });
  let started = false;
  router.get("/startupz", (_request, response) => {
    const { status, checks } = readiness();
    started ||= status !== "not-ready";
    const draining = checks["draining"] === true;
    const word = draining ? "draining" : started ? "started" : "starting";
    response.status(word === "started" ? 200 : 503).json({ status: word });
  });
  return router;
}
