// What a template asks for, as the interpreter says: components where it is made of several kinds of pods and the gate is on,
// else replicas. Upstream: karmada pkg/detector/detector.go (BuildResourceBinding).
import { eventReasons } from "#api/karmada-constants.ts";
import type { Operation } from "#interpreter/interpretation.ts";
import { errorText } from "#machinery/api-error.ts";
import type { KubeObject } from "#machinery/object.ts";
import type { FailureReport } from "../failure-condition.ts";
import { interpreterReport } from "../interpret-failures.ts";
import type { Demand } from "./build-binding.ts";
import type { Detector } from "./detector.ts";

/** What a template asks for. Rejects with an InterpretError where the interpreter fails. */
export async function demandOf(template: KubeObject, detector: Detector): Promise<Demand> {
  const { interpreter, gates } = detector.deps;
  const has = (operation: Operation): boolean => isUnderstood(template, operation, detector);
  if (gates.MultiplePodTemplatesScheduling && has("getComponents")) {
    const components = await asked("getComponents", interpreter.getComponents(template));
    // Only by now does the interpreter know all hooks that users bring.
    if (has("getComponents")) return components.length === 0 ? { kind: "none" } : { kind: "components", components };
  }
  if (!has("getReplicas")) return { kind: "none" };
  const { replicas, requirements } = await asked("getReplicas", interpreter.getReplicas(template));
  return { kind: "replicas", replicas, requirements };
}

function isUnderstood({ apiVersion, kind }: KubeObject, operation: Operation, { deps }: Detector): boolean {
  const known = deps.templates.kindNow(apiVersion, kind);
  return known !== undefined && deps.interpreter.hooks(known).has(operation);
}

type Asking = "getReplicas" | "getComponents";

class InterpretError extends Error {
  readonly operation: Asking;

  constructor(operation: Asking, cause: unknown) {
    super(errorText(cause), { cause });
    this.operation = operation;
  }
}

async function asked<T>(operation: Asking, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw new InterpretError(operation, error);
  }
}

/** What a binding is to say of the interpreter's answer, or of its failure. */
export function demandReports(error?: unknown): readonly FailureReport[] {
  return (["getReplicas", "getComponents"] as const).map((operation) =>
    interpreterReport(operation, ...(error instanceof InterpretError && error.operation === operation ? [error] : [])),
  );
}

/** The event that the interpreter has failed. */
export function tellFailure(template: KubeObject, error: unknown, { events }: Detector): void {
  if (!(error instanceof InterpretError)) return;
  const { getReplicasFailed, getComponentsFailed } = eventReasons;
  const reason = error.operation === "getReplicas" ? getReplicasFailed : getComponentsFailed;
  events.event(template, "Warning", reason, error.message);
}

/** The event that a binding says anew what its template asks for. */
export function tellDemand(template: KubeObject, { kind }: Demand, { events }: Detector): void {
  if (kind === "none") return;
  const reason = kind === "replicas" ? eventReasons.getReplicasSucceed : eventReasons.getComponentsSucceed;
  events.event(template, "Normal", reason, `Get ${kind} of resource template successfully.`);
}
