// The thread on which scripts run that are not quick. Started by script-thread.ts.
import { parentPort } from "node:worker_threads";
import { invariant } from "#std/invariant.ts";
import { systemClock } from "#std/time.ts";
import type { ScriptCall } from "./run-script.ts";
import { runThoroughly } from "./script-engine.ts";
import { scriptErrorText } from "./script-error.ts";
import type { ThreadAnswer } from "./script-thread.ts";

function answer(call: ScriptCall): ThreadAnswer {
  try {
    return { type: "done", outcome: runThoroughly(call, systemClock) };
  } catch (error) {
    return { type: "failed", text: scriptErrorText(error, call.customization) };
  }
}

invariant(parentPort, "this file is a worker's");
const port = parentPort;
port.on("message", (call: ScriptCall) => {
  const begun: ThreadAnswer = { type: "begun" };
  port.postMessage(begun);
  port.postMessage(answer(call));
});
