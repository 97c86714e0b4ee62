// The TLS port: both protocols, who is let in, large and endless answers, and how it ends.
import assert from "node:assert/strict";
import http2 from "node:http2";
import https from "node:https";
import { after, before, describe, test } from "node:test";
import type { UserInfo } from "#machinery/http.ts";
import type { KeyPair } from "#install/certificates.ts";
import { clientCertificate, listeningServer, type ListeningServer, newAuthority } from "./listening-server.ts";

interface Answer {
  readonly status: number;
  readonly text: string;
}

interface Asked {
  readonly method?: string;
  readonly path: string;
  readonly body?: string | Buffer;
  readonly headers?: Record<string, string>;
  readonly certificate?: KeyPair;
}

describe("listener", () => {
  const users: UserInfo[] = [];
  let running: ListeningServer;
  before(async () => {
    running = await listeningServer({
      authenticate: ({ headers }) => {
        if (headers["authorization"] === "Bearer good") return { name: "token", groups: [] };
        return headers["authorization"] === undefined ? { name: "system:anonymous", groups: [] } : undefined;
      },
      authorize: ({ user }) => {
        users.push(user);
        return { allowed: true, reason: "" };
      },
    });
  });
  after(() => running.dispose());

  function tlsOptions(certificate: KeyPair | undefined) {
    return {
      ca: running.authority.certificate,
      ...(certificate === undefined ? {} : { cert: certificate.certificate, key: certificate.privateKey }),
    };
  }

  function overHttp1({ method = "GET", path, body, headers, certificate }: Asked): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const { host, port } = running.listener;
      const request = https.request({ host, port, method, path, headers, agent: false, ...tlsOptions(certificate) });
      request.on("error", reject);
      request.on("response", (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () => {
          resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() });
        });
      });
      request.end(body);
    });
  }

  async function overHttp2({ method = "GET", path, body, headers, certificate }: Asked): Promise<Answer> {
    const { host, port } = running.listener;
    const session = http2.connect(`https://${host}:${String(port)}`, tlsOptions(certificate));
    try {
      return await new Promise<Answer>((resolve, reject) => {
        session.on("error", reject);
        const stream = session.request({ ":method": method, ":path": path, ...headers });
        const chunks: Buffer[] = [];
        let status = 0;
        stream.on("response", (answer) => (status = answer[":status"] ?? 0));
        stream.on("data", (chunk: Buffer) => chunks.push(chunk));
        stream.on("error", reject);
        stream.on("end", () => {
          resolve({ status, text: Buffer.concat(chunks).toString() });
        });
        stream.end(body);
      });
    } finally {
      session.close();
    }
  }

  for (const [protocol, send] of [
    ["HTTP/1.1", overHttp1],
    ["HTTP/2", overHttp2],
  ] as const) {
    test(`${protocol}: a client certificate says who it is`, async () => {
      const certificate = await clientCertificate(running.authority, "alice", ["dev", "ops"]);
      const { status, text } = await send({ path: "/version", certificate });
      assert.equal(status, 200);
      assert.match(text, /"gitVersion": "v1\.36\.0-test"/);
      assert.deepEqual(users.at(-1), { name: "alice", groups: ["dev", "ops", "system:authenticated"] });
      const single = await clientCertificate(running.authority, "bob", ["dev"]);
      await send({ path: "/version", certificate: single });
      assert.deepEqual(users.at(-1), { name: "bob", groups: ["dev", "system:authenticated"] });
    });

    test(`${protocol}: a stranger's certificate is refused, unless a token makes up for it`, async () => {
      const stranger = await clientCertificate(await newAuthority(), "admin", ["system:masters"]);
      const refused = await send({ path: "/version", certificate: stranger });
      assert.equal(refused.status, 401);
      assert.match(refused.text, /"reason":"Unauthorized"/);
      const headers = { authorization: "Bearer good" };
      assert.equal((await send({ path: "/version", certificate: stranger, headers })).status, 200);
      assert.equal(users.at(-1)?.name, "token");
      await send({ path: "/version" });
      assert.equal(users.at(-1)?.name, "system:anonymous");
    });

    test(`${protocol}: bodies up to 3 MiB are taken, larger ones get a 413`, async () => {
      const path = "/api/v1/namespaces/default/configmaps";
      const headers = { "content-type": "application/json" };
      const name = `large-${protocol === "HTTP/2" ? "h2" : "h1"}`;
      const body = (bytes: number): string => JSON.stringify({ metadata: { name }, data: { k: "x".repeat(bytes) } });
      const sent = { method: "POST", path, headers, certificate: running.admin };
      const large = await send({ ...sent, body: body(4 * 1024 * 1024) });
      assert.equal(large.status, 413);
      assert.match(large.text, /Request entity too large: limit is 3145728/);
      assert.equal((await send({ ...sent, body: body(900_000) })).status, 201);
      const read = await send({ path: `${path}/${name}`, certificate: running.admin });
      assert.ok(read.text.length > 900_000);
    });

    test(`${protocol}: HEAD has headers alone`, async () => {
      const { status, text } = await send({ method: "HEAD", path: "/api/v1/namespaces", certificate: running.admin });
      assert.deepEqual({ status, text }, { status: 200, text: "" });
    });
  }

  test("hundreds of watches share one connection, and leave nothing behind", async () => {
    const { host, port } = running.listener;
    const session = http2.connect(`https://${host}:${String(port)}`, tlsOptions(running.admin));
    const streams = Array.from({ length: 300 }, () =>
      session.request({ ":path": "/api/v1/namespaces/default/secrets?watch=true&resourceVersion=1" }),
    );
    await Promise.all(streams.map((stream) => new Promise((resolve) => stream.once("response", resolve))));
    const lines = streams.map(
      (stream) =>
        new Promise<string>((resolve) => {
          // All together are more than the connection's window: a line may come in pieces.
          let text = "";
          stream.on("data", (chunk: Buffer) => {
            text += chunk.toString();
            if (text.includes("\n")) resolve(text);
          });
        }),
    );
    const made = await overHttp2({
      method: "POST",
      path: "/api/v1/namespaces/default/secrets",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ metadata: { name: "s" } }),
      certificate: running.admin,
    });
    assert.equal(made.status, 201);
    for (const line of await Promise.all(lines)) assert.match(line, /^\{"type":"ADDED"/);
    assert.match(running.server.metrics.render(), /apiserver_longrunning_requests\{[^}]*resource="secrets"[^}]*\} 300/);
    session.destroy();
    const deadline = Date.now() + 60_000;
    while (!/apiserver_longrunning_requests\{[^}]*resource="secrets"[^}]*\} 0/.test(running.server.metrics.render())) {
      assert.ok(Date.now() < deadline, "watches of a connection that is gone must end");
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  });

  test("a port in use is named, with the way out", async () => {
    const { port } = running.listener;
    await assert.rejects(listeningServer({}, { port }), {
      message: `port ${String(port)} of 127.0.0.1 is in use by another process: end that one, or choose another port`,
    });
  });
});

test("closing ends watches and keep-alive connections, and refuses new ones", async () => {
  const running = await listeningServer();
  const { host, port } = running.listener;
  const tls = { ca: running.authority.certificate, cert: running.admin.certificate, key: running.admin.privateKey };
  const agent = new https.Agent({ keepAlive: true, ...tls });
  const ended = new Promise<void>((resolve, reject) => {
    const request = https.get({ host, port, agent, path: "/api/v1/namespaces?watch=true" }, (response) => {
      response.resume();
      response.on("end", resolve);
    });
    request.on("error", reject);
  });
  const session = http2.connect(`https://${host}:${String(port)}`, tls);
  const stream = session.request({ ":path": "/api/v1/namespaces?watch=true&resourceVersion=1" });
  stream.resume();
  await new Promise((resolve) => stream.once("response", resolve));
  const streamEnded = new Promise((resolve) => stream.once("end", resolve));
  await running.dispose();
  await Promise.all([ended, streamEnded]);
  agent.destroy();
  session.destroy();
  await assert.rejects(fetch(`https://${host}:${String(port)}/`));
});
