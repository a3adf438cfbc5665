import * as grpc from "@grpc/grpc-js";
import { Any } from "google-protobuf/google/protobuf/any_pb";
import {
  DiffResponse,
  ErrorResourceInitFailed,
  PropertyDiff,
} from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import type { Change } from "./diff";
import { CloudError } from "./kind";
import type { HalfMade } from "./operations";
import { toStruct } from "./structs";

const { Kind } = PropertyDiff;
const kinds = {
  add: { keep: Kind.ADD, replace: Kind.ADD_REPLACE },
  delete: { keep: Kind.DELETE, replace: Kind.DELETE_REPLACE },
  update: { keep: Kind.UPDATE, replace: Kind.UPDATE_REPLACE },
} as const;

/** A diff as the engine wants it, each property with what it means. */
export function detailsOf(changes: readonly Change[], deleteBeforeReplace: boolean): DiffResponse {
  const { DIFF_NONE, DIFF_SOME } = DiffResponse.DiffChanges;
  const response = new DiffResponse()
    .setChanges(changes.length === 0 ? DIFF_NONE : DIFF_SOME)
    .setHasdetaileddiff(true)
    .setDeletebeforereplace(deleteBeforeReplace);
  for (const { path, kind, replace } of changes) {
    const [top = path] = path.split(/[.[]/);
    if (replace && !response.getReplacesList().includes(top)) response.addReplaces(top);
    if (!response.getDiffsList().includes(top)) response.addDiffs(top);
    const detail = new PropertyDiff().setInputdiff(true);
    detail.setKind(kinds[kind][replace ? "replace" : "keep"]);
    response.getDetaileddiffMap().set(path, detail);
  }
  return response;
}

/** An error that carries the resource as far as it was made, so that the engine keeps it. */
class InitFailed extends Error {
  constructor(
    message: string,
    readonly metadata: grpc.Metadata,
  ) {
    super(message);
  }
}

export function initFailed({ resource, message }: HalfMade): InitFailed {
  const detail = new ErrorResourceInitFailed()
    .setId(resource.id)
    .setInputs(toStruct(resource.inputs))
    .setProperties(toStruct({ ...resource.inputs, ...resource.outputs }))
    .setReasonsList([message]);
  const packed = new Any();
  packed.pack(detail.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
  const status = new Status().setCode(grpc.status.UNKNOWN).setMessage(message);
  status.addDetails(packed);
  const metadata = new grpc.Metadata();
  metadata.set("grpc-status-details-bin", Buffer.from(status.serializeBinary()));
  return new InitFailed(message, metadata);
}

/** What the engine is told; what nobody foresaw goes to the cloud's log with its stack. */
export function answerOf(
  error: unknown,
  log: (line: string) => void,
): Partial<grpc.StatusObject> & { code: grpc.status; details: string } {
  if (error instanceof InitFailed) {
    return { code: grpc.status.UNKNOWN, details: error.message, metadata: error.metadata };
  }
  if (error instanceof CloudError) return { code: grpc.status.UNKNOWN, details: error.message };
  log(error instanceof Error ? (error.stack ?? error.message) : String(error));
  const message = error instanceof Error ? error.message : String(error);
  return { code: grpc.status.UNKNOWN, details: `the embedded cloud failed: ${message}` };
}
