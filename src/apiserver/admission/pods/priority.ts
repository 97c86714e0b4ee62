// Pods get the priority of their class, or of the class that is the default; only one class can be that.
// Upstream: kubernetes plugin/pkg/admission/priority/admission.go.
import { childOf, numberOf, textOf } from "#api/builtin/access.ts";
import type { AdmissionPlugin, AdmissionRequest } from "#machinery/admission.ts";
import type { KubeObject } from "#machinery/object.ts";
import type { Storage } from "#storage/storage.ts";
import type { ParsedCache } from "../../crud/parsed-cache.ts";
import { refusedWrite } from "../refused-write.ts";

const preemptsDefault = "PreemptLowerPriority";

/** It reads classes from storage, so it never acts on old news. */
export function priorities(storage: Storage, parsed: ParsedCache): AdmissionPlugin {
  const classes = async (): Promise<readonly KubeObject[]> => {
    const { entries } = await storage.range({ prefix: "/registry/priorityclasses/" });
    return entries.map((entry) => parsed.get(entry));
  };
  return {
    name: "Priority",
    async mutate(request) {
      const { kind, operation, subresource } = request;
      if (kind.group !== "" || kind.kind !== "Pod" || subresource !== undefined) return;
      if (operation === "UPDATE") keep(request);
      if (operation === "CREATE") prioritize(request, await classes());
    },
    async validate(request) {
      const { kind, object, name } = request;
      if (kind.group !== "scheduling.k8s.io" || kind.kind !== "PriorityClass") return;
      if (object?.["globalDefault"] !== true) return;
      const other = defaultOf((await classes()).filter(({ metadata }) => metadata.name !== name));
      if (other === undefined) return;
      const why = `PriorityClass ${other.metadata.name} is already marked as default. Only one default can exist`;
      throw refusedWrite(kind, name, "Forbidden", why);
    },
  };
}

/** Of several, which can be there from before, the lowest. */
function defaultOf(classes: readonly KubeObject[]): KubeObject | undefined {
  const [lowest] = classes
    .filter((each) => each["globalDefault"] === true)
    .toSorted((left, right) => (numberOf(left, "value") ?? 0) - (numberOf(right, "value") ?? 0));
  return lowest;
}

/** Who does not speak of it does not change it. */
function keep({ object, old }: AdmissionRequest): void {
  const [spec, before] = [childOf(object, "spec"), childOf(old, "spec")];
  if (spec === undefined || before === undefined) return;
  for (const field of ["priority", "preemptionPolicy"]) {
    if (before[field] !== undefined) spec[field] ??= before[field];
  }
}

function prioritize(request: AdmissionRequest, classes: readonly KubeObject[]): void {
  const spec = childOf(request.object, "spec");
  if (spec === undefined) return;
  const refuse = (why: string): Error => refusedWrite(request.kind, request.name, "Forbidden", why);
  const named = textOf(spec, "priorityClassName");
  const found = named === "" ? defaultOf(classes) : classes.find(({ metadata }) => metadata.name === named);
  if (named !== "" && found === undefined) throw refuse(`no PriorityClass with name ${named} was found`);
  if (found !== undefined) spec["priorityClassName"] = found.metadata.name;
  const priority = numberOf(found, "value") ?? 0;
  const policy = textOf(found, "preemptionPolicy") || preemptsDefault;
  const asked = numberOf(spec, "priority");
  if (asked !== undefined && asked !== priority) {
    throw refuse(
      `the integer value of priority (${String(asked)}) must not be provided in pod spec; priority admission ` +
        `controller computed ${String(priority)} from the given PriorityClass name`,
    );
  }
  const askedPolicy = textOf(spec, "preemptionPolicy");
  if (askedPolicy !== "" && askedPolicy !== policy) {
    throw refuse(
      `the string value of PreemptionPolicy (${askedPolicy}) must not be provided in pod spec; priority admission ` +
        `controller computed ${policy} from the given PriorityClass name`,
    );
  }
  spec["priority"] = priority;
  spec["preemptionPolicy"] = policy;
}
