import type { z } from "zod";
import type { Operation } from "../../cloud/kind";
import { type AwsKind, global } from "../awsKind";
import { AwsError } from "../refusal";
import { accountId } from "../shapes";
import {
  type CachePolicyInputs,
  cachePolicyInputs,
  type OriginRequestPolicyInputs,
  originRequestPolicyInputs,
  type ResponseHeadersPolicyInputs,
  responseHeadersPolicyInputs,
} from "./policyInputs";

export const cachePolicyType = "aws:cloudfront/cachePolicy:CachePolicy";
export const originRequestPolicyType = "aws:cloudfront/originRequestPolicy:OriginRequestPolicy";
export const responseHeadersPolicyType =
  "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy";

/** Custom policies of each sort in an account, by default (quotas of CloudFront). */
const MOST = 20;
/** Names in one list of a policy. */
const MOST_ITEMS = 10;

interface Sort {
  readonly type: string;
  /** As it stands in ARNs and errors, e.g. "cache-policy" and "CachePolicy". */
  readonly path: string;
  readonly word: string;
  readonly inputs: z.ZodObject;
  readonly refuse: (inputs: Operation["inputs"]) => void;
}

/** What policies have in common: a name that is theirs alone, and a version. */
function policy({ type, path, word, inputs, refuse }: Sort): AwsKind {
  const tag = (cloud: Operation["cloud"]) => `E${cloud.newId("hex").slice(-12).toUpperCase()}`;
  return global({
    ...{ type, inputs, tagged: false, immutable: [], autoName: "name", idStyle: "uuid" },
    // A policy can be renamed: another of the same name has to go first only if it is replaced.
    deleteBeforeReplace: false,
    unique: [["name"]],
    conflict: ({ name }) => `A ${word} already exists with the name ${String(name)}.`,
    inUse: (names) => `Cannot delete the ${word} because it is attached to ${names.join(", ")}.`,
    api: { noun: `CloudFront ${spaced(word)}`, sdk: "CloudFront", create: `Create${word}` },
    refuse: ({ inputs: given, cloud, before }) => {
      if (!before && cloud.world.all(type).length >= MOST) {
        throw new AwsError(
          `TooMany${word.replace(/y$/, "ies")}`,
          `An account has ${MOST} of them.`,
        );
      }
      refuse(given);
    },
    create: ({ id, cloud }) => ({
      outputs: {
        arn: `arn:aws:cloudfront::${accountId}:${path}/${id}`,
        etag: tag(cloud),
      },
    }),
    update: ({ cloud }) => ({ outputs: { etag: tag(cloud) } }),
  });
}

const spaced = (word: string): string => word.replaceAll(/(?<=[a-z])(?=[A-Z])/g, " ");

export const cachePolicy: AwsKind = {
  ...policy({
    type: cachePolicyType,
    ...{ path: "cache-policy", word: "CachePolicy", inputs: cachePolicyInputs },
    refuse: (given) => {
      const {
        minTtl = 0,
        defaultTtl = 0,
        maxTtl = 0,
        parametersInCacheKeyAndForwardedToOrigin: parameters,
      } = given as CachePolicyInputs;
      if (minTtl > defaultTtl || defaultTtl > maxTtl) {
        throw new AwsError(
          "InvalidArgument",
          `minTtl, defaultTtl and maxTtl must not fall, got ${minTtl}, ${defaultTtl}, ${maxTtl}.`,
        );
      }
      const { cookiesConfig, headersConfig, queryStringsConfig } = parameters;
      requireItems("headers", headersConfig.headerBehavior, headersConfig.headers?.items);
      requireItems("cookies", cookiesConfig.cookieBehavior, cookiesConfig.cookies?.items);
      requireItems(
        "query strings",
        queryStringsConfig.queryStringBehavior,
        queryStringsConfig.queryStrings?.items,
      );
      if (maxTtl > 0) return;
      const picks = [
        headersConfig.headerBehavior ?? "none",
        cookiesConfig.cookieBehavior,
        queryStringsConfig.queryStringBehavior,
      ].some((behavior) => behavior !== "none");
      const { enableAcceptEncodingBrotli: brotli, enableAcceptEncodingGzip: gzip } = parameters;
      if (picks || brotli === true || gzip === true) {
        throw new AwsError(
          "InvalidArgument",
          "The parameters of the cache key are not allowed in a policy that caches nothing (maxTtl 0).",
        );
      }
    },
  }),
  defaults: { minTtl: 0, defaultTtl: 86_400, maxTtl: 31_536_000 },
};

