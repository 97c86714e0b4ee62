import assert from "node:assert/strict";
import http from "node:http";
import https from "node:https";
import net from "node:net";
import { TLSSocket } from "node:tls";
import { type TestContext, test } from "node:test";
import { createAuthority, issueClientCertificate, issueServerCertificate } from "#install/certificates.ts";
import { systemRandom } from "#std/random.ts";
import { systemClock } from "#std/time.ts";
import { type HttpConfig, httpTransport } from "./http-transport.ts";
import { createClient } from "./rest-client.ts";
import { ConfigMapKind } from "./testing.ts";

const issue = { clock: systemClock, random: systemRandom() };
const authority = await createAuthority({ ...issue, commonName: "test-ca" });
const serverPair = await issueServerCertificate(authority, {
  ...issue,
  commonName: "server",
  hosts: ["127.0.0.1", "api.test"],
});
const userPair = await issueClientCertificate(authority, { ...issue, commonName: "alice", organizations: ["devs"] });
const web = { namespace: "default", name: "web" };
const { signal } = new AbortController();

/** Listens on a free port until the test is over. */
async function listen(context: TestContext, server: net.Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const sockets = new Set<net.Socket>();
  server.on("connection", (socket: net.Socket) => sockets.add(socket));
  context.after(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as net.AddressInfo).port;
}

async function setUp(context: TestContext, handle: http.RequestListener, overrides: Partial<HttpConfig> = {}) {
  const options = {
    cert: serverPair.certificate,
    key: serverPair.privateKey,
    ca: authority.certificate,
    requestCert: true,
  };
  const port = await listen(context, https.createServer({ ...options, rejectUnauthorized: false }, handle));
  const transport = httpTransport({
    server: `https://127.0.0.1:${port}`,
    certificateAuthority: authority.certificate,
    ...overrides,
  });
  context.after(() => transport.close());
  return { port, client: createClient(transport, { userAgent: "unit" }) };
}

const echo: http.RequestListener = (request, response) => {
  const peer = request.socket instanceof TLSSocket ? request.socket.getPeerCertificate() : undefined;
  const { url, method, headers, rawHeaders } = request;
  const groups = rawHeaders.filter((_, index) => rawHeaders[index - 1]?.toLowerCase() === "impersonate-group");
  const body: Buffer[] = [];
  request.on("data", (chunk: Buffer) => body.push(chunk));
  request.on("end", () => {
    const text = Buffer.concat(body).toString();
    response.end(
      JSON.stringify({ metadata: { name: "web" }, url, method, headers, groups, subject: peer?.subject, body: text }),
    );
  });
};

test("http transport: speaks TLS as the client certificate's user, with bodies and a path in front", async (context) => {
  const identity = { clientCertificate: userPair.certificate, clientKey: userPair.privateKey };
  const { port, client } = await setUp(context, echo, identity);
  const answer = await client.create(ConfigMapKind, { metadata: web, data: { a: "ü" } });
  const { url, method, subject, headers, body } = answer as unknown as Record<string, Record<string, unknown>>;
  assert.deepEqual([url, method], ["/api/v1/namespaces/default/configmaps", "POST"]);
  assert.deepEqual([subject?.["CN"], subject?.["O"]], ["alice", "devs"]);
  assert.equal(headers?.["user-agent"], "unit");
  assert.match(JSON.stringify(body), /ü/);
  const prefixed = httpTransport({
    server: `127.0.0.1:${port}/clusters/m1/`,
    certificateAuthority: authority.certificate,
    token: () => Promise.resolve("secret"),
    impersonate: { user: "bob", uid: "7", groups: ["g1", "g2"], extra: { "Scope/A": ["x", "y"] } },
  });
  const other = await createClient(prefixed).get(ConfigMapKind, web);
  await prefixed.close();
  const got = other as unknown as Record<string, Record<string, unknown>>;
  assert.deepEqual(got["url"], "/clusters/m1/api/v1/namespaces/default/configmaps/web");
  assert.equal(got["headers"]?.["authorization"], "Bearer secret");
  assert.equal(got["headers"]["impersonate-user"], "bob");
  assert.equal(got["headers"]["impersonate-uid"], "7");
  assert.equal(got["headers"]["impersonate-extra-scope%2fa"], "x, y");
  assert.deepEqual(got["groups"], ["g1", "g2"]);
});

test("http transport: basic authentication", async (context) => {
  const { client } = await setUp(context, echo, { username: "a", password: "b" });
  const answer = (await client.get(ConfigMapKind, web)) as unknown as { headers: Record<string, string> };
  assert.equal(answer.headers["authorization"], "Basic YTpi");
});

