// The first and the last of several times as texts.
import { parseTime } from "#std/time.ts";

export function earliest(times: readonly string[]): string | undefined {
  return times.reduce<string | undefined>(
    (best, time) => (best === undefined || at(time) < at(best) ? time : best),
    undefined,
  );
}

export function latest(times: readonly string[]): string | undefined {
  return times.reduce<string | undefined>(
    (best, time) => (best === undefined || at(time) > at(best) ? time : best),
    undefined,
  );
}

function at(time: string): number {
  return parseTime(time) ?? 0;
}
