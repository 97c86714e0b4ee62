// Fails a run that touches what is not simulated: while it is on, the machine's time, timers and entropy throw.
// Sockets need a name and a time-out, so that they are found by these, too.
import crypto from "node:crypto";
import { syncBuiltinESMExports } from "node:module";

/** Who does what while the guard is on, by the object that has the function. */
const guarded: readonly (readonly [string, object, readonly string[]])[] = [
  ["", globalThis, ["setTimeout", "setInterval", "fetch", "WebSocket", "Worker"]],
  ["Date.", Date, ["now"]],
  ["Math.", Math, ["random"]],
  ["performance.", performance, ["now"]],
  ["AbortSignal.", AbortSignal, ["timeout"]],
  [
    "crypto.",
    crypto,
    ["randomBytes", "randomFill", "randomFillSync", "randomInt", "randomUUID", "generateKeyPair", "pbkdf2", "scrypt"],
  ],
];

/** The guard: `touched` has what was used in spite of it, `lift` takes it off. */
export interface Guard extends Disposable {
  readonly touched: readonly string[];
}

/** Puts the guard on for the whole process, until it is disposed of. */
export function guardReality(): Guard {
  const touched: string[] = [];
  const restore: (() => void)[] = [];
  for (const [prefix, owner, names] of guarded) {
    for (const name of names) {
      const original = Object.getOwnPropertyDescriptor(owner, name);
      if (original?.configurable !== true) continue;
      const refuse = (): never => {
        touched.push(`${prefix}${name}`);
        throw new Error(`a simulated run has used ${prefix}${name}: it is not simulated`);
      };
      Object.defineProperty(owner, name, { configurable: true, writable: true, value: refuse });
      restore.push(() => Object.defineProperty(owner, name, original));
    }
  }
  syncBuiltinESMExports();
  return {
    touched,
    [Symbol.dispose]() {
      for (const undo of restore) undo();
      syncBuiltinESMExports();
    },
  };
}
