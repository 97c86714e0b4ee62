// Invariant: what the user was told is done is so, from the answer on: whatever crashes, is cut or is full afterwards, and
// whoever else writes the object. What was refused has not happened. What was not answered has happened or not.
import type { Ledger } from "../ledger.ts";
import type { Checker, MakeChecker } from "./checker.ts";

/** Compares what is stored with what the ledger says was acknowledged: after each of the user's steps, and at the end. */
export function keptWrites(ledger: Ledger): MakeChecker {
  return ({ mirror, controlPlane }): Checker => {
    const look = (): string | undefined => {
      for (const { kind, ref } of ledger.entries()) {
        const what = ledger.contradiction(kind, ref, mirror.find(controlPlane, kind, ref));
        if (what !== undefined) return `an acknowledged write is lost: ${what}`;
      }
      return undefined;
    };
    return { acted: look, unsettled: look };
  };
}
