// Makes a plan that fails smaller, for as long as it fails in the same way: leaves out everything that happens to one part,
// everything of one kind, then steps in ever smaller pieces (delta debugging). The times of the rest stay as they are.
import type { Plan, Step } from "./plan.ts";

/** What a run of a plan came to. */
export interface Outcome {
  /** The broken invariant; undefined: the plan held. */
  readonly what: string | undefined;
  /** How many steps it took to find out. */
  readonly steps: number;
}

type Run = (plan: Plan) => Promise<Outcome>;

/** The smallest plan that was found before `stepsMax` steps were spent. */
export async function shrink(plan: Plan, what: string, run: Run, stepsMax: number): Promise<Plan> {
  const search = new Search(plan, what, run, stepsMax);
  for (const field of ["on", "kind"] as const) {
    for (const value of new Set(plan.steps.map((step) => step[field]))) {
      await search.tryWith((steps) => steps.filter((step) => step[field] !== value));
    }
  }
  await search.leaveOutPieces();
  return search.smallest;
}

class Search {
  smallest: Plan;
  readonly #what: string;
  readonly #run: Run;
  #stepsLeft: number;

  constructor(plan: Plan, what: string, run: Run, stepsMax: number) {
    this.smallest = plan;
    this.#what = what;
    this.#run = run;
    this.#stepsLeft = stepsMax;
  }

  /** Whether what `choose` leaves of the steps is less, and fails as well. */
  async tryWith(choose: (steps: readonly Step[]) => readonly Step[]): Promise<boolean> {
    const steps = choose(this.smallest.steps);
    if (steps.length === this.smallest.steps.length || this.#stepsLeft <= 0) return false;
    const candidate = { ...this.smallest, steps };
    const outcome = await this.#run(candidate);
    this.#stepsLeft -= outcome.steps;
    if (outcome.what === undefined || shapeOf(outcome.what) !== shapeOf(this.#what)) return false;
    this.smallest = candidate;
    return true;
  }

  async leaveOutPieces(): Promise<void> {
    let size = Math.ceil(this.smallest.steps.length / 2);
    while (this.#stepsLeft > 0) {
      let isSmaller = false;
      for (let start = 0; start < this.smallest.steps.length && this.#stepsLeft > 0;) {
        const [from, end] = [start, start + size];
        const isLess = await this.tryWith((steps) => [...steps.slice(0, from), ...steps.slice(end)]);
        isSmaller ||= isLess;
        if (!isLess) start += size;
      }
      if (size === 1 && !isSmaller) return;
      size = Math.max(1, Math.ceil(size / 2));
    }
  }
}

/** Equal for sentences that say the same of other objects, at other times. */
function shapeOf(what: string): string {
  const sentence = what.split("\n", 1)[0] ?? "";
  return sentence.replace(/\S*[/\d]\S*|\b[a-z]\b|nothing|nobody/g, "…").replace(/…[ ,…]*/g, "… ");
}
