// Which container of a pod a request is about, and whether it runs. Texts as the API server and the kubelet have them. Pure.
// Upstream: kubernetes pkg/registry/core/pod/strategy.go (LogLocation, streamLocation).
import { childOf, type Fields, itemsOf, textOf } from "#api/builtin/access.ts";
import type { Pod } from "#api/kinds.ts";
import { ApiError } from "#machinery/api-error.ts";

export interface ChosenContainer {
  readonly container: Fields;
  readonly name: string;
  /** Its status, where it has one. */
  readonly status: Fields | undefined;
}

/** `name` empty: the only one. Throws BadRequest where there are several, or none of that name. */
export function chooseContainer(pod: Pod, name: string): ChosenContainer {
  const spec = childOf(pod, "spec");
  const all = ["initContainers", "containers", "ephemeralContainers"].flatMap((field) => itemsOf(spec, field));
  const names = all.map((container) => textOf(container, "name"));
  const apps = itemsOf(spec, "containers");
  const podName = pod.metadata.name;
  if (name === "" && names.length > 1) {
    const choice = `choose one of: [${names.join(" ")}]`;
    throw new ApiError("BadRequest", `a container name must be specified for pod ${podName}, ${choice}`);
  }
  const container = name === "" ? apps[0] : all.find((each) => textOf(each, "name") === name);
  if (container === undefined) throw new ApiError("BadRequest", `container ${name} is not valid for pod ${podName}`);
  const found = textOf(container, "name");
  const statuses = ["initContainerStatuses", "containerStatuses", "ephemeralContainerStatuses"];
  const status = statuses
    .flatMap((field) => itemsOf(childOf(pod, "status"), field))
    .find((each) => textOf(each, "name") === found);
  return { container, name: found, status };
}

/** Throws BadRequest for a container that has not started. */
export function mustHaveStarted(pod: Pod, { name, status }: ChosenContainer): void {
  const state = childOf(status, "state");
  if (childOf(state, "running") !== undefined || childOf(state, "terminated") !== undefined) return;
  if (childOf(childOf(status, "lastState"), "terminated") !== undefined) return;
  const reason = textOf(childOf(state, "waiting"), "reason") || "ContainerCreating";
  const why = `is waiting to start: ${reason}`;
  throw new ApiError(
    "BadRequest",
    `container ${JSON.stringify(name)} in pod ${JSON.stringify(pod.metadata.name)} ${why}`,
  );
}

/** Throws where nothing can run in it now. */
export function mustRun(pod: Pod, chosen: ChosenContainer): void {
  if (childOf(childOf(chosen.status, "state"), "running") !== undefined) return;
  mustHaveStarted(pod, chosen);
  const phase = textOf(childOf(pod, "status"), "phase");
  const why = `cannot exec into a container in a completed pod; current phase is ${phase}`;
  throw new ApiError("InternalError", `Internal error occurred: ${why}`);
}
