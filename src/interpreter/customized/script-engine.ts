// The port through which scripts are run, and its two forms on this thread. Nearly all scripts are done within a fraction of a
// millisecond: they run here, on objects that are not copied. One that is not is stopped after a millisecond or two and run
// again on a thread of its own (script-thread.ts), with all that a script may use. Scripts have no effects, so that
// running one again is running it once.
import { LuaLimitError, type LuaLimits } from "#machinery/lua/machine.ts";
import type { Clock } from "#std/time.ts";
import { runScript, type ScriptCall } from "./run-script.ts";
import { ScriptError, scriptErrorText } from "./script-error.ts";

export interface ScriptOutcome {
  /** JSON. */
  readonly results: readonly unknown[];
  /** What the script printed, line by line. */
  readonly printed: readonly string[];
}

/** Runs a script. Rejects with a ScriptError. */
export type ScriptEngine = (call: ScriptCall) => Promise<ScriptOutcome>;

/** About a millisecond of work. */
const quickLimits: LuaLimits = { steps: 20_000, bytes: 1_048_576 };
/** Longer scripts are not even read here. */
const quickScriptCharactersMax = 16_384;

const stepsMax = 5_000_000;
const bytesMax = 64 * 1_048_576;
/** As upstream: for loading the script and calling its function. */
export const scriptMillisecondsMax = 1_000;
const printedLinesMax = 100;

/** Does what is quick on this thread, and leaves the rest to `thorough`. */
export function quickScripts(clock: Clock, thorough: ScriptEngine): ScriptEngine {
  return async (call) => {
    if (call.script.length > quickScriptCharactersMax) return await thorough(call);
    try {
      return runWithin(call, clock, quickLimits);
    } catch (error) {
      if (error instanceof LuaLimitError) return await thorough(call);
      throw new ScriptError(call, scriptErrorText(error, call.customization));
    }
  };
}

/** Does everything on this thread: for programs that do nothing else, and for simulated time. */
export function thoroughScripts(clock: Clock): ScriptEngine {
  return (call) =>
    Promise.try(() => {
      try {
        return runThoroughly(call, clock);
      } catch (error) {
        throw new ScriptError(call, scriptErrorText(error, call.customization));
      }
    });
}

/** One call with all that a script may use. Throws what the engine throws. */
export function runThoroughly(call: ScriptCall, clock: Clock): ScriptOutcome {
  const start = clock.monotonic();
  const time = { elapsed: () => clock.monotonic() - start, milliseconds: scriptMillisecondsMax };
  return runWithin(call, clock, { steps: stepsMax, bytes: bytesMax, time });
}

function runWithin(call: ScriptCall, clock: Clock, limits: LuaLimits): ScriptOutcome {
  const printed: string[] = [];
  const print = (line: string): void => {
    if (printed.length < printedLinesMax) printed.push(line);
  };
  const results = runScript(call, { limits, now: () => clock.now(), print });
  return { results, printed };
}
