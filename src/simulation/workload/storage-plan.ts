// What the users of a store do and what befalls it, as data from a seed: leaving steps out of a plan gives a smaller plan.
import { type Random, randomFraction } from "#std/random.ts";
import { pick } from "../seeded-random.ts";

export type StorageStep = { readonly afterMilliseconds: number } & (
  | { readonly kind: "put" | "delete" | "update" | "read"; readonly key: string }
  | { readonly kind: "crash" | "fill" | "drain" | "cut" | "compact" }
);

const operationKinds = ["put", "put", "put", "update", "update", "update", "delete", "read", "read"] as const;
const faultKinds = ["crash", "fill", "drain", "cut", "cut", "compact"] as const;
const keys = ["/a/1", "/a/2", "/b/1"] as const;

/** One step of so many is a fault. */
const faultOneIn = 6;
/** The longest pause between two steps. A commit takes up to 3 ms: many steps fall into one. */
const pauseMillisecondsMax = 4;

/** `count` steps by chance. */
export function storagePlan(random: Random, count: number): readonly StorageStep[] {
  return Array.from({ length: count }, (): StorageStep => {
    const afterMilliseconds = randomFraction(random) * pauseMillisecondsMax;
    if (random.uint32() % faultOneIn === 0) return { afterMilliseconds, kind: pick(random, faultKinds) };
    return { afterMilliseconds, kind: pick(random, operationKinds), key: pick(random, keys) };
  });
}
