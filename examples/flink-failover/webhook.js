// Stands in for the Kyverno policy of the Karmada v1.12 announcement: a mutating admission webhook in a member cluster.
// A FlinkDeployment that comes with the label of a failed-over job starts from that job's newest checkpoint, which is looked
// up in the storage that the clusters share: <shared>/<namespace>/<job id>/checkpoints/chk-<number>. One that comes with the
// path of a savepoint starts from there; a path is no label, so it comes as an annotation.
// `node webhook.js --port 0 --tls <folder with tls.crt and tls.key> --shared <folder>` prints where it listens.
import { readdir, readFile } from "node:fs/promises";
import { createServer } from "node:https";
import path from "node:path";
import { parseArgs } from "node:util";

const label = "application.karmada.io/failover-jobid";
const annotation = "application.karmada.io/failover-savepoint";
const reviewBytesMax = 3 * 1024 * 1024;
const { values: flags } = parseArgs({
  options: { port: { type: "string", default: "0" }, tls: { type: "string" }, shared: { type: "string" } },
});
if (flags.tls === undefined || flags.shared === undefined) throw new Error("--tls and --shared are needed");

/** The checkpoint with the highest number, or undefined: the job wrote none. */
async function newestCheckpoint(namespace, jobId) {
  if (!/^[\w.-]+$/.test(jobId) || !/^[\w-]+$/.test(namespace)) return undefined;
  const folder = path.join(flags.shared, namespace, jobId, "checkpoints");
  const names = await readdir(folder).catch(() => []);
  const numbers = names.map((name) => /^chk-(\d+)$/.exec(name)?.[1]).filter((number) => number !== undefined);
  const newest = numbers.map(Number).sort((left, right) => right - left)[0];
  return newest === undefined ? undefined : path.join(folder, `chk-${newest}`);
}

/** Where a job that failed over goes on from; undefined: this one did not. */
async function startOf({ metadata }, namespace) {
  const savepoint = metadata.annotations?.[annotation];
  const jobId = metadata.labels?.[label];
  if (savepoint !== undefined || jobId === undefined) return savepoint;
  const checkpoint = await newestCheckpoint(namespace, jobId);
  if (checkpoint === undefined) throw new Error(`job ${jobId} has left no checkpoint`);
  return checkpoint;
}

/** What to change about the object, as a JSON patch. */
async function patchFor(object, namespace) {
  const start = await startOf(object, namespace);
  if (start === undefined || object.spec.job.initialSavepointPath === start) return [];
  return [{ op: "add", path: "/spec/job/initialSavepointPath", value: start }];
}

async function review({ uid, object, namespace }) {
  try {
    const patch = Buffer.from(JSON.stringify(await patchFor(object, namespace))).toString("base64");
    return { uid, allowed: true, patchType: "JSONPatch", patch };
  } catch (error) {
    return { uid, allowed: false, status: { code: 403, message: error.message } };
  }
}

const [cert, key] = await Promise.all(["tls.crt", "tls.key"].map((name) => readFile(path.join(flags.tls, name))));
const server = createServer({ cert, key }, async (request, response) => {
  const parts = [];
  let size = 0;
  for await (const part of request) {
    size += part.length;
    if (size > reviewBytesMax) return response.writeHead(413).end();
    parts.push(part);
  }
  const { apiVersion, kind, request: asked } = JSON.parse(Buffer.concat(parts).toString());
  response.writeHead(200, { "content-type": "application/json" });
  response.end(JSON.stringify({ apiVersion, kind, response: await review(asked) }));
});
server.listen(Number(flags.port), "127.0.0.1", () => {
  process.stdout.write(`https://127.0.0.1:${server.address().port}/\n`);
});
