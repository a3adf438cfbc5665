import { z } from "zod";
import type { Exchange } from "../exchange";
import { failures } from "../failure";
import type { RuleReader } from "../rules/ruleReader";
import { requestOf } from "./messages";
import { SnippetModule, SnippetTimeout, type SnippetFetch } from "./snippetModule";
import {
  type SnippetAnswer,
  type SnippetVisitor,
  Subrequests,
  type SubrequestNeeds,
} from "./subrequests";

const snippetRule = z.object({ snippetName: z.string() });

/** Modules that are kept compiled. */
const MAX_MODULES = 50;

interface Needs extends SubrequestNeeds {
  readonly rules: RuleReader;
  readonly log: (line: string) => void;
}

interface MatchedSnippet {
  readonly name: string;
  readonly code: string;
}

/**
 * Runs a zone's snippets: after its cache rules, before the origin. Their rules go by the visitor's
 * request; each snippet gets the request that the one before it passed on.
 */
export class Snippets {
  private readonly modules = new Map<string, SnippetModule>();

  constructor(private readonly needs: Needs) {}

  /** The snippets that a request meets, in the rules' order. */
  matching({ site, view }: Exchange): readonly MatchedSnippet[] {
    return this.needs.rules
      .matching(site.zone, "http_request_snippets", snippetRule, view)
      .flatMap(({ details: { snippetName: name } }) => {
        const code = site.zone.snippets?.[name];
        return code === undefined ? [] : [{ name, code }];
      });
  }

  /** What the snippets answer. @throws EdgeFailure where they break a rule or throw */
  async answer(
    exchange: Exchange,
    snippets: readonly MatchedSnippet[],
    visitor: SnippetVisitor,
  ): Promise<SnippetAnswer> {
    const subrequests = new Subrequests(this.needs, exchange, visitor);
    const request = requestOf(exchange, visitor.upgrades);
    return subrequests.answerOf(await this.run(snippets, request, exchange, subrequests));
  }

  private async run(
    [snippet, ...next]: readonly MatchedSnippet[],
    request: Request,
    exchange: Exchange,
    subrequests: Subrequests,
  ): Promise<Response> {
    if (!snippet) return await subrequests.continue(request);
    const { name } = snippet;
    let continued = false;
    const ask = async (asked: Request): Promise<Response> => {
      if (new URL(asked.url).hostname !== exchange.view.host)
        return await subrequests.ask(asked, name);
      if (continued) throw failures.snippetContinuedTwice(name);
      continued = true;
      return await this.run(next, asked, exchange, subrequests);
    };
    return await new Promise((resolve, reject) => {
      // What breaks a rule ends the request, whatever the snippet makes of it: it never hears of it.
      const fetch = fetchOf(request, ask, reject);
      this.answered(snippet, request, fetch).then(resolve, reject);
    });
  }

  /** @throws EdgeFailure where the snippet gives no response that can be sent */
  private async answered(
    snippet: MatchedSnippet,
    request: Request,
    fetch: SnippetFetch,
  ): Promise<Response> {
    const { name } = snippet;
    let response: unknown;
    try {
      response = await this.moduleOf(snippet).answer(request, fetch);
    } catch (error) {
      if (error instanceof SnippetTimeout) throw failures.snippetTooSlow(name);
      this.needs.log(`edge: the snippet ${name} threw: ${String(error)}`);
      throw failures.snippetThrew(name);
    }
    if (response instanceof Response && !response.bodyUsed) return response;
    this.needs.log(`edge: the snippet ${name} answered with no response that can be sent`);
    throw failures.snippetThrew(name);
  }

  private moduleOf({ code }: MatchedSnippet): SnippetModule {
    const module = this.modules.get(code) ?? new SnippetModule(code);
    if (this.modules.size >= MAX_MODULES) this.modules.clear();
    this.modules.set(code, module);
    return module;
  }
}

/** A snippet's `fetch`. What no snippet may catch goes to `broken`, and leaves it waiting. */
function fetchOf(
  visit: Request,
  ask: (asked: Request) => Promise<Response>,
  broken: (error: unknown) => void,
): SnippetFetch {
  const { body } = visit;
  return async (input, init) => {
    const asked = new Request(input, init);
    const isVisitors = input instanceof Request && input.body === body && init?.body === undefined;
    // The length of a body of the snippet's own is not known.
    if (!isVisitors) asked.headers.delete("content-length");
    return await new Promise((resolve) => {
      ask(asked).then(resolve, broken);
    });
  };
}
