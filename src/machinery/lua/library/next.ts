// `next`, which loops over tables know.
import { native } from "./arguments.ts";

/** As a power of two. */
const scannedPerStep = 3;

export const next = native("next", (args) => {
  const table = args.table(1);
  args.machine.step(1 + (table.stepsTo(args.at(2)) >> scannedPerStep));
  const entry = table.next(args.at(2));
  if (entry === "invalid") return args.machine.fail("invalid key to 'next'");
  return entry ?? [undefined];
});
