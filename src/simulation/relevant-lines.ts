// Which lines of a trace the reader of a failure wants to see: what happened to the objects that it names, what befell the
// parts meanwhile, and what the user did; not what was only read.
import { templateNames } from "./workload/system-plan.ts";

const always = / (?:crash|restart|restore|start|pause|resume|links|cut|compact|disk|clock|calm|not yet|broken)/;
const reads = / (?:GET|HEAD) /;

/** The last `count` of them. */
export function relevantLines(lines: readonly string[], what: string, count: number): readonly string[] {
  const names = templateNames.filter((name) => new RegExp(`(?:^|[/ ])${name}(?:$|[-: ?])`).test(what));
  const about = new RegExp(`[/ ](?:${names.join("|")})(?:$|[- ?:])`);
  const chosen = lines.filter(
    (line) => !reads.test(line) && (names.length === 0 || always.test(line) || about.test(line)),
  );
  return chosen.slice(-count);
}
