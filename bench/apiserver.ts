// The API server under load from outside, as `karmada up` runs it: its rates, what each request costs the server's
// process, and the longest time in which its event loop did nothing else.
import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ClusterRoleBinding, ConfigMap, Pod, ServiceAccount } from "#api/kinds.ts";
import type { Client } from "#client/client.ts";
import { loadKubeconfig } from "#client/kubeconfig.ts";
import { fieldOf } from "#machinery/guards.ts";
import type { ControlPlane } from "./control-plane.ts";
import { inTurns, median, type Note } from "./figures.ts";
import { type Load, type Loaded, loadHttp1, loadHttp2 } from "./load.ts";
import { fill, withoutMembers } from "./memory.ts";

const namespace = "default";
const seconds = 8;
const pods = 5_000;
const listRounds = 15;
const watchers = 1_000;
const watchedWrites = 1_000;
const writers = 32;
const storedObjects = 30_000;
const startRounds = 3;
/** Controllers and compilation come to rest. */
const settleMilliseconds = 2_000;

interface Target {
  readonly plane: ControlPlane;
  readonly client: Client;
  readonly address: string;
  readonly token: string;
  readonly directory: string;
}

interface ApiServerBench {
  readonly note: Note;
  /** The load generators are here. */
  readonly hasLoad: boolean;
}

/** GET, list, watch and create, one after another in one control plane without members; then starts with many objects. */
export async function measureApiServer(parent: string, { note, hasLoad }: ApiServerBench): Promise<void> {
  const dataDir = join(parent, "apiserver");
  await withoutMembers(dataDir, async (plane) => {
    const client = await plane.client("karmada-apiserver");
    const [token, address] = [await administratorToken(client), await addressOf(dataDir)];
    const target = { plane, client, token, address, directory: parent };
    if (hasLoad) await measureGets(target, note);
    await measureLists(target, note);
    await measureWatches(target, note);
    if (hasLoad) await measureCreates(target, note);
  });
  await measureStoredStart(join(parent, "apiserver-stored"), note);
}

/** wrk cannot show a client certificate. */
async function administratorToken(client: Client): Promise<string> {
  await client.create(ServiceAccount, { metadata: { name: "bench", namespace } });
  await client.create(ClusterRoleBinding, {
    metadata: { name: "bench" },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "cluster-admin" },
    subjects: [{ kind: "ServiceAccount", name: "bench", namespace }],
  });
  const { body } = await client.raw("POST", `/api/v1/namespaces/${namespace}/serviceaccounts/bench/token`, {
    body: { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: {} },
  });
  const token = fieldOf(JSON.parse(Buffer.from(body).toString()), "status", "token");
  if (typeof token !== "string") throw new Error("the server gave no token");
  return token;
}

async function addressOf(dataDir: string): Promise<string> {
  const text = await readFile(join(dataDir, "kubeconfig"), "utf8");
  return (await loadKubeconfig(text, { readFile: (path) => readFile(path) })).config.server;
}

async function measureGets(target: Target, note: Note): Promise<void> {
  await target.client.create(ConfigMap, { metadata: { name: "get", namespace }, data: { text: "x".repeat(4_096) } });
  const load = { ...target, url: `${target.address}/api/v1/namespaces/${namespace}/configmaps/get`, seconds };
  await underLoad(target, { what: "GET of 4 KB, HTTP/1.1", run: () => loadHttp1(load), goal: ">= 8000" }, note);
  await underLoad(target, { what: "GET of 4 KB, h2", run: () => loadHttp2(load), goal: ">= 8000" }, note);
}

async function measureCreates(target: Target, note: Note): Promise<void> {
  const object = {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { generateName: "create-" },
    data: { text: "0123456789abcdef".repeat(240) },
  };
  const body = Buffer.from(JSON.stringify(object));
  const load: Load = { ...target, url: `${target.address}/api/v1/namespaces/${namespace}/configmaps`, body, seconds };
  await underLoad(
    target,
    { what: "durable creates of 4 KB, HTTP/1.1", run: () => loadHttp1(load), goal: ">= 5000" },
    note,
  );
  await underLoad(target, { what: "durable creates of 4 KB, h2", run: () => loadHttp2(load), goal: ">= 5000" }, note);
}

interface Measured {
  readonly what: string;
  readonly run: () => Promise<Loaded>;
  readonly goal: string;
}

async function underLoad({ plane }: Target, { what, run, goal }: Measured, note: Note): Promise<void> {
  const { result, cpuSeconds, lagMax } = await spentOn(plane, run);
  note(what, result.perSecond, "/s", goal);
  note(`${what}: processor time of the server for each`, (cpuSeconds * 1e6) / result.requests, "us");
  note(`${what}: event loop late, worst`, lagMax, "ms", "<= 100");
}

