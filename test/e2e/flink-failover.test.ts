// The walk of the Karmada v1.12 announcement: a Flink job fails in one cluster and goes on in the next from its newest
// checkpoint. The test plays Flink: it writes the jobs' status and their checkpoints. The webhook of examples/flink-failover
// runs as a process of its own, over HTTPS, and each member calls it.
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { after, before, describe, test } from "node:test";
import { eventually, type Plane, root, runProgram, startPlane } from "./plane.ts";

const members = ["member1", "member2", "member3"] as const;
const example = path.join(root, "examples", "flink-failover");
const label = "application.karmada.io/failover-jobid";
const deadline = 40_000;

interface FlinkDeployment {
  readonly metadata: { readonly uid: string; readonly labels?: Readonly<Record<string, string>> };
  readonly spec: { readonly job: { readonly initialSavepointPath?: string } };
  readonly status?: { readonly jobStatus?: Readonly<Record<string, string>> };
}

interface Task {
  readonly fromCluster: string;
  readonly preservedLabelState?: Readonly<Record<string, string>>;
}

describe(
  "stateful failover of a Flink job",
  { skip: process.env["KUBECTL"] === undefined && "no kubectl here: set KUBECTL to one" },
  () => {
    let plane: Plane;
    let home: string;
    let shared: string;
    let webhook: ChildProcess;

    before(async () => {
      home = mkdtempSync(path.join(tmpdir(), "karmada-flink-"));
      shared = path.join(home, "shared");
      plane = await startPlane([
        ...["--feature-gates", "StatefulFailoverInjection=true", "--failover-stabilization-seconds", "0"],
      ]);
      const url = await startWebhook();
      const caBundle = readFileSync(path.join(home, "tls.crt")).toString("base64");
      const configuration = readFileSync(path.join(example, "member", "webhook-configuration.yaml"), "utf8").replace(
        "url: https://127.0.0.1:9443/",
        `url: ${url}\n      caBundle: ${caBundle}`,
      );
      for (const context of members) await plane.kubectl("apply -f -", { context, input: configuration });
      await plane.kubectl(["apply", "-f", path.join(example, "templates", "crd.yaml")]);
      await plane.kubectl("wait --for=condition=Established crd/flinkdeployments.flink.apache.org --timeout 30s");
      await plane.kubectl(["apply", "-f", path.join(example, "templates")]);
    });
    after(async () => {
      webhook.kill("SIGTERM");
      await plane.dispose();
      rmSync(home, { recursive: true, force: true });
    });

    async function startWebhook(): Promise<string> {
      const files = ["-keyout", path.join(home, "tls.key"), "-out", path.join(home, "tls.crt")];
      const names = ["-subj", "/CN=flink-resume", "-addext", "subjectAltName=IP:127.0.0.1"];
      const kind = ["-x509", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-days", "1"];
      const made = await runProgram("openssl", ["req", ...kind, ...files, ...names]);
      assert.equal(made.code, 0, made.err);
      const args = [path.join(example, "webhook.js"), "--tls", home, "--shared", shared];
      webhook = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
      assert.ok(webhook.stdout !== null);
      for await (const line of createInterface({ input: webhook.stdout })) return line;
      throw new Error("the webhook ended before it listened");
    }

    const soon = <T>(what: string, holds: () => Promise<T>): Promise<T> => eventually(what, deadline, holds);

    async function find<T>(context: string, what: string): Promise<T | undefined> {
      const { out } = await plane.tryKubectl(`get ${what} --ignore-not-found -o json`, { context });
      return out === "" ? undefined : (JSON.parse(out) as T);
    }

    const jobIn = (member: string): Promise<FlinkDeployment | undefined> => find(member, "flinkdeployment wordcount");

    /** What the operator of Flink does: it starts the job from the path that it finds, and reports. */
    async function report(member: string, jobID: string, state: string): Promise<void> {
      const job = await jobIn(member);
      const from = job?.spec.job.initialSavepointPath;
      const jobStatus = { jobID, state, ...(from === undefined ? {} : { upgradeSavepointPath: from }) };
      const manager = state === "RUNNING" ? "READY" : "MISSING";
      const patch = JSON.stringify({ status: { jobStatus, jobManagerDeploymentStatus: manager } });
      await plane.kubectl(
        ["patch", "flinkdeployment", "wordcount", "--subresource=status", "--type=merge", "-p", patch],
        { context: member },
      );
    }

    function writeCheckpoints(jobId: string, upTo: number): string {
      const folder = path.join(shared, "default", jobId, "checkpoints");
      for (let number = 1; number <= upTo; number++)
        mkdirSync(path.join(folder, `chk-${String(number)}`), { recursive: true });
      return path.join(folder, `chk-${String(upTo)}`);
    }

    /** Where the job is placed now, if in one cluster. */
    async function placedIn(): Promise<string | undefined> {
      const binding = await find<{ spec: { clusters?: { name: string }[] } }>(
        "karmada-apiserver",
        "rb wordcount-flinkdeployment",
      );
      const clusters = binding?.spec.clusters ?? [];
      return clusters.length === 1 ? clusters[0]?.name : undefined;
    }

    async function tasks(): Promise<readonly Task[]> {
      const found = await find<{ spec: { gracefulEvictionTasks?: Task[] } }>(
        "karmada-apiserver",
        "rb wordcount-flinkdeployment",
      );
      return found?.spec.gracefulEvictionTasks ?? [];
    }

    /** The copy in the one cluster that is not among those left. */
    async function arrivedElsewhere(left: readonly string[]): Promise<{ member: string; job: FlinkDeployment }> {
      return soon(`the job in another cluster than ${left.join(" and ")}`, async () => {
        const member = await placedIn();
        if (member === undefined || left.includes(member)) return undefined;
        const job = await jobIn(member);
        return job === undefined ? undefined : { member, job };
      }).then((found) => {
        assert.ok(found !== undefined);
        return found;
      });
    }

    test("the job resumes from its checkpoint; its state survives a second failover", async () => {
      const { member: first } = await arrivedElsewhere([]);
      const checkpoint = writeCheckpoints("job-one", 3);
      await report(first, "job-one", "RUNNING");
      await soon("the template to tell the job's id", async () => {
        const template = await find<FlinkDeployment>("karmada-apiserver", "flinkdeployment wordcount");
        return template?.status?.jobStatus?.["jobID"] === "job-one";
      });

      await report(first, "job-one", "RECONCILING");
      const { member: second, job } = await arrivedElsewhere([first]);
      assert.equal(job.metadata.labels?.[label], "job-one");
      assert.equal(job.spec.job.initialSavepointPath, checkpoint);
      assert.equal(await jobIn(first), undefined, "purged before it starts elsewhere");
      const [task] = await tasks();
      assert.deepEqual(task?.preservedLabelState, { [label]: "job-one" });

      // It never gets well there: what it reports is no state to go on from.
      await report(second, "job-two", "CREATED");
      const { member: third, job: again } = await arrivedElsewhere([first, second]);
      assert.equal(again.metadata.labels?.[label], "job-one");
      assert.equal(again.spec.job.initialSavepointPath, checkpoint);
      await soon("the second copy to be gone", async () => (await jobIn(second)) === undefined);

      await report(third, "job-three", "RUNNING");
      await soon("the status to say what it resumed from", async () => {
        const template = await find<FlinkDeployment>("karmada-apiserver", "flinkdeployment wordcount");
        return template?.status?.jobStatus?.["upgradeSavepointPath"] === checkpoint;
      });
      await soon("the tasks to end", async () => (await tasks()).length === 0);
      await soon("the label to be taken off", async () => {
        const { metadata } = (await jobIn(third)) ?? { metadata: undefined };
        return metadata?.uid === again.metadata.uid && metadata.labels?.[label] === undefined;
      });

      // Used once: the next time it is the state of the job that ran last.
      const newer = writeCheckpoints("job-three", 8);
      await report(third, "job-three", "RECONCILING");
      const { job: last } = await arrivedElsewhere([third]);
      assert.equal(last.metadata.labels?.[label], "job-three");
      assert.equal(last.spec.job.initialSavepointPath, newer);
    });
  },
);
