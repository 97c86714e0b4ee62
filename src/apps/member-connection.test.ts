import assert from "node:assert/strict";
import { test } from "node:test";
import type { MemberAccess } from "#controllers/member-access.ts";
import type { ApiRequest } from "#machinery/http.ts";
import { connectStraight } from "./member-connection.ts";

const server = "https://127.0.0.1:1";
const access: MemberAccess = {
  cluster: "member1",
  endpoint: server,
  token: "secret",
  caBundle: "ours",
  insecure: false,
  fingerprint: "",
};

for (const { name, change, straight } of [
  { name: "a member of this process", change: {}, straight: true },
  { name: "one whose certificate is not asked for", change: { insecure: true, caBundle: "" }, straight: true },
  { name: "another address", change: { endpoint: "https://127.0.0.1:2" }, straight: false },
  { name: "another authority", change: { caBundle: "theirs" }, straight: false },
  { name: "a way through a proxy", change: { proxyUrl: "http://127.0.0.1:2" }, straight: false },
]) {
  test(`${straight ? "straight" : "over TLS"} to ${name}`, async () => {
    const seen: ApiRequest[] = [];
    const connect = connectStraight([
      {
        server,
        authority: "ours",
        handle: (request) => {
          seen.push(request);
          return Promise.resolve({ status: 200, headers: {}, body: Buffer.alloc(0) });
        },
      },
    ]);
    const transport = connect({ ...access, ...change });
    const request = { method: "GET", path: "/version", headers: {}, signal: new AbortController().signal } as const;
    const user = { name: "somebody else", groups: ["system:masters"] };
    await transport.send({ ...request, user }).catch(() => undefined);
    await transport.close();
    assert.equal(seen.length, straight ? 1 : 0);
    if (!straight) return;
    assert.equal(seen[0]?.headers["authorization"], "Bearer secret");
    assert.equal(seen[0].user, undefined, "who asks is for the token to say");
  });
}
