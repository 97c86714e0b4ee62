// Admission webhooks over real HTTPS: trusted by their authority, refused without, and given up on when they are slow.
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { httpsWebhookCaller } from "#client/webhook-caller.ts";
import { serveHttps } from "./https-server.ts";

async function serve(t: TestContext) {
  const { url, authority } = await serveHttps(t, ["127.0.0.1", "hook.tools.svc"], (request, response) => {
    if (request.url?.startsWith("/slow") === true) return;
    if (request.url?.startsWith("/broken") === true) response.statusCode = 500;
    request.pipe(response);
  });
  const caller = httpsWebhookCaller();
  t.after(() => caller.close());
  const call = (
    path: string,
    more: { authority?: string | undefined; serverName?: string; signal?: AbortSignal } = {},
  ) =>
    caller.call({
      ...{ url: url + path, authority },
      ...{ serverName: undefined, body: Buffer.from("{}"), signal: new AbortController().signal },
      ...more,
    });
  return { call };
}

test("a webhook is reached over HTTPS, by its address or under its Service's name", async (t) => {
  const { call } = await serve(t);
  assert.equal(Buffer.from(await call("/check?timeout=10s")).toString(), "{}");
  assert.equal(Buffer.from(await call("/check", { serverName: "hook.tools.svc" })).toString(), "{}");
});

test("a certificate of an unknown authority, or for another name, is refused", async (t) => {
  const { call } = await serve(t);
  await assert.rejects(call("/check", { authority: undefined }));
  await assert.rejects(call("/check", { serverName: "other.tools.svc" }));
});

test("an answer that is a failure, or does not come, is an error", async (t) => {
  const { call } = await serve(t);
  await assert.rejects(call("/broken"), { message: "the server answered 500: {}" });
  const end = new AbortController();
  const slow = call("/slow", { signal: end.signal });
  end.abort(new Error("enough"));
  await assert.rejects(slow, { message: "enough" });
});
