// Fails a run that touches what is not simulated: while it is on, the machine's time, timers, entropy, sockets and processes
// throw, whoever reaches for them.
import { syncBuiltinESMExports } from "node:module";

// Taken as they are, not imported: nothing of them is used here.
const childProcess = process.getBuiltinModule("node:child_process");
const crypto = process.getBuiltinModule("node:crypto");
const dgram = process.getBuiltinModule("node:dgram");
const dns = process.getBuiltinModule("node:dns");
const net = process.getBuiltinModule("node:net");
const timers = process.getBuiltinModule("node:timers");
const timersPromises = process.getBuiltinModule("node:timers/promises");
const timerNames = ["setTimeout", "setInterval", "setImmediate"];
const entropyNames = ["randomBytes", "randomFill", "randomFillSync", "randomInt", "randomUUID", "getRandomValues"];
const keyNames = ["generateKey", "generateKeySync", "generateKeyPair", "generateKeyPairSync"];

/** What must not be touched, by the object that has it. */
const guarded: readonly (readonly [string, object, readonly string[]])[] = [
  ["", globalThis, [...timerNames, "fetch", "WebSocket", "EventSource", "Worker"]],
  ["timers.", timers, timerNames],
  ["timers/promises.", timersPromises, timerNames],
  ["Date.", Date, ["now"]],
  ["Math.", Math, ["random"]],
  ["performance.", performance, ["now"]],
  ["process.", process, ["hrtime"]],
  ["AbortSignal.", AbortSignal, ["timeout"]],
  ["crypto.", crypto, [...entropyNames, ...keyNames, "pbkdf2", "scrypt"]],
  ["webcrypto.", crypto.webcrypto, ["getRandomValues", "randomUUID"]],
  ["net.Socket.", net.Socket.prototype, ["connect"]],
  ["net.Server.", net.Server.prototype, ["listen"]],
  ["dgram.", dgram, ["createSocket"]],
  ["dns.", dns, ["lookup", "resolve"]],
  ["child_process.", childProcess, ["spawn", "fork", "exec", "execFile"]],
];

const { setImmediate: immediate } = timers;

/** A turn of the real event loop, in which all promises that wait for nothing simulated are done: the one thing left. */
export function realTurn(): Promise<void> {
  return new Promise((resolve) => immediate(resolve));
}

/** The guard: `touched` has what was used in spite of it, disposing takes it off. */
export interface Guard extends Disposable {
  readonly touched: readonly string[];
}

/** Puts the guard on for the whole process, until it is disposed of. */
export function guardReality(): Guard {
  const touched: string[] = [];
  const restore: (() => void)[] = [];
  const refuse = (what: string): never => {
    touched.push(what);
    throw new Error(`a simulated run has used ${what}: it is not simulated`);
  };
  for (const [prefix, owner, names] of guarded) {
    for (const name of names) {
      // What cannot be replaced is in the list under another name, too.
      const isFixed = Object.getOwnPropertyDescriptor(owner, name)?.configurable === false;
      if (name in owner && !isFixed) restore.push(replaced(owner, name, () => refuse(`${prefix}${name}`)));
    }
  }
  const date = new Proxy(Date, {
    apply: () => refuse("Date()"),
    construct: (target, values: unknown[], newTarget) =>
      values.length === 0 ? refuse("new Date()") : constructed(target, values, newTarget),
  });
  restore.push(replaced(globalThis, "Date", date));
  syncBuiltinESMExports();
  return {
    touched,
    [Symbol.dispose]() {
      for (const undo of restore.toReversed()) undo();
      syncBuiltinESMExports();
    },
  };
}

/** Puts a value in the place of one that an object has or inherits. Returns the way back. */
function replaced(owner: object, name: string, value: unknown): () => void {
  const own = Object.getOwnPropertyDescriptor(owner, name);
  Object.defineProperty(owner, name, { configurable: true, writable: true, value });
  return () => {
    if (own === undefined) Reflect.deleteProperty(owner, name);
    else Object.defineProperty(owner, name, own);
  };
}

function constructed(target: DateConstructor, values: readonly unknown[], newTarget: NewableFunction): object {
  const made: unknown = Reflect.construct(target, values, newTarget);
  if (typeof made === "object" && made !== null) return made;
  throw new Error("a Date is an object");
}
