// Stands in for the Kyverno policy of the Karmada v1.12 announcement: a mutating admission webhook in a member cluster.
// A FlinkDeployment that comes with the label of a failed-over job starts from that job's newest checkpoint, which is looked
// up in the storage that the clusters share: <shared>/<namespace>/<job id>/checkpoints/chk-<number>.
// `node webhook.js --port 0 --tls <folder with tls.crt and tls.key> --shared <folder>` prints where it listens.
import { readdir, readFile } from "node:fs/promises";
import { createServer } from "node:https";
import path from "node:path";
import { parseArgs } from "node:util";

const label = "application.karmada.io/failover-jobid";
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

/** What to change about the object, as a JSON patch; without the label: nothing. */
async function patchFor({ metadata, spec }, namespace) {
  const jobId = metadata.labels?.[label];
  if (jobId === undefined) return [];
  const checkpoint = await newestCheckpoint(namespace, jobId);
  if (checkpoint === undefined) throw new Error(`job ${jobId} has left no checkpoint`);
  if (spec.job.initialSavepointPath === checkpoint) return [];
  return [{ op: "add", path: "/spec/job/initialSavepointPath", value: checkpoint }];
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
