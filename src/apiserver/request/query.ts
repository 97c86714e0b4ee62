// The query of a request, parsed when first asked for, and the meaning of its common parameters. Pure.
// Upstream: k8s.io/apimachinery/pkg/apis/meta/v1/types.go (the *Options kinds), conversion of booleans as apimachinery has it.
import { ApiError } from "#machinery/api-error.ts";

export class Query {
  readonly #text: string;
  #params: URLSearchParams | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  get isEmpty(): boolean {
    return this.#text === "";
  }

  /** The first value of a parameter, or undefined. */
  get(name: string): string | undefined {
    if (this.#text === "") return undefined;
    return this.#parsed().get(name) ?? undefined;
  }

  all(name: string): readonly string[] {
    return this.#text === "" ? [] : this.#parsed().getAll(name);
  }

  has(name: string): boolean {
    return this.#text !== "" && this.#parsed().has(name);
  }

  /** A boolean parameter: absent, `false` (any case) and `0` are no; all else, the empty value too, is yes. */
  flag(name: string): boolean {
    return this.optionalFlag(name) ?? false;
  }

  optionalFlag(name: string): boolean | undefined {
    const value = this.get(name);
    return value === undefined ? undefined : value.toLowerCase() !== "false" && value !== "0";
  }

  /** An integer parameter; absent or empty: undefined. Throws BadRequest for anything else. */
  integer(name: string): number | undefined {
    const value = this.get(name);
    if (value === undefined || value === "") return undefined;
    if (!/^[+-]?\d{1,15}$/.test(value)) {
      throw new ApiError("BadRequest", `strconv.ParseInt: parsing ${JSON.stringify(value)}: invalid syntax`);
    }
    return Number(value);
  }

  #parsed(): URLSearchParams {
    this.#params ??= new URLSearchParams(this.#text);
    return this.#params;
  }
}

const unitMilliseconds: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/** Milliseconds of a Go duration text (`1m30s`), or undefined where it is not one. */
export function parseGoDuration(text: string): number | undefined {
  if (text === "0") return 0;
  const parts = [...text.matchAll(/(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)/gy)];
  if (parts.length === 0 || parts.map((part) => part[0]).join("") !== text) return undefined;
  return parts.reduce((sum, part) => sum + Number(part[1]) * (unitMilliseconds[part[2] ?? ""] ?? 0), 0);
}
