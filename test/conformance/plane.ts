// A whole cluster in this process for the tests of this folder: API server, Kubernetes' controllers, a local cluster's
// workload controllers. Requests go to the server's own handler, as JSON, so that tests see what any client sees.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { call, type TestAnswer, watchEvents } from "#apiserver/testing.ts";
import { createAuthority } from "#install/certificates.ts";
import { kubeControllers } from "#kubecontrollers/all.ts";
import { startTestPlane, type TestPlane } from "#kubecontrollers/testing.ts";
import { eventually } from "#std/testing.ts";
import { localClusterControllers } from "#localcluster/all.ts";
import { localClusterDefaults } from "#localcluster/settings.ts";
import { fieldOf, isArray, isRecord } from "#machinery/guards.ts";
import type { ApiRequest } from "#machinery/http.ts";
import { systemRandom } from "#std/random.ts";
import { systemClock } from "#std/time.ts";

export type Body = Readonly<Record<string, unknown>>;
type Method = ApiRequest["method"];
export type Headers = Readonly<Record<string, string>>;

export const mergePatch: Headers = { "content-type": "application/merge-patch+json" };
export const strategicPatch: Headers = { "content-type": "application/strategic-merge-patch+json" };
export const jsonPatch: Headers = { "content-type": "application/json-patch+json" };
export const applyPatch: Headers = { "content-type": "application/apply-patch+yaml" };

let plane: TestPlane | undefined;
let namespaces = 0;

/** To be called once by each file: one cluster for all its tests. */
export function withPlane(): void {
  before(async () => {
    const authority = await createAuthority({ commonName: "test", clock: systemClock, random: systemRandom() });
    const settings = { ...localClusterDefaults, nodes: 2, podRunMilliseconds: 20 };
    plane = await startTestPlane([...kubeControllers({ authority }), ...localClusterControllers(settings)]);
  });
  after(() => plane?.stop());
}

function running(): TestPlane {
  assert.ok(plane, "withPlane() comes first");
  return plane;
}

/** Sends one request as an administrator, whatever comes of it. */
export function send(method: Method, path: string, body?: unknown, headers: Headers = {}): Promise<TestAnswer> {
  return call(running(), method, path, { headers, ...(body === undefined ? {} : { body }) });
}

/** The answer's body; fails where the request does. */
export async function ok(method: Method, path: string, body?: unknown, headers?: Headers): Promise<Body> {
  const answer = await send(method, path, body, headers);
  assert.ok(answer.status < 300, `${method} ${path}: ${answer.text}`);
  return answer.body;
}

/** The message of a refusal with that code. */
export async function refused(code: number, ...request: Parameters<typeof send>): Promise<string> {
  const answer = await send(...request);
  assert.equal(answer.status, code, `${request[0]} ${request[1]}: ${answer.text}`);
  return text(answer.body["message"]);
}

export function text(value: unknown): string {
  assert.ok(typeof value === "string", `a text is not ${JSON.stringify(value)}`);
  return value;
}

export function list(value: unknown): readonly unknown[] {
  assert.ok(isArray(value), `a list is not ${JSON.stringify(value)}`);
  return value;
}

export const items = (body: Body): readonly unknown[] => list(body["items"]);
export const nameOf = (object: unknown): string => text(fieldOf(object, "metadata", "name"));
export const versionOf = (object: unknown): string => text(fieldOf(object, "metadata", "resourceVersion"));

export function record(value: unknown): Body {
  assert.ok(isRecord(value), `an object is not ${JSON.stringify(value)}`);
  return value;
}

/** A namespace of the test's own. */
export async function newNamespace(): Promise<string> {
  const name = `test-${String(++namespaces)}`;
  await ok("POST", "/api/v1/namespaces", { metadata: { name } });
  return name;
}

/** Paths of collections and objects of a group's version. */
const pathsIn =
  (root: string) =>
  (namespace: string, plural: string, name = ""): string =>
    `${root}/namespaces/${namespace}/${plural}${name === "" ? "" : `/${name}`}`;

export const core = pathsIn("/api/v1");
export const apps = pathsIn("/apis/apps/v1");
export const batch = pathsIn("/apis/batch/v1");
export const policy = pathsIn("/apis/policy/v1");

/** What `path` shows once `holds` is true of it. */
export async function until(path: string, what: string, holds: (body: Body) => boolean): Promise<Body> {
  return eventually(`${path}: ${what}`, async () => {
    const answer = await send("GET", path);
    return answer.status === 200 && holds(answer.body) ? answer.body : undefined;
  });
}

export async function untilGone(path: string): Promise<void> {
  await eventually(`${path} to go`, async () => ((await send("GET", path)).status === 404 ? true : undefined));
}

export const condition = (type: string): Body => ({ type, status: "True", reason: "E2E", message: "set by a test" });

export function hasCondition(body: Body, type: string): boolean {
  const conditions = fieldOf(body, "status", "conditions");
  return (
    isArray(conditions) &&
    conditions.some((each) => fieldOf(each, "type") === type && fieldOf(each, "status") === "True")
  );
}

