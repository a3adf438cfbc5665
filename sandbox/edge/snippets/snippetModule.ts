import { createContext, Script, type Context } from "node:vm";

/** What a snippet calls as `fetch`. */
export type SnippetFetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

/** A snippet computed for too long without waiting for anything. */
export class SnippetTimeout extends Error {
  override readonly name = "SnippetTimeout";
}

/**
 * Milliseconds that a snippet may compute before it first waits. Cloudflare gives it 5 of a
 * processor's time in all; a busy machine takes longer, and what is caught here is a loop.
 */
const COMPUTING_LIMIT = 1_000;

/** Of a `Request` that is made with a stream, Workers want no word about how it is sent. */
class WorkerRequest extends Request {
  constructor(input: string | URL | Request, init?: RequestInit) {
    super(
      input,
      init instanceof Request || init === undefined ? init : { duplex: "half", ...init },
    );
  }

  /** The visitor's request is one too. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return value instanceof Request;
  }
}

/** What a snippet finds beside the language itself. The Cache API and HTMLRewriter are missing. */
const globals = {
  ...{ Request: WorkerRequest, Response, Headers, FormData, Blob, URL, URLSearchParams },
  ...{ TextEncoder, TextDecoder, ReadableStream, WritableStream, TransformStream },
  ...{ AbortController, AbortSignal, atob, btoa, crypto, structuredClone },
  ...{ setTimeout, clearTimeout },
  console: { log() {}, info() {}, warn() {}, error() {}, debug() {} },
};

/**
 * A snippet's main module. It runs in a context of its own, which keeps it from this process's
 * globals; it is the user's own code, and no sandbox against an enemy.
 */
export class SnippetModule {
  private readonly context: Context = createContext({ ...globals, work: undefined });
  private readonly make: (fetch: SnippetFetch) => unknown;

  /** @throws SyntaxError where it cannot be read */
  constructor(code: string) {
    const script = new Script(asFunction(code), { filename: "snippet.js", lineOffset: -1 });
    this.make = script.runInContext(this.context) as typeof this.make;
  }

  /**
   * Answers a request. The module is made anew for each, because its `fetch` belongs to the request;
   * Cloudflare does not promise that anything is kept in between either.
   *
   * @throws whatever the snippet throws, SnippetTimeout where it goes on and on
   */
  async answer(request: Request, fetch: SnippetFetch): Promise<unknown> {
    return await this.limited(() => {
      const module = this.make(fetch) as { fetch?: (request: Request) => unknown } | undefined;
      if (typeof module?.fetch !== "function")
        throw new TypeError("the module exports no fetch handler");
      return module.fetch(request);
    });
  }

  private limited(work: () => unknown): unknown {
    this.context["work"] = work;
    try {
      return run.runInContext(this.context, { timeout: COMPUTING_LIMIT });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ERR_SCRIPT_EXECUTION_TIMEOUT") throw error;
      throw new SnippetTimeout();
    } finally {
      this.context["work"] = undefined;
    }
  }
}

const run = new Script("work()");

/** What Cloudflare would say of the code when it is uploaded; undefined where it is fine. */
export function snippetFault(code: string): string | undefined {
  try {
    new SnippetModule(code);
    return undefined;
  } catch (error) {
    return `Uncaught ${String(error)}`;
  }
}

/**
 * The module as a function of `fetch` that returns its default export: Node runs modules in contexts
 * of their own only behind a flag.
 *
 * @throws SyntaxError for modules that import or export anything else
 */
function asFunction(code: string): string {
  const exported = /^export\s+default\s/m;
  if (!exported.test(code)) throw new SyntaxError("the main module has no default export");
  const script = code.replace(exported, "const snippetDefault = ");
  const other = /^(?:import\b[^(]|export\b).*/m.exec(script)?.[0];
  if (other !== undefined)
    throw new SyntaxError(`the embedded cloud runs one module without imports, got "${other}"`);
  return `(function (fetch) { "use strict";\n${script}\nreturn snippetDefault; })`;
}
