import assert from "node:assert/strict";
import { test } from "node:test";
import { fieldErrorText } from "#machinery/field-error.ts";
import type { Random } from "#std/random.ts";
import { assignServiceAddresses } from "./service-addresses.ts";

type Fields = Record<string, unknown>;

/** Draws 0, 1, 2, … */
function counting(): Random {
  let next = 0;
  return { uint32: () => next++, uuid: () => "" };
}

const nothing = { addresses: new Set<string>(), nodePorts: new Set<number>() };
const web = { port: 80, protocol: "TCP" };

for (const { name, spec, old, taken, want, errors } of [
  {
    name: "a new Service gets an address that nobody has",
    spec: { type: "ClusterIP", ports: [web] },
    taken: { ...nothing, addresses: new Set(["10.96.1.0"]) },
    want: {
      type: "ClusterIP",
      ports: [web],
      clusterIP: "10.96.1.1",
      clusterIPs: ["10.96.1.1"],
      ipFamilies: ["IPv4"],
      ipFamilyPolicy: "SingleStack",
    },
  },
  {
    name: "a headless one stays headless",
    spec: { type: "ClusterIP", clusterIP: "None" },
    want: {
      type: "ClusterIP",
      clusterIP: "None",
      clusterIPs: ["None"],
      ipFamilies: ["IPv4"],
      ipFamilyPolicy: "SingleStack",
    },
  },
  { name: "an external one needs nothing", spec: { type: "ExternalName" }, want: { type: "ExternalName" } },
  {
    name: "what is asked for may be taken",
    spec: {
      type: "NodePort",
      clusterIP: "10.96.0.9",
      ports: [
        { ...web, nodePort: 30001 },
        { ...web, nodePort: 1 },
      ],
    },
    taken: { addresses: new Set(["10.96.0.9"]), nodePorts: new Set([30001]) },
    errors: [
      'spec.clusterIPs: Invalid value: ["10.96.0.9"]: failed to allocate IP 10.96.0.9: provided IP is already allocated',
      "spec.ports[0].nodePort: Invalid value: 30001: provided port is already allocated",
      "spec.ports[1].nodePort: Invalid value: 1: provided port is not in the valid range. The range of valid ports is 30000-32767",
    ],
  },
  {
    name: "an update that leaves out what was given keeps it",
    spec: { type: "NodePort", ports: [web, { port: 81, protocol: "TCP" }] },
    old: {
      type: "NodePort",
      clusterIP: "10.96.7.7",
      clusterIPs: ["10.96.7.7"],
      ipFamilies: ["IPv4"],
      ipFamilyPolicy: "SingleStack",
      ports: [{ ...web, nodePort: 30007 }],
    },
    want: {
      type: "NodePort",
      ports: [
        { ...web, nodePort: 30007 },
        { port: 81, protocol: "TCP", nodePort: 30000 },
      ],
      clusterIP: "10.96.7.7",
      clusterIPs: ["10.96.7.7"],
      ipFamilies: ["IPv4"],
      ipFamilyPolicy: "SingleStack",
    },
  },
  {
    name: "one that is no longer reached through nodes gives its ports back",
    spec: {
      type: "ClusterIP",
      clusterIP: "10.96.7.7",
      clusterIPs: ["10.96.7.7"],
      ports: [{ ...web, nodePort: 30007 }],
    },
    old: { type: "NodePort", clusterIP: "10.96.7.7", clusterIPs: ["10.96.7.7"], ports: [{ ...web, nodePort: 30007 }] },
    want: {
      type: "ClusterIP",
      clusterIP: "10.96.7.7",
      clusterIPs: ["10.96.7.7"],
      ports: [web],
      ipFamilies: ["IPv4"],
      ipFamilyPolicy: "SingleStack",
    },
  },
  {
    name: "a balancer that keeps traffic local is checked on a port of its own",
    spec: { type: "LoadBalancer", externalTrafficPolicy: "Local", clusterIP: "10.96.7.7", ports: [web] },
    want: {
      type: "LoadBalancer",
      externalTrafficPolicy: "Local",
      clusterIP: "10.96.7.7",
      clusterIPs: ["10.96.7.7"],
      ipFamilies: ["IPv4"],
      ipFamilyPolicy: "SingleStack",
      ports: [{ ...web, nodePort: 30000 }],
      healthCheckNodePort: 30001,
    },
  },
] satisfies {
  name: string;
  spec: Fields;
  old?: Fields;
  taken?: typeof nothing;
  want?: Fields;
  errors?: string[];
}[]) {
  test(`addresses: ${name}`, () => {
    const object: Fields = structuredClone(spec);
    const found = assignServiceAddresses(object, old, taken ?? nothing, counting());
    assert.deepEqual(found.map(fieldErrorText), errors ?? []);
    if (want !== undefined) assert.deepEqual(object, want);
  });
}
