// CronJobs: creates a Job whenever one is due, and removes those of the past.
// Reads: cronjobs, jobs.  Writes: jobs, cronjob status.  Decides in ./decide.ts.
import { CronJob, Job } from "#api/kinds.ts";
import { isApiError } from "#machinery/api-error.ts";
import { type ControllerContext, defineController, done, requeueAfter, watches } from "#runtime/index.ts";
import { controllerKey, ownedBy } from "../ownership.ts";
import { writeStatus } from "../write-status.ts";
import { type NewJob, planCronJob } from "./decide.ts";

export const cronJobs = defineController({
  name: "cronjob-controller",
  standing: "follows",
  for: [CronJob],
  watches: [watches(Job, (job) => controllerKey(CronJob, job))],
  options: {},
  async reconcile(key, context) {
    const { client, clock, events, informers, signal } = context;
    const cronJob = informers.for(CronJob).get(key);
    if (cronJob === undefined) return done;
    const plan = planCronJob({ cronJob, jobs: ownedBy(informers.for(Job), cronJob), now: clock.now() });
    for (const { metadata } of plan.remove) {
      const { name, namespace, uid = "" } = metadata;
      try {
        await client.delete(
          Job,
          { name, namespace },
          { propagationPolicy: "Background", preconditions: { uid }, signal },
        );
        events.event(cronJob, "Normal", "SuccessfulDelete", `Deleted job ${name}`);
      } catch (error) {
        if (!isApiError(error, "NotFound", "Conflict")) throw error;
      }
    }
    if (plan.create !== undefined) await create(cronJob, plan.create, context);
    for (const { type, reason, message } of plan.news) events.event(cronJob, type, reason, message);
    await writeStatus(CronJob, cronJob, plan.status, context);
    return plan.wakeAt === undefined ? done : requeueAfter(Math.max(0, plan.wakeAt - clock.now()));
  },
});

async function create(cronJob: CronJob, job: NewJob, { client, events, signal }: ControllerContext): Promise<void> {
  try {
    const { metadata } = await client.create(Job, job, { signal });
    events.event(cronJob, "Normal", "SuccessfulCreate", `Created job ${metadata.name}`);
  } catch (error) {
    // The informer has not shown it yet, or its namespace is on its way out.
    if (isApiError(error, "AlreadyExists", "NotFound")) return;
    throw error;
  }
}
