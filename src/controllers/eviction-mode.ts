// How sure one must be before a copy of a resource is taken away. Ours: Karmada has only what is called compatible here.

/**
 * `strict`: a copy goes only when others are seen to be healthy in its place, or the user said so; else it stays, and that
 * is told. `compatible`: as Karmada does it; a grace period that is over, or an empty schedule, takes it away.
 */
export type EvictionMode = "strict" | "compatible";

export const evictionModes: readonly EvictionMode[] = ["strict", "compatible"];
