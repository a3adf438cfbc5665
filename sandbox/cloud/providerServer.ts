import * as grpc from "@grpc/grpc-js";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import * as rpc from "@pulumi/pulumi/proto/provider_pb";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import { checkInputs } from "./check";
import { comparedWith, diffInputs } from "./diff";
import { CloudError, type Cloud, type Kind, type Provider, type Values } from "./kind";
import { HalfMade, type Operations } from "./operations";
import { answerOf, detailsOf, initFailed } from "./providerAnswers";
import { fromStruct, toStruct } from "./structs";
import { nameOf, typeOf } from "./urn";

interface Needs {
  readonly provider: Provider;
  /** Of the package that the program uses: the engine warns of a plugin that is older. */
  readonly version: string;
  readonly operations: Operations;
  readonly cloud: Cloud;
  readonly log: (line: string) => void;
}

/** What the engine itself puts among a provider's settings. */
const engineKeys = ["version", "pluginDownloadURL", "__internal"];

type Call<Request> = grpc.ServerUnaryCall<Request, unknown>;
type Verb = "create" | "update" | "delete" | "read";

/** One provider of the embedded cloud as the engine sees it: Pulumi's provider protocol on a port. */
export class ProviderServer {
  private readonly kinds: ReadonlyMap<string, Kind>;
  /** Settings of the engine's providers, by the connection that each of them has. */
  private readonly configurations = new Map<string, Values>();
  private readonly server = new grpc.Server({ "grpc.max_receive_message_length": 64 << 20 });

  constructor(private readonly needs: Needs) {
    this.kinds = new Map(needs.provider.kinds.map((kind) => [kind.type, kind]));
    const unary =
      <Request>(answer: (request: Request, peer: string) => unknown) =>
      (call: Call<Request>, callback: grpc.sendUnaryData<unknown>) => {
        // What throws at once is an answer too.
        Promise.resolve(call.request)
          .then((request) => answer(request, call.getPeer()))
          .then(
            (value) => {
              callback(null, value);
            },
            (error: unknown) => {
              callback(answerOf(error, needs.log));
            },
          );
      };
    this.server.addService(ResourceProviderService, {
      configure: unary((request: rpc.ConfigureRequest, peer) => this.configure(request, peer)),
      checkConfig: unary((request: rpc.CheckRequest) => this.checkConfig(request)),
      check: unary((request: rpc.CheckRequest, peer) => this.check(request, peer)),
      diff: unary((request: rpc.DiffRequest) => this.diff(request)),
      create: unary((request: rpc.CreateRequest) => this.create(request)),
      read: unary((request: rpc.ReadRequest) => this.read(request)),
      update: unary((request: rpc.UpdateRequest) => this.update(request)),
      delete: unary((request: rpc.DeleteRequest) => this.delete(request)),
      invoke: unary((request: rpc.InvokeRequest) => this.invoke(request)),
      getPluginInfo: unary(() => new PluginInfo().setVersion(needs.version)),
      getSchema: unary(() => new rpc.GetSchemaResponse().setSchema("{}")),
      cancel: unary(() => new Empty()),
      attach: unary(() => new Empty()),
    });
  }

  /** Resolves with the loopback port that the engine is told. */
  async listen(): Promise<number> {
    return await new Promise((resolve, reject) => {
      const loopback = grpc.ServerCredentials.createInsecure();
      this.server.bindAsync("127.0.0.1:0", loopback, (error, port) => {
        if (error) reject(error);
        else resolve(port);
      });
    });
  }

  close(): void {
    this.server.forceShutdown();
  }

  private kind(urn: string): Kind {
    const type = typeOf(urn);
    const kind = this.kinds.get(type);
    if (kind) return kind;
    const known = [...this.kinds.keys()].sort().join(", ");
    throw new CloudError(400, `the embedded cloud does not know ${type}; it knows ${known}`);
  }

  private checkConfig(request: rpc.CheckRequest): rpc.CheckResponse {
    const configuration = Object.fromEntries(
      Object.entries(fromStruct(request.getNews())).filter(([key]) => !engineKeys.includes(key)),
    );
    const checked = this.needs.provider.configuration.strict().safeParse(configuration);
    const response = new rpc.CheckResponse().setInputs(request.getNews());
    for (const issue of checked.error?.issues ?? []) {
      const failure = new rpc.CheckFailure().setProperty(issue.path.join("."));
      response.addFailures(failure.setReason(issue.message));
    }
    return response;
  }

  private configure(request: rpc.ConfigureRequest, peer: string): rpc.ConfigureResponse {
    this.configurations.set(peer, fromStruct(request.getArgs()));
    // Secrets arrive in plain and are marked again by the engine; previews come here too.
    return new rpc.ConfigureResponse().setSupportspreview(true);
  }

