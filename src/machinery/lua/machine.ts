// What one run of a script may use, and where it is. Everything that runs counts here: an endless loop, a deep recursion and
// a string that doubles itself end in an error with the line.
import type { LuaTable } from "./table.ts";
import { type LuaFunction, type LuaValue, typeName } from "./values.ts";

/** What a script raised: any value, most often a text with its place in front. `pcall` catches it. */
export class LuaError extends Error {
  readonly value: LuaValue;

  constructor(value: LuaValue) {
    super(typeof value === "string" ? value : `(error object is a ${typeName(value)} value)`);
    this.value = value;
  }
}

/** The script used up what it was given. Nothing in the script catches it. */
export class LuaLimitError extends Error {
  readonly limit: "steps" | "bytes" | "time";
  readonly line: number;

  constructor(limit: LuaLimitError["limit"], line: number, message: string) {
    super(message);
    this.limit = limit;
    this.line = line;
  }
}

export interface LuaLimits {
  /** Statements, turns of loops, calls, and the work of library functions measured in these. */
  readonly steps: number;
  /** Bytes of strings and tables made in the whole run, whether still used or not. */
  readonly bytes: number;
  /** Asked now and then: how many milliseconds the run has taken, and how many it may. */
  readonly time?: { elapsed(): number; readonly milliseconds: number };
}

/** As in gopher-lua, which Karmada runs. */
const callDepthMax = 256;
const stepsBetweenLooksAtTime = 8_192;

export class Machine {
  readonly chunk: string;
  /** The functions of strings, for `text:lower()`. */
  readonly strings: LuaTable;
  readonly now: () => number;
  readonly print: (line: string) => void;
  /** The line of the statement that was begun last. */
  at = 0;
  /** The line of the call under way. */
  line = 0;
  /** The line from which the running function was called. */
  calledAt = 0;
  depth = 0;
  /** Whether that call is one of the form `object:name()`, whose first argument users do not see. */
  isMethodCall = false;
  /** State of math.random. */
  seed = 1;
  readonly #limits: LuaLimits;
  #stepsLeft: number;
  #bytesLeft: number;
  #untilLook: number;

  constructor(options: {
    readonly chunk: string;
    readonly strings: LuaTable;
    readonly limits: LuaLimits;
    readonly now: () => number;
    readonly print: (line: string) => void;
  }) {
    this.chunk = options.chunk;
    this.strings = options.strings;
    this.now = options.now;
    this.print = options.print;
    this.#limits = options.limits;
    this.#bytesLeft = options.limits.bytes;
    this.#untilLook = Math.min(options.limits.steps, stepsBetweenLooksAtTime);
    this.#stepsLeft = options.limits.steps - this.#untilLook;
  }

  /** Counts work, in a statement of this line. */
  step(count = 1, line = this.at): void {
    this.at = line;
    this.#untilLook -= count;
    if (this.#untilLook < 0) this.#look(line);
  }

  #look(line: number): void {
    this.#stepsLeft += this.#untilLook;
    if (this.#stepsLeft < 0) {
      throw new LuaLimitError("steps", line, `the script needs more than ${this.#limits.steps} steps`);
    }
    const { time } = this.#limits;
    if (time !== undefined && time.elapsed() > time.milliseconds) {
      throw new LuaLimitError("time", line, `the script takes longer than ${time.milliseconds} ms`);
    }
    this.#untilLook = Math.min(this.#stepsLeft, stepsBetweenLooksAtTime);
    this.#stepsLeft -= this.#untilLook;
  }

  /** Counts memory. */
  allocate(bytes: number): void {
    this.#bytesLeft -= bytes;
    if (this.#bytesLeft < 0) {
      throw new LuaLimitError("bytes", this.at, `the script makes more than ${this.#limits.bytes} bytes of values`);
    }
  }

  /** Calls any value. */
  call(callee: LuaFunction, args: readonly LuaValue[]): readonly LuaValue[] {
    if (++this.depth > callDepthMax) return this.fail("stack overflow");
    const results = callee.call(this, args);
    this.depth--;
    return results;
  }

  /** Raises a text with the place in front; none when no line of the script made the call. */
  fail(text: string, line = this.line): never {
    throw new LuaError(line === 0 ? text : `${this.chunk}:${line}: ${text}`);
  }
}
