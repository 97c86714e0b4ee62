// The printers of all built-in kinds that have columns of their own.
// Upstream: kubernetes pkg/printers/internalversion/printers.go (AddHandlers).
import { apiVersionOf, type GroupVersionKind } from "#machinery/object.ts";
import type { Printer } from "../../resource.ts";
import * as access from "./access.ts";
import * as autoscaling from "./autoscaling.ts";
import * as batch from "./batch.ts";
import * as control from "./control.ts";
import * as core from "./core.ts";
import * as devices from "./devices.ts";
import * as event from "./event.ts";
import * as networking from "./networking.ts";
import * as node from "./node.ts";
import * as pod from "./pod.ts";
import type { KindPrinter } from "./printer.ts";
import * as service from "./service.ts";
import * as storage from "./storage.ts";
import * as workloads from "./workloads.ts";

const groups: readonly Readonly<Record<string, KindPrinter>>[] = [
  access,
  autoscaling,
  batch,
  control,
  core,
  devices,
  event,
  networking,
  node,
  pod,
  service,
  storage,
  workloads,
];

const printers: ReadonlyMap<string, Printer> = new Map(
  groups.flatMap((group) => Object.values(group).map(({ kind, printer }) => [keyOf(kind), printer] as const)),
);

/** The printer of a built-in kind, or undefined for one that shows only its name and when it was made. */
export function builtinPrinter(kind: GroupVersionKind): Printer | undefined {
  return printers.get(keyOf(kind));
}

function keyOf(kind: GroupVersionKind): string {
  return `${apiVersionOf(kind)}/${kind.kind}`;
}
