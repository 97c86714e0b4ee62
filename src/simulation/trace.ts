// What has happened in a world, as a hash over everything and as the last lines for the reader of a failure.
import { createHash } from "node:crypto";

/** Lines kept for the report of a failure. */
const linesMax = 20_000;

/** The record of one run. Two runs of a seed have the same hash, or something in them was not simulated. */
export class Trace {
  readonly #hash = createHash("sha256");
  readonly #print: ((line: string) => void) | undefined;
  #lines: string[] = [];

  /** `print`: is given every line as it comes. */
  constructor(print?: (line: string) => void) {
    this.#print = print;
  }

  /** Notes that something happened at `milliseconds`. */
  add(milliseconds: number, what: string): void {
    const line = `${milliseconds.toFixed(3)} ${what}`;
    this.#hash.update(line).update("\n");
    this.#print?.(line);
    this.#lines.push(line);
    if (this.#lines.length >= 2 * linesMax) this.#lines = this.#lines.slice(-linesMax);
  }

  /** The last lines, 20,000 at least if there have been so many. */
  lines(): readonly string[] {
    return this.#lines;
  }

  /** The hash over all lines so far. */
  digest(): string {
    return this.#hash.copy().digest("hex");
  }
}
