import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createPrivateKey, generateKeyPairSync, sign, X509Certificate } from "node:crypto";
import { test } from "node:test";
import { CertificateSigningRequest, ClusterRoleBinding } from "#api/kinds.ts";
import { parseCertificateRequest } from "#install/certificate-request.ts";
import { createAuthority } from "#install/certificates.ts";
import { bits, der, oid, sequence, set, tags } from "#install/der.ts";
import { systemRandom } from "#std/random.ts";
import { formatTime, systemClock } from "#std/time.ts";
import { eventually } from "#std/testing.ts";
import { startTestPlane } from "../testing.ts";
import { certificateSigning } from "./controller.ts";
import { endOf, lifeOf } from "./decide.ts";

interface Wanted {
  readonly commonName: string;
  readonly organizations?: readonly string[];
  readonly hosts?: readonly string[];
}

/** A request as openssl would write it. */
function requestOf({ commonName, organizations = [], hosts = [] }: Wanted): string {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const part = (id: string, text: string) => set(sequence(oid(id), der(tags.utf8, Buffer.from(text))));
  const subject = sequence(...organizations.map((text) => part("2.5.4.10", text)), part("2.5.4.3", commonName));
  const names = sequence(...hosts.map((host) => der(0x82, Buffer.from(host))));
  const extensions = sequence(sequence(oid("2.5.29.17"), der(tags.octetString, names)));
  const asked = sequence(oid("1.2.840.113549.1.9.14"), set(extensions));
  const info = sequence(
    der(tags.integer, Buffer.from([0])),
    subject,
    publicKey.export({ type: "spki", format: "der" }),
    hosts.length === 0 ? der(0xa0) : der(0xa0, asked),
  );
  const signature = sign("sha256", info, {
    key: createPrivateKey(privateKey.export({ type: "pkcs8", format: "pem" })),
    dsaEncoding: "der",
  });
  const whole = sequence(info, sequence(oid("1.2.840.10045.4.3.2")), bits(signature));
  return `-----BEGIN CERTIFICATE REQUEST-----\n${whole.toString("base64")}\n-----END CERTIFICATE REQUEST-----\n`;
}

const pem = (text: string) => Buffer.from(text).toString("base64");
const node = { commonName: "system:node:n1", organizations: ["system:nodes"] };
const nodeUsages = ["client auth", "digital signature"];

async function start() {
  const authority = await createAuthority({ commonName: "test", clock: systemClock, random: systemRandom() });
  const plane = await startTestPlane([certificateSigning(authority)]);
  const create = (name: string, signerName: string, request: string, usages: readonly string[]) =>
    plane.client.create(CertificateSigningRequest, {
      metadata: { name },
      spec: { signerName, request: pem(request), usages },
    });
  const approve = async (name: string) => {
    const found = await plane.client.get(CertificateSigningRequest, { name });
    const conditions = [
      {
        type: "Approved",
        status: "True",
        reason: "Test",
        message: "by hand",
        lastUpdateTime: formatTime(systemClock.now()),
      },
    ];
    await plane.client.update(
      CertificateSigningRequest,
      { ...found, status: { conditions } },
      { subresource: "approval" },
    );
  };
  const statusOf = (name: string, wanted: (status: NonNullable<CertificateSigningRequest["status"]>) => boolean) =>
    eventually(`the status of ${name}`, async () => {
      const { status } = await plane.client.get(CertificateSigningRequest, { name });
      return status !== undefined && wanted(status) ? status : undefined;
    });
  return { ...plane, authority, create, approve, statusOf };
}

test("an approved request of a client becomes a certificate for its key and its names", async (t) => {
  const { authority, create, approve, statusOf, stop } = await start();
  t.after(stop);
  const request = requestOf({ commonName: "alice", organizations: ["devs"], hosts: ["alice.example.com"] });
  await create("alice", "kubernetes.io/kube-apiserver-client", request, ["client auth", "digital signature"]);
  await approve("alice");
  const { certificate = "" } = await statusOf("alice", (status) => (status.certificate ?? "") !== "");
  const issued = new X509Certificate(Buffer.from(certificate, "base64"));
  assert.ok(issued.verify(new X509Certificate(authority.certificate).publicKey));
  assert.equal(issued.subject, "O=devs\nCN=alice");
  assert.equal(issued.subjectAltName, "DNS:alice.example.com");
  assert.deepEqual(issued.keyUsage, ["1.3.6.1.5.5.7.3.2"]);
  assert.equal(issued.ca, false);
  const key = issued.publicKey.export({ type: "spki", format: "der" });
  assert.ok(key.equals(parseCertificateRequest(request).publicKey));
});

test("nobody becomes a master by certificate", async (t) => {
  const { create, approve, statusOf, stop } = await start();
  t.after(stop);
  const request = requestOf({ commonName: "x", organizations: ["system:masters"] });
  await create("master", "kubernetes.io/kube-apiserver-client", request, ["client auth"]);
  await approve("master");
  const { conditions, certificate } = await statusOf("master", (status) => status.conditions?.length === 2);
  assert.equal(certificate, undefined);
  assert.match(conditions?.[1]?.message ?? "", /system:masters group is not allowed/);
});

