// `next`, which loops over tables know.
import { native } from "./arguments.ts";

export const next = native("next", (args) => {
  const table = args.table(1);
  args.machine.step();
  const entry = table.next(args.at(2));
  if (entry === "invalid") return args.machine.fail("invalid key to 'next'");
  return entry ?? [undefined];
});
