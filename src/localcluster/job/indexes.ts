// Sets of completion indexes as a Job's status writes them: `1,3-5`.
// Upstream: kubernetes pkg/controller/job/indexed_job_utils.go.
import type { Pod } from "#api/kinds.ts";

export const indexAnnotation = "batch.kubernetes.io/job-completion-index";

/** The index of a pod of an Indexed Job, or undefined. */
export function indexOf({ metadata }: Pod): number | undefined {
  const text = metadata.annotations?.[indexAnnotation];
  const index = Number(text);
  return text === undefined || !Number.isInteger(index) || index < 0 ? undefined : index;
}

/** Indexes from `completions` on belong to an earlier size of the Job and are left out. */
export function parseIndexes(text: string | undefined, completions: number): Set<number> {
  const indexes = new Set<number>();
  for (const part of (text ?? "").split(",")) {
    const [first = "", last = first] = part.split("-");
    if (first === "") continue;
    for (let index = Number(first); index <= Math.min(Number(last), completions - 1); index++) indexes.add(index);
  }
  return indexes;
}

export function formatIndexes(indexes: ReadonlySet<number>): string {
  const sorted = [...indexes].sort((left, right) => left - right);
  const ranges: [number, number][] = [];
  for (const index of sorted) {
    const range = ranges.at(-1);
    if (range?.[1] === index - 1) range[1] = index;
    else ranges.push([index, index]);
  }
  return ranges.map(([first, last]) => textOf(first, last)).join(",");
}

function textOf(first: number, last: number): string {
  if (first === last) return String(first);
  return last === first + 1 ? `${first},${last}` : `${first}-${last}`;
}
