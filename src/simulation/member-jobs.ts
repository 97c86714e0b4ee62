// Jobs in the members of a simulated world, as Flink's operator would run them: each run has an id of its own in its status, and
// takes a while to get ready, some so long that they are given up before. One that is ready has state worth keeping.
import { writeStatus } from "#localcluster/write-status.ts";
import { type Controller, defineController, done, requeueAfter } from "#runtime/controller.ts";
import { randomFraction } from "#std/random.ts";
import { brokenAnnotation } from "./workload/objects.ts";
import { Job, jobStatusOf } from "./workload/jobs.ts";

/** The longest that most take to get ready. */
const startMillisecondsMax = 3_000;
/** Of so many one takes longer than is tolerated: it fails before it has ever been ready. */
const failingOneIn = 2;
const failingMillisecondsMin = 15_000;
const failingMillisecondsMax = 50_000;

interface Run {
  readonly uid: string;
  readonly id: string;
  readonly broken: string;
  readonly readyAt: number;
}

/** The controller of one member. It knows nothing after a restart: jobs are run anew. */
export function simulatedJobs(): Controller {
  const runs = new Map<string, Run>();
  return defineController({
    name: "simulated-jobs",
    for: [Job],
    changed: ({ metadata }, { metadata: old }) =>
      metadata.uid !== old.uid || metadata.annotations?.[brokenAnnotation] !== old.annotations?.[brokenAnnotation],
    options: {},
    async reconcile(key, context) {
      const { informers, clock, random } = context;
      const job = informers.for(Job).get(key);
      if (job === undefined) {
        runs.delete(key.name);
        return done;
      }
      const { uid = "" } = job.metadata;
      const broken = job.metadata.annotations?.[brokenAnnotation] ?? "0";
      const known = runs.get(key.name);
      const isKnown = known?.uid === uid;
      const begin = (): Run => {
        const isFailing = random.uint32() % failingOneIn === 0;
        const [least, most] = isFailing ? [failingMillisecondsMin, failingMillisecondsMax] : [0, startMillisecondsMax];
        const starting = least + randomFraction(random) * (most - least);
        const readyAt = clock.monotonic() + Number(broken) + starting;
        return { uid, broken, readyAt, id: isKnown ? known.id : `job-${random.uint32().toString(36)}` };
      };
      const run = isKnown && known.broken === broken ? known : begin();
      runs.set(key.name, run);
      const left = run.readyAt - clock.monotonic();
      await writeStatus(Job, job, jobStatusOf(run.id, left <= 0), context);
      return left <= 0 ? done : requeueAfter(left);
    },
  });
}
