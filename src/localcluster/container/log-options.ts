// What a reader asks for of a log, and which lines that are. Pure.
// Upstream: kubernetes pkg/apis/core/validation (ValidatePodLogOptions), staging/src/k8s.io/cri-client/pkg/logs/logs.go.
import type { Query } from "#apiserver/request/query.ts";
import { ApiError } from "#machinery/api-error.ts";
import { type FieldError, forbidden, invalid, invalidError } from "#machinery/field-error.ts";
import { parseTime } from "#std/time.ts";
import type { LogLine } from "./output.ts";

export interface LogOptions {
  readonly container: string;
  readonly follow: boolean;
  readonly previous: boolean;
  readonly timestamps: boolean;
  /** Milliseconds since 1970: nothing that is older. */
  readonly since: number | undefined;
  /** So many lines from the end, before `since` leaves some out. */
  readonly tailLines: number | undefined;
  readonly limitBytes: number;
}

const kind = { group: "", version: "v1", kind: "PodLogOptions" } as const;

/** Reads the query. Throws BadRequest and Invalid. */
export function logOptionsOf(query: Query, pod: string, now: number): LogOptions {
  const tailLines = query.integer("tailLines");
  const limitBytes = query.integer("limitBytes");
  const sinceSeconds = query.integer("sinceSeconds");
  const sinceTime = timeIn(query.get("sinceTime") ?? "");
  const errors: readonly FieldError[] = [
    ...(tailLines !== undefined && tailLines < 0
      ? [invalid("tailLines", tailLines, "must be greater than or equal to 0")]
      : []),
    ...(limitBytes !== undefined && limitBytes < 1
      ? [invalid("limitBytes", limitBytes, "must be greater than 0")]
      : []),
    ...(sinceSeconds !== undefined && sinceTime !== undefined
      ? [forbidden("", "at most one of `sinceTime` or `sinceSeconds` may be specified")]
      : []),
    ...(sinceSeconds !== undefined && sinceSeconds < 1
      ? [invalid("sinceSeconds", sinceSeconds, "must be greater than 0")]
      : []),
  ];
  if (errors.length > 0) throw invalidError(kind, pod, errors);
  return {
    container: query.get("container") ?? "",
    follow: query.flag("follow"),
    previous: query.flag("previous"),
    timestamps: query.flag("timestamps"),
    since: sinceTime ?? (sinceSeconds === undefined ? undefined : now - sinceSeconds * 1000),
    tailLines,
    limitBytes: limitBytes ?? Infinity,
  };
}

function timeIn(text: string): number | undefined {
  if (text === "") return undefined;
  const time = parseTime(text);
  if (time !== undefined) return time;
  const why = `sinceTime: ${JSON.stringify(text)} is no time as 2026-01-02T03:04:05Z is one (RFC 3339)`;
  throw new ApiError("BadRequest", why);
}

/** The lines that are wanted of those that there are. */
export function selectLines(lines: readonly LogLine[], { since, tailLines }: LogOptions): readonly LogLine[] {
  const tail = tailLines === undefined ? lines : tailLines === 0 ? [] : lines.slice(-tailLines);
  return since === undefined ? tail : tail.filter(({ time }) => time >= since);
}

/** As they are sent. */
export function logText(lines: readonly LogLine[], { timestamps }: LogOptions): string {
  return lines.map(({ time, text }) => (timestamps ? `${stampOf(time)} ${text}\n` : `${text}\n`)).join("");
}

/** With nanoseconds, as the kubelet's. */
function stampOf(time: number): string {
  return new Date(time).toISOString().replace("Z", "000000Z");
}
