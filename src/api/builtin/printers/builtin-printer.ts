// The printers of all built-in kinds that have columns of their own.
// Upstream: kubernetes pkg/printers/internalversion/printers.go (AddHandlers).
import { apiVersionOf, type GroupVersionKind } from "#machinery/object.ts";
import type { Printer } from "../../resource.ts";
import { accessPrinters } from "./access.ts";
import { autoscalingPrinters } from "./autoscaling.ts";
import { batchPrinters } from "./batch.ts";
import { controlPrinters } from "./control.ts";
import { corePrinters } from "./core.ts";
import { devicePrinters } from "./devices.ts";
import { eventPrinters } from "./event.ts";
import { networkingPrinters } from "./networking.ts";
import { nodePrinters } from "./node.ts";
import { podPrinters } from "./pod.ts";
import { servicePrinters } from "./service.ts";
import { storagePrinters } from "./storage.ts";
import { workloadPrinters } from "./workloads.ts";

const printers: ReadonlyMap<string, Printer> = new Map(
  [
    ...accessPrinters,
    ...autoscalingPrinters,
    ...batchPrinters,
    ...controlPrinters,
    ...corePrinters,
    ...devicePrinters,
    ...eventPrinters,
    ...networkingPrinters,
    ...nodePrinters,
    ...podPrinters,
    ...servicePrinters,
    ...storagePrinters,
    ...workloadPrinters,
  ].map(({ kind, printer }) => [keyOf(kind), printer]),
);

/** The printer of a built-in kind, or undefined for one that shows only its name and when it was made. */
export function builtinPrinter(kind: GroupVersionKind): Printer | undefined {
  return printers.get(keyOf(kind));
}

function keyOf(kind: GroupVersionKind): string {
  return `${apiVersionOf(kind)}/${kind.kind}`;
}
