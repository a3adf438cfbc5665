import express, { type RequestHandler } from "express";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { notesOf } from "../requests";

const YEAR_SECONDS = 31_536_000;

/** Built files whose names carry a digest of their content: a browser need never ask again. */
export function assets(directory: string): RequestHandler {
  const serve = express.static(join(directory, "assets"), {
    index: false,
    redirect: false,
    fallthrough: true,
    maxAge: YEAR_SECONDS * 1_000,
    immutable: true,
  });
  return (request, response, next) => {
    notesOf(response).route = "assets";
    serve(request, response, (error) => {
      notesOf(response).route = "unmatched";
      next(error);
    });
  };
}

/** The page and its few files without a digest. They change with a release: ask each time. */
export function page(directory: string): RequestHandler {
  const index = join(directory, "index.html");
  const files = express.static(directory, {
    index: "index.html",
    redirect: false,
    setHeaders: (response) => response.setHeader("Cache-Control", "no-cache"),
  });
  const exists = existsSync(index);
  return (request, response, next) => {
    if (request.method !== "GET" && request.method !== "HEAD") {
      next();
      return;
    }
    files(request, response, (error) => {
      // A browser that goes to a path of the page gets the page; a missing file stays missing.
      const navigation = /\btext\/html\b/.test(request.get("accept") ?? "");
      const file = /\.[A-Za-z0-9]+$/.test(request.path) || request.path.startsWith("/assets/");
      if (error !== undefined || !exists || !navigation || file) {
        next(error);
        return;
      }
      response.setHeader("Cache-Control", "no-cache");
      response.sendFile(index, next);
    });
    notesOf(response).route = "page";
  };
}