/** Headers that no origin request policy may list: the cache policy decides on them. */
const notListed = ["authorization", "accept-encoding"];

export const originRequestPolicy: AwsKind = policy({
  type: originRequestPolicyType,
  path: "origin-request-policy",
  ...{ word: "OriginRequestPolicy", inputs: originRequestPolicyInputs },
  refuse: (given) => {
    const { cookiesConfig, headersConfig, queryStringsConfig } = given as OriginRequestPolicyInputs;
    const { headerBehavior, headers } = headersConfig;
    requireItems("headers", headerBehavior, headers?.items);
    requireItems("cookies", cookiesConfig.cookieBehavior, cookiesConfig.cookies?.items);
    requireItems(
      "query strings",
      queryStringsConfig.queryStringBehavior,
      queryStringsConfig.queryStrings?.items,
    );
    const wrong = (headers?.items ?? []).find((name) => notListed.includes(name.toLowerCase()));
    if (wrong !== undefined && headerBehavior !== "allExcept") {
      throw new AwsError(
        "InvalidArgument",
        `The parameter Headers contains ${wrong} that is not allowed.`,
      );
    }
  },
});

export const responseHeadersPolicy: AwsKind = {
  ...policy({
    type: responseHeadersPolicyType,
    path: "response-headers-policy",
    ...{ word: "ResponseHeadersPolicy", inputs: responseHeadersPolicyInputs },
    refuse: (given) => {
      const { customHeadersConfig, removeHeadersConfig, corsConfig, ...rest } =
        given as ResponseHeadersPolicyInputs;
      const custom = customHeadersConfig?.items ?? [];
      const removed = removeHeadersConfig?.items ?? [];
      requireMost("custom headers", custom.length);
      requireMost("removed headers", removed.length);
      if (
        custom.length + removed.length === 0 &&
        !corsConfig &&
        !rest.securityHeadersConfig &&
        rest.serverTimingHeadersConfig?.enabled !== true
      ) {
        throw new AwsError("InvalidArgument", "The policy must configure at least one header.");
      }
      const double = custom.find(
        ({ header }, index) =>
          custom.findIndex((other) => other.header.toLowerCase() === header.toLowerCase()) !==
          index,
      );
      if (double) {
        throw new AwsError("InvalidArgument", `The header ${double.header} is set twice.`);
      }
      const { accessControlAllowOrigins: origins } = corsConfig ?? {};
      if (corsConfig?.accessControlAllowCredentials === true && origins?.items.includes("*")) {
        throw new AwsError("InvalidArgument", "Credentials are not for every origin (*).");
      }
    },
  }),
  recorded: (given) =>
    given["serverTimingHeadersConfig"] === undefined
      ? undefined
      : "the Server-Timing header is not sent",
};

/** A list goes with the behaviors that look at one, and only with those. */
function requireItems(
  what: string,
  behavior = "none",
  items: readonly string[] | undefined = [],
): void {
  const listed = ["whitelist", "allExcept", "allViewerAndWhitelistCloudFront"].includes(behavior);
  if (listed !== items.length > 0) {
    throw new AwsError(
      "InvalidArgument",
      listed
        ? `The behavior ${behavior} needs a list of ${what}.`
        : `The behavior ${behavior} takes no list of ${what}.`,
    );
  }
  requireMost(what, items.length);
}

function requireMost(what: string, count: number): void {
  if (count <= MOST_ITEMS) return;
  throw new AwsError("InvalidArgument", `A policy may list ${MOST_ITEMS} ${what}, got ${count}.`);
}