interface Spent<T> {
  readonly result: T;
  /** Of the server's process. */
  readonly cpuSeconds: number;
  readonly lagMax: number;
}

/** What the server spends on some work, begun when nothing else is going on. */
async function spentOn<T>(plane: ControlPlane, work: () => Promise<T>): Promise<Spent<T>> {
  await settle();
  const before = await plane.figures();
  const result = await work();
  const { cpuSeconds, lagMax } = await plane.figures();
  return { result, cpuSeconds: cpuSeconds - before.cpuSeconds, lagMax };
}

async function measureLists({ plane, client }: Target, note: Note): Promise<void> {
  await inTurns(pods, writers, (index) => client.create(Pod, pod(index)));
  const times: number[] = [];
  let bytes = 0;
  const { cpuSeconds, lagMax } = await spentOn(plane, async () => {
    for (let round = 0; round < listRounds; round++) {
      const startedAt = performance.now();
      const { body } = await client.raw("GET", `/api/v1/namespaces/${namespace}/pods`);
      times.push(performance.now() - startedAt);
      bytes = body.length;
    }
  });
  const what = `list of ${pods} pods, ${(bytes / 1e6).toFixed(1)} MB, h2`;
  note(`${what}, p50`, median(times), "ms", "<= 150");
  note(`${what}: processor time of the server`, (cpuSeconds * 1e3) / listRounds, "ms");
  note(`${what}: event loop late, worst`, lagMax, "ms", "<= 100");
}

function pod(index: number) {
  const labels = { app: `app-${index % 50}`, "pod-template-hash": "5d4f8c7b9" };
  const env = Array.from({ length: 12 }, (_, at) => ({ name: `VARIABLE_${at}`, value: `value-${at}-of-${index}` }));
  const container = { name: "main", image: "registry.example/app:1.0", env, ports: [{ containerPort: 8080 }] };
  return { metadata: { name: `pod-${index}`, namespace, labels }, spec: { containers: [container] } };
}

async function measureWatches(target: Target, note: Note): Promise<void> {
  const { plane, client, address, token } = target;
  await client.raw("POST", "/api/v1/namespaces", { body: { metadata: { name: "watched" } } });
  await settle(); // kube-root-ca.crt is there
  const { metadata } = await client.list(ConfigMap, { namespace: "watched" });
  const path = "/api/v1/namespaces/watched/configmaps";
  const url = `${address}${path}?watch=true&resourceVersion=${metadata.resourceVersion}`;
  const script = join(import.meta.dirname, "watchers.ts");
  const args = [script, url, token, String(watchers), String(watchedWrites)];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const says = (word: string): Promise<void> =>
    new Promise((resolve, reject) => {
      child.stdout.on("data", (chunk: Buffer) => {
        if (chunk.toString().includes(word)) resolve();
      });
      child.once("exit", (code) => {
        if (code !== 0) reject(new Error(`the watchers ended with ${String(code)}`));
      });
    });
  const done = says("done");
  await says("ready");
  const data = { text: "0123456789abcdef".repeat(64) };
  const deliveries = watchers * watchedWrites;
  const {
    result: took,
    cpuSeconds,
    lagMax,
  } = await spentOn(plane, async () => {
    const startedAt = performance.now();
    await inTurns(watchedWrites, writers, (index) =>
      client.create(ConfigMap, { metadata: { name: `event-${index}`, namespace: "watched" }, data }),
    );
    await done;
    return (performance.now() - startedAt) / 1e3;
  });
  const what = `${watchers} watchers of 1 KB events, h2`;
  note(`${what}: deliveries`, deliveries / took, "/s", ">= 100000");
  note(`${what}: processor time of the server for each`, (cpuSeconds * 1e6) / deliveries, "us");
  note(`${what}: event loop late, worst`, lagMax, "ms", "<= 100");
}

async function measureStoredStart(dataDir: string, note: Note): Promise<void> {
  await withoutMembers(dataDir, (plane) => fill(plane, storedObjects));
  const ready: number[] = [];
  let worst = 0;
  for (let round = 0; round < startRounds; round++) {
    await withoutMembers(dataDir, async (plane) => {
      ready.push(plane.readyMilliseconds);
      await settle();
      worst = Math.max(worst, (await plane.figures()).lagMax);
    });
  }
  note(`exec to ready with ${storedObjects} objects of 4 KB`, median(ready), "ms", "<= 3000");
  note(`exec to ready with ${storedObjects} objects of 4 KB: event loop late, worst`, worst, "ms", "<= 100");
}

function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, settleMilliseconds));
}
