import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { connect, createServer, type TLSSocket } from "node:tls";
import { test } from "node:test";
import { systemRandom } from "#std/random.ts";
import { systemClock } from "#std/time.ts";
import {
  createAuthority,
  isMatchingPair,
  issueClientCertificate,
  issueServerCertificate,
  needsRenewal,
} from "./certificates.ts";

const common = { clock: systemClock, random: systemRandom() };
const day = 24 * 60 * 60 * 1000;

test("a client and a server of one authority meet over TLS", async () => {
  const authority = await createAuthority({ ...common, commonName: "karmada" });
  const server = await issueServerCertificate(authority, {
    ...common,
    commonName: "kube-apiserver",
    hosts: ["localhost", "kubernetes.default.svc", "127.0.0.1", "::1"],
  });
  const client = await issueClientCertificate(authority, {
    ...common,
    commonName: "system:admin, the=first",
    organizations: ["system:masters", "équipe"],
  });
  const listener = createServer({
    cert: server.certificate,
    key: server.privateKey,
    ca: authority.certificate,
    requestCert: true,
  });
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  const address = listener.address();
  assert.ok(typeof address === "object" && address !== null);
  const accepted = once(listener, "secureConnection") as Promise<[TLSSocket]>;
  const socket = connect({
    host: "127.0.0.1",
    port: address.port,
    cert: client.certificate,
    key: client.privateKey,
    ca: authority.certificate,
  });
  await once(socket, "secureConnect");
  const [peer] = await accepted;
  assert.ok(socket.authorized);
  assert.ok(peer.authorized);
  assert.deepEqual(
    { ...peer.getPeerCertificate().subject },
    { O: ["system:masters", "équipe"], CN: "system:admin, the=first" },
  );
  socket.destroy();
  peer.destroy();
  listener.close();
  await once(listener, "close");
});

test("certificates say what they are for", async () => {
  const authority = await createAuthority({ ...common, commonName: "ca" });
  const server = await issueServerCertificate(authority, { ...common, commonName: "s", hosts: ["a.b", "10.0.0.1"] });
  const client = await issueClientCertificate(authority, { ...common, commonName: "u" });
  const [ca, s, c] = [authority, server, client].map((pair) => new X509Certificate(pair.certificate));
  assert.ok(ca !== undefined && s !== undefined && c !== undefined);
  assert.equal(ca.ca, true);
  assert.equal(s.ca, false);
  assert.deepEqual(s.keyUsage, ["1.3.6.1.5.5.7.3.1"]);
  assert.deepEqual(c.keyUsage, ["1.3.6.1.5.5.7.3.2"]);
  assert.equal(s.subjectAltName, "DNS:a.b, IP Address:10.0.0.1");
  assert.equal(c.checkIssued(ca), true);
  assert.match(s.serialNumber, /^[4-7][0-9A-F]{31}$/);
  assert.ok(s.validFromDate.getTime() < systemClock.now());
});

test("needsRenewal and isMatchingPair", async () => {
  const now = systemClock.now();
  const authority = await createAuthority({ ...common, commonName: "ca" });
  const other = await createAuthority({ ...common, commonName: "ca" });
  const pair = await issueServerCertificate(authority, {
    ...common,
    commonName: "s",
    hosts: ["localhost"],
    validity: 100 * day,
  });
  const issuer = authority.certificate;
  for (const { name, certificate, at, wanted, due } of [
    { name: "young", certificate: pair.certificate, at: now, wanted: { issuer, hosts: ["localhost"] }, due: false },
    { name: "not yet valid", certificate: pair.certificate, at: now - day, wanted: {}, due: true },
    { name: "at four fifths", certificate: pair.certificate, at: now + 79 * day, wanted: {}, due: false },
    { name: "in the last fifth", certificate: pair.certificate, at: now + 81 * day, wanted: {}, due: true },
    { name: "expired", certificate: pair.certificate, at: now + 101 * day, wanted: {}, due: true },
    { name: "other issuer", certificate: pair.certificate, at: now, wanted: { issuer: other.certificate }, due: true },
    { name: "other host", certificate: pair.certificate, at: now, wanted: { hosts: ["127.0.0.1"] }, due: true },
    { name: "not a certificate", certificate: "x", at: now, wanted: {}, due: true },
  ]) {
    assert.equal(needsRenewal(certificate, at, wanted), due, name);
  }
  assert.equal(isMatchingPair(pair), true);
  assert.equal(isMatchingPair({ ...pair, privateKey: authority.privateKey }), false);
  assert.equal(isMatchingPair({ certificate: "", privateKey: "" }), false);
});
