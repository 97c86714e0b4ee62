// `/healthz`, `/livez`, `/readyz`: named checks, one by one or all together.
// Upstream: k8s.io/apiserver/pkg/server/healthz/healthz.go.
import type { ApiResponse } from "#machinery/http.ts";
import { abortable, deadlineSignal } from "#std/abort.ts";
import type { Logger } from "#std/logger.ts";
import type { Clock } from "#std/time.ts";
import type { HealthCheck } from "../options.ts";
import type { RequestContext } from "../request/context.ts";
import { notFoundPage, textResponse } from "../request/respond.ts";

/** A check that has not answered after this long has failed. */
const checkMillisecondsMax = 5_000;

export type HealthEndpoint = "healthz" | "livez" | "readyz";

interface NamedCheck {
  readonly name: string;
  readonly check: HealthCheck;
}

interface Outcome {
  readonly name: string;
  readonly ok: boolean;
  readonly isExcluded: boolean;
}

/** The checks of each endpoint. */
export class Health {
  readonly #checks: Record<HealthEndpoint, NamedCheck[]> = { healthz: [], livez: [], readyz: [] };
  readonly #clock: Clock;
  readonly #log: Logger;

  constructor({ clock, log }: { readonly clock: Clock; readonly log: Logger }) {
    this.#clock = clock;
    this.#log = log;
  }

  add(endpoints: readonly HealthEndpoint[], name: string, check: HealthCheck): void {
    for (const endpoint of endpoints) this.#checks[endpoint].push({ name, check });
  }

  /** Answers `/readyz`, `/readyz/<check>`, … or undefined for other paths. */
  async answer({ info, signal }: RequestContext): Promise<ApiResponse | undefined> {
    const [root, ...rest] = info.path.slice(1).split("/");
    if (root !== "healthz" && root !== "livez" && root !== "readyz") return undefined;
    const name = rest.join("/");
    const checks = this.#checks[root].filter((each) => name === "" || each.name === name);
    if (name !== "" && checks.length === 0) return notFoundPage();
    const excluded = info.query.all("exclude");
    const outcomes = await Promise.all(checks.map((each) => this.#run(each, excluded.includes(each.name), signal)));
    const unknown = excluded.filter((each) => !checks.some((check) => check.name === each));
    return report(root, outcomes, { unknown, isVerbose: info.query.has("verbose"), isSingle: name !== "" });
  }

  async #run({ name, check }: NamedCheck, isExcluded: boolean, caller: AbortSignal): Promise<Outcome> {
    if (isExcluded) return { name, ok: true, isExcluded };
    using signal = deadlineSignal(this.#clock, checkMillisecondsMax, caller);
    try {
      await abortable(Promise.resolve(check(signal)), signal);
      return { name, ok: true, isExcluded };
    } catch (error) {
      // The reason stays in the log: anybody may ask.
      this.#log.info("health check failed", { check: name, error });
      return { name, ok: false, isExcluded };
    }
  }
}

interface ReportOptions {
  readonly unknown: readonly string[];
  readonly isVerbose: boolean;
  readonly isSingle: boolean;
}

function report(endpoint: string, outcomes: readonly Outcome[], options: ReportOptions): ApiResponse {
  const failed = outcomes.some(({ ok }) => !ok);
  if (!failed && (options.isSingle || !options.isVerbose)) return textResponse(200, "ok");
  const lines = outcomes.map(({ name, ok, isExcluded }) => {
    if (isExcluded) return `[+]${name} excluded: ok`;
    return ok ? `[+]${name} ok` : `[-]${name} failed: reason withheld`;
  });
  if (options.unknown.length > 0) {
    const names = options.unknown.map((name) => JSON.stringify(name)).join(", ");
    lines.push(`warn: some health checks cannot be excluded: no matches for ${names}`);
  }
  lines.push(`${endpoint} check ${failed ? "failed" : "passed"}`);
  return textResponse(failed ? 500 : 200, `${lines.join("\n")}\n`);
}
