import { randomUUID } from "node:crypto";
import { CloudError, type Kind, type Provider } from "../cloud/kind";
import type { AwsKind, ApiWords } from "./awsKind";
import { shortName } from "./shapes";

/** What AWS answers instead of doing as asked. */
export class AwsError extends CloudError {
  constructor(
    /** As AWS names it, e.g. "InvalidParameterException". */
    readonly code: string,
    message: string,
    /** HTTP status. @default 400 */
    status = 400,
    /** Where another operation than the type's own is refused, e.g. "RegisterTargets". */
    readonly operation?: string,
  ) {
    super(status, message);
  }
}

/** What the provider itself says: no request has reached AWS, or its answer was no refusal. */
export class AwsProviderError extends CloudError {
  constructor(message: string) {
    super(0, message);
  }
}

const doing = {
  create: "creating",
  update: "updating",
  delete: "deleting",
  read: "reading",
} as const;

/** A refusal in the words of the provider, of its client library and of its bridge to Pulumi. */
export const refusalOf =
  (kinds: readonly Kind[]): Provider["refusal"] =>
  (error, { verb, type, id, inputs = {} }) => {
    if (error instanceof AwsProviderError) return occurred(error.message);
    const api = (kinds.find((kind) => kind.type === type) as AwsKind | undefined)?.api;
    const { noun = shortName(type), sdk = "AWS", named } = api ?? {};
    const name = verb === "create" ? (named?.(inputs) ?? textOf(inputs["name"])) : id;
    const { code, operation } =
      error instanceof AwsError ? error : { code: codeOf(error.status, api), operation: undefined };
    const said =
      api?.plainErrors === true || !(error instanceof AwsError) ? `api error ${code}` : code;
    return occurred(
      `${doing[verb]} ${noun}${name === undefined ? "" : ` (${name})`}: operation error ${sdk}: ` +
        `${operation ?? operationOf(api, verb)}, https response error StatusCode: ${error.status}, ` +
        `RequestID: ${randomUUID()}, ${said}: ${error.message}`,
    );
  };

function operationOf(api: ApiWords | undefined, verb: keyof typeof doing): string {
  const create = api?.create ?? "Create";
  if (verb === "create") return create;
  if (verb === "update") return api?.update ?? create.replace(/^Create/, "Update");
  if (verb === "delete") return api?.delete ?? create.replace(/^(Create|Put|Register)/, "Delete");
  return create.replace(/^Create/, "Describe");
}

/** Of what the framework itself refuses (a reference to nothing, a name that is taken). */
function codeOf(status: number, api: ApiWords | undefined): string {
  const codes: Readonly<Record<number, string>> = {
    404: "ResourceNotFoundException",
    409: "ResourceInUseException",
    422: "LimitExceededException",
    429: "ThrottlingException",
    500: "InternalServerError",
    ...(api?.codes as Readonly<Record<number, string>> | undefined),
  };
  return codes[status] ?? "ValidationException";
}

const textOf = (value: unknown): string | undefined =>
  typeof value === "string" ? value : undefined;

const occurred = (message: string): string => `1 error occurred:\n\t* ${message}`;