  /** Of the engine's provider that asks; one whose connection is new has the settings of the last. */
  private configuration(peer: string): Values {
    return this.configurations.get(peer) ?? [...this.configurations.values()].at(-1) ?? {};
  }

  private check(request: rpc.CheckRequest, peer: string): rpc.CheckResponse {
    const kind = this.kind(request.getUrn());
    const { inputs, failures } = checkInputs(
      kind,
      {
        name: nameOf(request.getUrn()),
        news: fromStruct(request.getNews()),
        olds: fromStruct(request.getOlds()),
        seed: request.getRandomseed_asB64(),
      },
      (given) =>
        this.needs.provider.complete?.(kind, given, this.configuration(peer)) ?? {
          ...{ inputs: {}, beside: {} },
        },
    );
    const response = new rpc.CheckResponse().setInputs(toStruct(inputs));
    for (const { property, reason } of failures) {
      response.addFailures(new rpc.CheckFailure().setProperty(property).setReason(reason));
    }
    return response;
  }

  private diff(request: rpc.DiffRequest): rpc.DiffResponse {
    const kind = this.kind(request.getUrn());
    const olds = comparedWith(
      kind,
      fromStruct(request.getOldInputs()),
      fromStruct(request.getOlds()),
    );
    const ignored = request.getIgnorechangesList();
    const changes = diffInputs(kind, olds, fromStruct(request.getNews())).filter(
      ({ path }) => !ignored.some((one) => path === one || path.startsWith(`${one}.`)),
    );
    const { deleteBeforeReplace: first = false } = kind;
    return detailsOf(
      changes,
      typeof first === "function" ? first(olds, nameOf(request.getUrn())) : first,
    );
  }

  private async create(request: rpc.CreateRequest): Promise<rpc.CreateResponse> {
    const kind = this.kind(request.getUrn());
    const inputs = fromStruct(request.getProperties());
    // What it computes is not known before it exists.
    if (request.getPreview()) return new rpc.CreateResponse().setProperties(toStruct(inputs));
    const made = await this.asked({ verb: "create", type: kind.type, inputs }, async () =>
      this.needs.operations.create(kind, request.getUrn(), inputs),
    );
    return new rpc.CreateResponse()
      .setId(made.id)
      .setProperties(toStruct({ ...made.inputs, ...made.outputs }));
  }

  private async read(request: rpc.ReadRequest): Promise<rpc.ReadResponse> {
    const kind = this.kind(request.getUrn());
    const id = request.getId();
    const there = await this.asked({ verb: "read", type: kind.type, id }, async () =>
      this.needs.operations.read(kind.type, id),
    );
    // No id: the engine takes it for deleted.
    if (!there) return new rpc.ReadResponse();
    return new rpc.ReadResponse()
      .setId(id)
      .setInputs(toStruct(there.inputs))
      .setProperties(toStruct({ ...there.inputs, ...there.outputs }));
  }

  private async update(request: rpc.UpdateRequest): Promise<rpc.UpdateResponse> {
    const kind = this.kind(request.getUrn());
    const id = request.getId();
    const inputs = fromStruct(request.getNews());
    if (request.getPreview()) {
      const olds = fromStruct(request.getOlds());
      return new rpc.UpdateResponse().setProperties(toStruct({ ...olds, ...inputs }));
    }
    const changed = await this.asked({ verb: "update", type: kind.type, id, inputs }, async () =>
      this.needs.operations.update(kind, id, inputs),
    );
    return new rpc.UpdateResponse().setProperties(
      toStruct({ ...changed.inputs, ...changed.outputs }),
    );
  }

  private async delete(request: rpc.DeleteRequest): Promise<Empty> {
    const kind = this.kind(request.getUrn());
    const id = request.getId();
    const inputs = fromStruct(request.getProperties());
    await this.asked({ verb: "delete", type: kind.type, id, inputs }, async () =>
      this.needs.operations.delete(kind, id),
    );
    return new Empty();
  }

  private async invoke(request: rpc.InvokeRequest): Promise<rpc.InvokeResponse> {
    const token = request.getTok();
    const lookup = this.needs.provider.lookups.find((other) => other.token === token);
    if (!lookup) throw new CloudError(400, `the embedded cloud has no data source ${token}`);
    const answer = await lookup.answer(fromStruct(request.getArgs()), this.needs.cloud);
    return new rpc.InvokeResponse().setReturn(toStruct(answer));
  }

  /** Puts a refusal into the cloud's own words. */
  private async asked<T>(
    request: {
      readonly verb: Verb;
      readonly type: string;
      readonly id?: string;
      readonly inputs?: Values;
    },
    ask: () => Promise<T>,
  ): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      if (error instanceof CloudError) {
        throw new CloudError(error.status, this.needs.provider.refusal(error, request));
      }
      if (error instanceof HalfMade) throw initFailed(error);
      throw error;
    }
  }
}