test("http transport: proxies of the environment are never used", async (context) => {
  const before = { ...process.env };
  context.after(() => {
    for (const name of ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"]) {
      if (before[name] === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = before[name];
    }
  });
  for (const name of ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"]) process.env[name] = "http://127.0.0.1:1";
  const { client } = await setUp(context, echo);
  assert.equal((await client.get(ConfigMapKind, web)).metadata.name, "web");
});

test("http transport: a proxy that is configured is used", async (context) => {
  const connects: string[] = [];
  const proxy = http.createServer();
  proxy.on("connect", (request, socket) => {
    connects.push(request.url ?? "");
    const [host, port] = (request.url ?? "").split(":");
    const target = net.connect(Number(port), host, () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      target.pipe(socket).pipe(target);
    });
    for (const end of [socket, target]) {
      end.on("error", () => {
        for (const each of [socket, target]) each.destroy();
      });
    }
  });
  const proxyPort = await listen(context, proxy);
  const { port, client } = await setUp(context, echo, { proxyUrl: `http://127.0.0.1:${proxyPort}` });
  assert.equal((await client.get(ConfigMapKind, web)).metadata.name, "web");
  assert.deepEqual(connects, [`127.0.0.1:${port}`]);
});

test("http transport: a watch streams while other requests go on, and ends when it is left", async (context) => {
  const gone = Promise.withResolvers<void>();
  const { client } = await setUp(
    context,
    (request, response) => {
      if (!(request.url ?? "").includes("watch")) {
        echo(request, response);
        return;
      }
      response.on("close", gone.resolve);
      const event = Buffer.from(`{"type":"ADDED","object":{"metadata":{"name":"ä"}}}\n`);
      response.write(event.subarray(0, 42)); // in the middle of a character
      setTimeout(() => response.write(event.subarray(42)), 5);
    },
    { requestConnections: 1 },
  );
  for await (const event of client.watch(ConfigMapKind, { signal })) {
    assert.equal(event.type === "BOOKMARK" ? "" : event.object.metadata.name, "ä");
    assert.equal((await client.get(ConfigMapKind, web)).metadata.name, "web");
    break;
  }
  await gone.promise;
});

test("http transport: a watch that is refused is an ordinary error; one that is cut says so", async (context) => {
  let answers = 0;
  const { client } = await setUp(context, (_request, response) => {
    if (answers++ === 0) {
      response.writeHead(403).end(`{"kind":"Status","reason":"Forbidden","message":"no"}`);
    } else {
      response.write("{");
      setTimeout(() => response.destroy(), 5);
    }
  });
  const drain = async () => {
    for await (const event of client.watch(ConfigMapKind, { signal })) assert.ok(event);
  };
  await assert.rejects(drain(), { reason: "Forbidden", message: "no" });
  await assert.rejects(drain(), { reason: "ServiceUnavailable", message: /connection (closed|reset)/ });
});

test("http transport: aborting ends a request and a watch; closing ends what is open", async (context) => {
  const arrived: (() => void)[] = [];
  const { client } = await setUp(context, (request, response) => {
    if ((request.url ?? "").includes("watch")) response.write("\n");
    arrived.shift()?.();
  });
  const next = () => new Promise<void>((resolve) => arrived.push(resolve));
  for (const kind of ["get", "watch"] as const) {
    const controller = new AbortController();
    const here = next();
    const answer =
      kind === "get"
        ? client.get(ConfigMapKind, web, { signal: controller.signal })
        : client.watch(ConfigMapKind, { signal: controller.signal })[Symbol.asyncIterator]().next();
    await here;
    controller.abort(new Error("enough"));
    if (kind === "get") await assert.rejects(answer, { message: "enough" });
    else assert.deepEqual(await answer, { done: true, value: undefined });
  }
  const here = next();
  const open = client.get(ConfigMapKind, web);
  const failure = assert.rejects(open, { message: "the client is closed" });
  await here;
  await client.close();
  await failure;
  await assert.rejects(client.get(ConfigMapKind, web), { message: "the client is closed" });
  await client.close();
});

const unverified: readonly {
  readonly name: string;
  readonly overrides: Partial<HttpConfig>;
  readonly message: RegExp;
}[] = [
  { name: "no authority given", overrides: {}, message: /unknown authority \(give the cert/ },
  {
    name: "another name",
    overrides: { certificateAuthority: authority.certificate, tlsServerName: "other.test" },
    message: /is for other names/,
  },
];
for (const { name, overrides, message } of unverified) {
  test(`http transport: the server's certificate is checked: ${name}`, async (context) => {
    const { port } = await setUp(context, echo);
    const client = createClient(httpTransport({ server: `https://127.0.0.1:${port}`, ...overrides }));
    await assert.rejects(client.get(ConfigMapKind, web), { reason: "ServiceUnavailable", message });
    await client.close();
  });
}

test("http transport: verification can be pointed at another name, or switched off", async (context) => {
  const { client } = await setUp(context, echo, { tlsServerName: "api.test" });
  assert.equal((await client.get(ConfigMapKind, web)).metadata.name, "web");
  const { port } = await setUp(context, echo);
  const careless = createClient(httpTransport({ server: `https://127.0.0.1:${port}`, insecureSkipTlsVerify: true }));
  assert.equal((await careless.get(ConfigMapKind, web)).metadata.name, "web");
  await careless.close();
});

test("http transport: nobody there, no TLS there, no HTTP there", async (context) => {
  const plain = await listen(context, http.createServer(echo));
  const odd = await listen(
    context,
    net.createServer((socket) => socket.on("error", () => undefined).end("hello\r\n")),
  );
  const closed = net.createServer();
  const free = await new Promise<number>((resolve) => {
    closed.listen(0, "127.0.0.1", () => {
      const { port } = closed.address() as net.AddressInfo;
      closed.close(() => {
        resolve(port);
      });
    });
  });
  for (const { server, message } of [
    { server: `https://127.0.0.1:${free}`, message: /connection refused \(is the API server running/ },
    { server: `https://127.0.0.1:${plain}`, message: /does not speak TLS/ },
    { server: `http://127.0.0.1:${odd}`, message: /does not speak HTTP/ },
  ]) {
    const client = createClient(httpTransport({ server }));
    await assert.rejects(client.get(ConfigMapKind, web), { reason: "ServiceUnavailable", message });
    await client.close();
  }
});

for (const server of ["ftp://a", "https://user:secret@host", "https://", "https://a?b=c"]) {
  test(`http transport: refuses the address ${server}`, () => {
    assert.throws(() => httpTransport({ server }), { reason: "BadRequest", message: /must look like https:/ });
  });
}
