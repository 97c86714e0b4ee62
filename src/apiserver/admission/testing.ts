// A whole API server for tests of what the cluster's own objects say to writes. Not used outside tests.
import type { TestContext } from "node:test";
import type { WebhookCaller } from "#client/webhook-caller.ts";
import { startTestApiServer, type TestApiServer } from "../testing-server.ts";

/** Ends with the test; `call` answers for every webhook. */
export async function startAdmissionServer(t: TestContext, call: WebhookCaller["call"]): Promise<TestApiServer> {
  const server = await startTestApiServer({ webhookCaller: { call, close: () => Promise.resolve() } });
  t.after(() => server.end());
  return server;
}
