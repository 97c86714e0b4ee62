// Applies objects one after another: looks the kind up, creates or patches, says which. One that fails does not keep the
// others from being applied.
import { builtinResources } from "#api/builtin/index.ts";
import type { Client, WriteOptions } from "#client/client.ts";
import { createDiscovery, type DiscoveredKind, type Discovery } from "#client/discovery.ts";
import { ApiError, errorText, isApiError } from "#machinery/api-error.ts";
import type { KubeObject } from "#machinery/object.ts";
import type { CommandIo, FlagValues } from "../../command.ts";
import type { Manifest } from "../../manifests.ts";
import { objectName, printObjects } from "../../output/documents.ts";
import type { ApplyFlags } from "./command.ts";
import { applyPatch, lastApplied, type MergeSchema, policyFor, withLastApplied } from "./decide.ts";

const fieldManager = "kubectl-client-side-apply";
/** How often another writer may get in between. */
const attemptsMax = 5;

export interface ApplyRequest {
  readonly client: Client;
  readonly manifests: readonly Manifest[];
  readonly namespace: string;
  /** Whether the user has named the namespace. */
  readonly namespaceIsAsked: boolean;
  /** Undefined: no policies; empty: all clusters. */
  readonly clusters: readonly string[] | undefined;
  readonly flags: FlagValues<ApplyFlags>;
  readonly io: CommandIo;
  readonly signal: AbortSignal;
  readonly program: string;
}

interface Applied {
  readonly object: KubeObject;
  readonly outcome: "created" | "configured" | "unchanged";
}

/** The exit code: 1 when any object could not be applied. */
export async function applyObjects(request: ApplyRequest): Promise<number> {
  const { client, manifests, flags, io, signal } = request;
  const discovery = createDiscovery(client);
  const printed: KubeObject[] = [];
  let failed = false;
  for (const { object, source } of manifests) {
    try {
      const kind = await kindOf(discovery, object, source, signal);
      const placed = placedIn(object, kind, request);
      const done = [await applyObject(placed, kind, request)];
      if (request.clusters !== undefined) {
        const policy = policyFor(placed, kind, request.clusters);
        done.push(await applyObject(policy, await kindOf(discovery, policy, source, signal), request));
      }
      for (const { object: result, outcome } of done) {
        if (flags.output === "") io.out(`${objectName(result)} ${outcome}${dryRunNote(flags.dryRun)}\n`);
        else printed.push(result);
      }
    } catch (error) {
      signal.throwIfAborted();
      failed = true;
      io.err(failureText(error, source));
    }
  }
  const { output } = flags;
  if (printed.length > 0 && (output === "json" || output === "yaml" || output === "name")) {
    io.out(printObjects(printed, { kind: output }, { bare: printed.length === 1 }));
  }
  return failed ? 1 : 0;
}

async function kindOf(
  discovery: Discovery,
  object: KubeObject,
  source: string,
  signal: AbortSignal,
): Promise<DiscoveredKind> {
  try {
    return await discovery.kindOf(object, { signal });
  } catch (error) {
    if (!isApiError(error, "NotFound")) throw error;
    const { name, namespace = "" } = object.metadata;
    throw new Error(
      `resource mapping not found for name: "${name}" namespace: "${namespace}" from "${source}": ${error.message}\n` +
        "ensure CRDs are installed first",
      { cause: error },
    );
  }
}

function placedIn(object: KubeObject, kind: DiscoveredKind, request: ApplyRequest): KubeObject {
  const own = object.metadata.namespace ?? "";
  if (!kind.namespaced) return object;
  if (own !== "" && request.namespaceIsAsked && own !== request.namespace) {
    throw new Error(
      `the namespace from the provided object "${own}" does not match the namespace "${request.namespace}". ` +
        `You must pass '--namespace=${own}' to perform this operation.`,
    );
  }
  return { ...object, metadata: { ...object.metadata, namespace: own === "" ? request.namespace : own } };
}

async function applyObject(object: KubeObject, kind: DiscoveredKind, request: ApplyRequest): Promise<Applied> {
  const { client, flags, io, signal } = request;
  const modified = withLastApplied(object, object.metadata.namespace);
  const ref = { namespace: object.metadata.namespace, name: object.metadata.name };
  const options = writeOptions(flags, signal);
  for (let attempt = 1; ; attempt++) {
    try {
      const live = await client.find<KubeObject>(kind, ref, { signal });
      if (live === undefined) {
        const created = flags.dryRun === "client" ? modified : await client.create<KubeObject>(kind, modified, options);
        return { object: { ...created, apiVersion: modified.apiVersion, kind: modified.kind }, outcome: "created" };
      }
      if (lastApplied(live) === undefined) io.err(missingAnnotationText(live, request.program));
      const patch = applyPatch(modified, live, mergeSchemaOf(kind));
      if (patch === undefined) return { object: live, outcome: "unchanged" };
      const result = flags.dryRun === "client" ? live : await client.patch<KubeObject>(kind, ref, patch, options);
      const isSame = result.metadata.resourceVersion === live.metadata.resourceVersion && flags.dryRun === "none";
      return { object: result, outcome: isSame ? "unchanged" : "configured" };
    } catch (error) {
      // Somebody created, changed or deleted it meanwhile.
      const isRace = isApiError(error, "Conflict", "AlreadyExists");
      if (!isRace || attempt === attemptsMax) throw error;
    }
  }
}

function writeOptions({ dryRun, validate }: FlagValues<ApplyFlags>, signal: AbortSignal): WriteOptions {
  const fieldValidation =
    validate === "warn" ? "Warn" : validate === "ignore" || validate === "false" ? "Ignore" : "Strict";
  return { fieldManager, fieldValidation, signal, ...(dryRun === "server" ? { dryRun: true } : {}) };
}

function mergeSchemaOf(kind: DiscoveredKind): MergeSchema | undefined {
  return builtinResources.find(
    (resource) =>
      resource.kind.group === kind.group && resource.kind.version === kind.version && resource.kind.kind === kind.kind,
  );
}

function dryRunNote(mode: string): string {
  return mode === "client" ? " (dry run)" : mode === "server" ? " (server dry run)" : "";
}

function missingAnnotationText(live: KubeObject, program: string): string {
  return (
    `Warning: resource ${objectName(live)} was not made by apply: it has no annotation with what was applied last. ` +
    `${program} apply adds it now; fields that the file leaves out stay as they are.\n`
  );
}

function failureText(error: unknown, source: string): string {
  if (error instanceof ApiError) {
    return `Error from server (${error.reason}): error when applying "${source}": ${error.message}\n`;
  }
  return `error: ${errorText(error)}\n`;
}
