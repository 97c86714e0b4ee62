// A whole API server for tests of what the cluster's own objects say to writes. Not used outside tests.
import type { TestContext } from "node:test";
import type { WebhookCaller } from "#client/webhook-caller.ts";
import type { Kind } from "#machinery/object.ts";
import { eventually } from "#std/testing.ts";
import { startTestApiServer, type TestApiServer } from "../testing-server.ts";

/** Ends with the test; `call` answers for every webhook. */
export async function startAdmissionServer(t: TestContext, call: WebhookCaller["call"]): Promise<TestApiServer> {
  const server = await startTestApiServer({ webhookCaller: { call, close: () => Promise.resolve() } });
  t.after(() => server.end());
  return server;
}

/** What is written is in force when the server's informers show it: waits for so many objects of these kinds. */
export async function inForce(
  { informers }: Pick<TestApiServer, "informers">,
  kinds: readonly Kind[],
  count: number,
): Promise<void> {
  const shown = (): number => kinds.reduce((sum, kind) => sum + informers.for(kind).list().length, 0);
  await eventually(`${String(count)} objects to be in force`, () => shown() >= count);
}

/** The body of a webhook's answer. */
export function reviewAnswer(response: object): Buffer {
  return Buffer.from(JSON.stringify({ kind: "AdmissionReview", apiVersion: "admission.k8s.io/v1", response }));
}

/** What a webhook says to lay a patch over the object. */
export function patched(patch: unknown): { allowed: boolean; patchType: string; patch: string } {
  return { allowed: true, patchType: "JSONPatch", patch: Buffer.from(JSON.stringify(patch)).toString("base64") };
}