test("usages that the signer does not give make the request fail, with the reason", async (t) => {
  const { create, approve, statusOf, stop } = await start();
  t.after(stop);
  await create("server", "kubernetes.io/kube-apiserver-client", requestOf({ commonName: "x" }), [
    "server auth",
    "client auth",
  ]);
  await approve("server");
  const { conditions, certificate } = await statusOf("server", (status) => status.conditions?.length === 2);
  assert.equal(certificate, undefined);
  assert.equal(conditions?.[1]?.type, "Failed");
  assert.equal(conditions[1].reason, "SignerValidationFailure");
  assert.equal(conditions[1].message, "invalid usage for client certificate: server auth");
});

test("a node's request is approved by itself where its user may ask for it", async (t) => {
  const { client, create, statusOf, stop } = await start();
  t.after(stop);
  await client.create(ClusterRoleBinding, {
    metadata: { name: "nodes" },
    roleRef: {
      ...{ apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole" },
      name: "system:certificates.k8s.io:certificatesigningrequests:nodeclient",
    },
    subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "Group", name: "system:masters" }],
  });
  await create("node", "kubernetes.io/kube-apiserver-client-kubelet", requestOf(node), nodeUsages);
  const { conditions } = await statusOf("node", (status) => (status.certificate ?? "") !== "");
  assert.equal(conditions?.[0]?.reason, "AutoApproved");
});

test("other signers' requests, and unsigned ones, are left alone", async (t) => {
  const { client, create, approve, statusOf, stop } = await start();
  t.after(stop);
  await create("other", "example.com/signer", requestOf({ commonName: "x" }), ["client auth"]);
  await approve("other");
  await create("mine", "kubernetes.io/kube-apiserver-client", requestOf({ commonName: "x" }), ["client auth"]);
  await approve("mine");
  await statusOf("mine", (status) => (status.certificate ?? "") !== "");
  const { status } = await client.get(CertificateSigningRequest, { name: "other" });
  assert.equal(status?.certificate, undefined);
});

test("a request that was tampered with is refused", () => {
  const request = requestOf({ commonName: "alice" });
  const bytes = Buffer.from(request.split("\n")[1] ?? "", "base64");
  bytes[bytes.indexOf("alice")] = "b".charCodeAt(0);
  const forged = `-----BEGIN CERTIFICATE REQUEST-----\n${bytes.toString("base64")}\n-----END CERTIFICATE REQUEST-----\n`;
  assert.throws(() => parseCertificateRequest(forged), { name: "RangeError", message: /signature does not hold/ });
  for (const text of ["", "x", "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n"]) {
    assert.throws(() => parseCertificateRequest(text));
  }
});

test("what openssl writes is read", (t) => {
  let pemText: string;
  try {
    const args = ["req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", "/dev/null", "-subj", "/O=devs/CN=bob"];
    pemText = execFileSync("openssl", [...args, "-addext", "subjectAltName=DNS:a,IP:1.2.3.4"], {
      stdio: ["ignore", "pipe", "ignore"],
    }).toString();
  } catch {
    t.skip("openssl is not installed");
    return;
  }
  const { commonName, organizations, names } = parseCertificateRequest(pemText);
  assert.deepEqual(
    { commonName, organizations, names },
    { commonName: "bob", organizations: ["devs"], names: { dns: 1, ip: 1, email: 0, uri: 0 } },
  );
});

const hour = 3_600_000;
const base = (status: object, expirationSeconds?: number): CertificateSigningRequest => ({
  ...{ apiVersion: "certificates.k8s.io/v1", kind: "CertificateSigningRequest" },
  metadata: { name: "x", creationTimestamp: formatTime(0) },
  spec: { request: "", signerName: "a/b", ...(expirationSeconds === undefined ? {} : { expirationSeconds }) },
  status,
});
const condition = (type: string) => ({ type, status: "True", lastUpdateTime: formatTime(2 * hour) });

for (const { name, status, expiry, end } of [
  { name: "undecided", status: {}, end: 24 * hour },
  { name: "approved, unsigned", status: { conditions: [condition("Approved")] }, end: 24 * hour },
  { name: "issued", status: { conditions: [condition("Approved")], certificate: "x" }, end: 3 * hour },
  { name: "denied", status: { conditions: [condition("Denied")] }, end: 3 * hour },
  { name: "expired", status: { conditions: [condition("Approved")], certificate: "x" }, expiry: hour, end: hour },
]) {
  test(`a request stays for a while: ${name}`, () => {
    assert.equal(endOf(base(status), expiry), end);
  });
}

test("a certificate lives as long as was asked for, within bounds", () => {
  const of = (seconds?: number) => lifeOf(base({}, seconds), 0);
  assert.deepEqual(of(3_600), { from: -300_000, until: hour });
  assert.deepEqual(of(60), { from: -300_000, until: 600_000 });
  assert.deepEqual(of(), { from: -300_000, until: 365 * 24 * hour - 300_000 });
});
