// What a checker looks at in tests: nothing is done by hand, and no time passes.
import { encodeJson } from "#machinery/json.ts";
import type { Kind, KubeObject } from "#machinery/object.ts";
import { keyOf, type Mirror, type ObservedChange } from "../mirror.ts";
import { controlPlane } from "../parts.ts";
import type { Observed } from "./checker.ts";

/** A world whose servers hold nothing yet. */
export function observedWith(mirror: Mirror, members: readonly string[]): Observed {
  for (const server of [controlPlane, ...members]) mirror.reset(server, []);
  return { controlPlane, members, mirror, now: () => 0, queueDepths: () => new Map(), isByHand: () => false };
}

/** An object becomes durable on a server. */
export function put(
  mirror: Mirror,
  server: string,
  kind: Kind,
  { object, revision }: { readonly object: KubeObject; readonly revision: number },
): ObservedChange {
  return mirror.apply(server, { type: "put", key: keyOf(kind, object.metadata), revision, value: encodeJson(object) });
}