/** Discovery lists the group with that version, and in it these resources. */
export async function isDiscovered(group: string, version: string, ...resources: readonly string[]): Promise<void> {
  const named = list((await ok("GET", "/apis"))["groups"]).find((each) => fieldOf(each, "name") === group);
  const groupVersion = `${group}/${version}`;
  assert.ok(
    list(fieldOf(named, "versions")).some(
      (each) => fieldOf(each, "version") === version && fieldOf(each, "groupVersion") === groupVersion,
    ),
    groupVersion,
  );
  const found = list((await ok("GET", `/apis/${groupVersion}`))["resources"]).map((each) => fieldOf(each, "name"));
  for (const resource of resources) assert.ok(found.includes(resource), resource);
}

export interface Watching extends AsyncDisposable {
  /** The next event's type and object; bookmarks are left out. */
  next(): Promise<{ readonly type: string; readonly object: unknown }>;
}

/** Watches; the query of `path` begins with `?watch=true`. */
export async function watch(path: string): Promise<Watching> {
  const end = new AbortController();
  const events = await watchEvents(running(), path, end.signal);
  assert.ok(events !== undefined, path);
  // Begun at once, as a client's connection would: a watch from now shows what comes from here on.
  let coming = events.next();
  return {
    async next() {
      for (;;) {
        const { value, done } = await coming;
        assert.ok(done !== true, `${path} ended`);
        coming = events.next();
        const type = text(fieldOf(value, "type"));
        if (type !== "BOOKMARK") return { type, object: fieldOf(value, "object") };
      }
    },
    async [Symbol.asyncDispose]() {
      end.abort();
      await coming.catch(() => undefined);
      await events.return(undefined);
    },
  };
}

export interface Operations {
  /** Of the collection; objects are made in it. */
  readonly path: string;
  readonly object: Body;
  /** Changes something in the spec or the data of the object. */
  readonly patch: Body;
  /** Of status, where there is one. */
  readonly status?: Body;
  readonly collectionOfAll?: string;
}

/** Every verb of a kind, as upstream's tests of "API operations" walk them: none of them knows what the kind is for. */
export async function walkOperations({
  path,
  object,
  patch,
  status,
  collectionOfAll = path,
}: Operations): Promise<void> {
  const labels = { e2e: `walk-${String(++namespaces)}` };
  const selector = `labelSelector=e2e%3D${labels.e2e}`;
  const named = (suffix: string): Body => {
    const metadata = record(object["metadata"]);
    return { ...object, metadata: { ...metadata, name: `${text(metadata["name"])}${suffix}`, labels } };
  };
  const made = await ok("POST", path, named("-a"));
  await using watching = await watch(`${path}?watch=true&${selector}&resourceVersion=${versionOf(made)}`);
  const one = `${path}/${nameOf(made)}`;
  const other = await ok("POST", path, named("-b"));
  assert.equal((await eventOf(watching, other)).type, "ADDED");
  assert.equal(fieldOf(await ok("GET", one), "metadata", "uid"), fieldOf(made, "metadata", "uid"));
  assert.deepEqual(items(await ok("GET", `${path}?${selector}`)).map(nameOf), [nameOf(made), nameOf(named("-b"))]);
  assert.equal(items(await ok("GET", `${collectionOfAll}?${selector}`)).length, 2);
  const patched = await ok("PATCH", one, { ...patch, metadata: { annotations: { patched: "true" } } }, mergePatch);
  assert.equal(fieldOf(patched, "metadata", "annotations", "patched"), "true");
  assert.equal((await eventOf(watching, patched)).type, "MODIFIED");
  const updated = await replaced(one, (current) => {
    return { ...current, metadata: { ...record(current["metadata"]), annotations: { updated: "true" } } };
  });
  assert.deepEqual(fieldOf(updated, "metadata", "annotations"), { updated: "true" });
  assert.equal((await eventOf(watching, updated)).type, "MODIFIED");
  if (status !== undefined) await walkStatus(one, status);
  await ok("DELETE", one);
  assert.ok(
    (await send("GET", one)).status === 404 ||
      fieldOf(await ok("GET", one), "metadata", "deletionTimestamp") !== undefined,
  );
  await ok("DELETE", `${path}?${selector}`);
  await eventually("the collection to be empty", async () =>
    items(await ok("GET", `${path}?${selector}`)).length === 0 ? true : undefined,
  );
}

/** The status can be read, patched and written by itself. */
export async function walkStatus(one: string, status: Body): Promise<void> {
  const [field = ""] = Object.keys(status);
  await ok("GET", `${one}/status`);
  const patched = await ok("PATCH", `${one}/status`, { status }, mergePatch);
  assert.deepEqual(fieldOf(patched, "status", field), status[field]);
  await replaced(`${one}/status`, (current) => {
    return { ...current, status: { ...record(current["status"]), ...status } };
  });
}

/** The event that tells of this state of an object; a controller may have written others in between. */
async function eventOf(watching: Watching, object: Body): Promise<{ readonly type: string }> {
  for (;;) {
    const event = await watching.next();
    if (versionOf(event.object) === versionOf(object)) return event;
  }
}

/** PUT of what is there, changed; anew where somebody was faster. */
async function replaced(path: string, change: (current: Body) => Body): Promise<Body> {
  return eventually(`PUT ${path}`, async () => {
    const answer = await send("PUT", path, change(await ok("GET", path)));
    assert.ok(answer.status < 300 || answer.status === 409, answer.text);
    return answer.status < 300 && answer.body;
  });
}
