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
import { eventually, needsKubectl, type Plane, root, runProgram, startPlane } from "./plane.ts";

const members = ["member1", "member2", "member3"] as const;
const example = path.join(root, "examples", "flink-failover");
const label = "application.karmada.io/failover-jobid";
const deadline = 40_000;

interface FlinkDeployment {
  readonly metadata: {
    readonly uid: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: { readonly job: { readonly initialSavepointPath?: string } };
  readonly status?: { readonly jobStatus?: Readonly<Record<string, string>> };
}

interface Binding {
  readonly spec: {
    readonly clusters?: readonly { readonly name: string }[];
    readonly gracefulEvictionTasks?: readonly Task[];
  };
  readonly metadata: { readonly annotations: Readonly<Record<string, string>> };
}

interface Task {
  readonly fromCluster: string;
  readonly preservedLabelState?: Readonly<Record<string, string>>;
}

describe("stateful failover of a Flink job", needsKubectl, () => {
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

  const jobIn = (member: string, name = "wordcount"): Promise<FlinkDeployment | undefined> =>
    find(member, `flinkdeployment ${name}`);
  const bindingOf = (name: string): Promise<Binding | undefined> =>
    find("karmada-apiserver", `rb ${name}-flinkdeployment`);

  /** What the operator of Flink does: it starts the job from the path that it finds, and reports. */
  async function report(member: string, jobID: string, state: string, name = "wordcount"): Promise<void> {
    const job = await jobIn(member, name);
    const from = job?.spec.job.initialSavepointPath;
    const jobStatus = { jobID, state, ...(from === undefined ? {} : { upgradeSavepointPath: from }) };
    const manager = state === "RUNNING" ? "READY" : "MISSING";
    const patch = JSON.stringify({ status: { jobStatus, jobManagerDeploymentStatus: manager } });
    await plane.kubectl(["patch", "flinkdeployment", name, "--subresource=status", "--type=merge", "-p", patch], {
      context: member,
    });
  }

  function writeCheckpoints(jobId: string, upTo: number): string {
    const folder = path.join(shared, "default", jobId, "checkpoints");
    for (let number = 1; number <= upTo; number++)
      mkdirSync(path.join(folder, `chk-${String(number)}`), { recursive: true });
    return path.join(folder, `chk-${String(upTo)}`);
  }

  async function tasks(name = "wordcount"): Promise<readonly Task[]> {
    return (await bindingOf(name))?.spec.gracefulEvictionTasks ?? [];
  }

  /** The copy in the one cluster that is not among those left. */
  async function arrivedElsewhere(
    left: readonly string[],
    name = "wordcount",
  ): Promise<{ member: string; job: FlinkDeployment }> {
    const found = await soon(`${name} in another cluster than ${left.join(" and ")}`, async () => {
      const { clusters = [] } = (await bindingOf(name))?.spec ?? {};
      const [member] = clusters.length === 1 ? clusters.map((cluster) => cluster.name) : [];
      if (member === undefined || left.includes(member)) return undefined;
      const job = await jobIn(member, name);
      return job === undefined ? undefined : { member, job };
    });
    assert.ok(found !== undefined);
    return found;
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

  test("the newest completed snapshot goes along, and the binding tells what happened", async () => {
    const name = "enrich";
    await plane.kubectl(["apply", "-f", path.join(example, "snapshots")]);
    const { member: first } = await arrivedElsewhere([], name);
    await report(first, "job-four", "RUNNING", name);
    await soon("the kind of snapshots in the member", async () => {
      return (await plane.tryKubectl("get flinkstatesnapshots", { context: first })).code === 0;
    });
    for (const [snapshot, state, hour] of [
      ["early", "COMPLETED", "08"],
      ["late", "COMPLETED", "09"],
      ["latest", "IN_PROGRESS", "10"],
    ] as const) {
      const object = {
        apiVersion: "flink.apache.org/v1beta1",
        kind: "FlinkStateSnapshot",
        metadata: { name: snapshot, namespace: "default" },
        spec: { jobReference: { kind: "FlinkDeployment", name } },
      };
      await plane.kubectl("apply -f -", { context: first, input: JSON.stringify(object) });
      const status = { state, path: `/savepoints/${snapshot}`, resultTimestamp: `2026-01-01T${hour}:00:00Z` };
      await plane.kubectl(
        [
          "patch",
          "flinkstatesnapshot",
          snapshot,
          "--subresource=status",
          "--type=merge",
          "-p",
          JSON.stringify({ status }),
        ],
        { context: first },
      );
    }
    await soon("the snapshot to be seen", async () => {
      const state = (await bindingOf(name))?.metadata.annotations["resourcebinding.karmada.io/related-state"];
      return state?.includes("/savepoints/late") === true;
    });
    await report(first, "job-four", "RECONCILING", name);
    const { member: second, job } = await arrivedElsewhere([first], name);
    assert.equal(job.metadata.annotations?.["application.karmada.io/failover-savepoint"], "/savepoints/late");
    assert.equal(job.spec.job.initialSavepointPath, "/savepoints/late");
    // It takes longer to start than it may be unhealthy for later; and then it is well.
    await report(second, "job-five", "CREATED", name);
    await report(second, "job-five", "RUNNING", name);
    await soon("the task to end", async () => (await tasks(name)).length === 0);
    const line = new RegExp(`${first} +${second} +ApplicationFailure +Replaced .*failover-savepoint=/savepoints/late`);
    await soon("describe to tell it", async () => {
      const { out } = await plane.tryKarmadactl(`describe resourcebinding ${name}-flinkdeployment`);
      return line.test(out) && out.includes("FailoverEnded");
    });
  });
});
