// The scheduler with a known fault in what it knows each: between it and the control plane stands one that changes what it is
// told. Product code knows nothing of it.
import type { Transport } from "#client/client.ts";
import { fieldOf, isArray, isRecord } from "#machinery/guards.ts";
import type { ApiResponse } from "#machinery/http.ts";
import { controlPlane } from "../parts.ts";
import type { LinkEnds, Mutant } from "./mutant.ts";

/** What it is told, changed: one document, which is an object, a list, or a line of a watch. */
type Change = (text: string) => string;

/** By what each does wrong. */
export const schedulerMutants: Readonly<Record<string, Mutant>> = {
  "spread-constraint-ignored": telling(/\/resourcebindings/, () => hidden('"spreadConstraints":')),
  "affinity-group-forgotten": telling(/\/resourcebindings/, () => hidden('"schedulerObservingAffinityName":')),
  "taint-removal-not-noticed": telling(/\/clusters/, keepingTaints),
  "freed-room-not-noticed": telling(/\/clusters/, keepingRoom),
};

function telling(paths: RegExp, make: () => Change): Mutant {
  return {
    transport(transport: Transport, { component, server }: LinkEnds): Transport {
      if (component !== "scheduler" || server !== controlPlane) return transport;
      const change = make();
      return {
        close: () => transport.close(),
        async send(request) {
          const response = await transport.send(request);
          return request.method === "GET" && paths.test(request.path) ? changed(response, change) : response;
        },
      };
    },
  };
}

function changed(response: ApiResponse, change: Change): ApiResponse {
  const { body } = response;
  if (body instanceof Uint8Array) return { ...response, body: Buffer.from(change(Buffer.from(body).toString())) };
  return { ...response, body: changedLines(body, change) };
}

/** Lines come whole or in parts. */
async function* changedLines(body: AsyncIterable<Uint8Array>, change: Change): AsyncGenerator<Uint8Array, undefined> {
  let rest = "";
  for await (const chunk of body) {
    const lines = (rest + Buffer.from(chunk).toString()).split("\n");
    rest = lines.pop() ?? "";
    if (lines.length > 0) yield Buffer.from(lines.map((line) => `${change(line)}\n`).join(""));
  }
  if (rest !== "") yield Buffer.from(change(rest));
  return undefined;
}

/** A field goes by a name that nobody knows. */
function hidden(field: string): Change {
  return (text) => text.replaceAll(field, '"unknown":');
}

type Fields = Record<string, unknown>;

/** Each cluster keeps the taints that it once had, until the scheduler starts anew. */
function keepingTaints(): Change {
  const taints = new Map<string, unknown>();
  return eachCluster((name, cluster) => {
    const [spec, kept] = [cluster["spec"], taints.get(name)];
    if (!isRecord(spec)) return cluster;
    if (!isArray(spec["taints"]) || spec["taints"].length === 0)
      return kept === undefined ? cluster : { ...cluster, spec: { ...spec, taints: kept } };
    taints.set(name, spec["taints"]);
    return cluster;
  });
}

/** The room of each cluster only ever gets less. */
function keepingRoom(): Change {
  const least = new Map<string, number>();
  return eachCluster((name, cluster) => {
    const [status, summary] = [cluster["status"], fieldOf(cluster, "status", "resourceSummary")];
    const allocatable = fieldOf(summary, "allocatable");
    if (!isRecord(status) || !isRecord(summary) || !isRecord(allocatable)) return cluster;
    const pods = Math.min(Number(allocatable["pods"] ?? 0), least.get(name) ?? Infinity);
    least.set(name, pods);
    const resourceSummary = { ...summary, allocatable: { ...allocatable, pods: String(pods) } };
    return { ...cluster, status: { ...status, resourceSummary } };
  });
}

function eachCluster(edit: (name: string, cluster: Fields) => Fields): Change {
  const edited = (value: unknown): unknown => {
    const name = fieldOf(value, "metadata", "name");
    return isRecord(value) && typeof name === "string" ? edit(name, value) : value;
  };
  return (text) => {
    if (!text.includes('"metadata"')) return text;
    const document: unknown = JSON.parse(text);
    if (!isRecord(document)) return text;
    const { items, object } = document;
    if (isArray(items)) return JSON.stringify({ ...document, items: items.map(edited) });
    return JSON.stringify(object === undefined ? edited(document) : { ...document, object: edited(object) });
  };
}
