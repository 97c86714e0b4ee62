// Validation texts are API: each is pinned here, on objects that were decoded and defaulted as the server does.
import assert from "node:assert/strict";
import { test } from "node:test";
import { fieldErrorText } from "#machinery/field-error.ts";
import { isKubeObject } from "#machinery/guards.ts";
import type { KubeObject } from "#machinery/object.ts";
import { createDecoder } from "#machinery/schema-decode.ts";
import type { Resource } from "../../resource.ts";
import { builtinResources } from "../index.ts";
import { scheduleError } from "./schedule.ts";

type Patch = Record<string, unknown>;

function resourceOf(kind: string): Resource {
  const found = builtinResources.find((resource) => resource.kind.kind === kind && resource.kind.version !== "v2");
  assert.ok(found !== undefined);
  return found;
}

function made(kind: string, object: Patch): KubeObject {
  const resource = resourceOf(kind);
  const { group, version } = resource.kind;
  const apiVersion = group === "" ? version : `${group}/${version}`;
  const whole = { apiVersion, kind, metadata: { name: "x", namespace: "default" }, ...structuredClone(object) };
  assert.deepEqual(createDecoder(resource.schema, resource.resolve)(whole), []);
  resource.strategy.defaults(whole);
  assert.ok(isKubeObject(whole));
  return whole;
}

const container = { name: "c", image: "nginx" };
const template = (spec: Patch = {}, labels: Patch = { app: "web" }): Patch => ({
  metadata: { labels },
  spec: { containers: [container], ...spec },
});
const selector = { matchLabels: { app: "web" } };

for (const { name, kind, object, want } of [
  { name: "a good Deployment", kind: "Deployment", object: { spec: { selector, template: template() } }, want: [] },
  {
    name: "a quota's scopes that contradict, and are not about what it limits",
    kind: "ResourceQuota",
    object: {
      spec: {
        hard: { pods: "1", services: "1" },
        scopes: ["BestEffort", "NotBestEffort"],
        scopeSelector: {
          matchExpressions: [
            { scopeName: "PriorityClass", operator: "In" },
            { scopeName: "Terminating", operator: "DoesNotExist" },
          ],
        },
      },
    },
    want: [
      'spec.scopes: Invalid value: ["BestEffort","NotBestEffort"]: unsupported scope applied to resource',
      'spec.scopes: Invalid value: ["BestEffort","NotBestEffort"]: unsupported scope applied to resource',
      'spec.scopes: Invalid value: ["BestEffort","NotBestEffort"]: conflicting scopes',
      "spec.scopeSelector.matchExpressions[0].values: Required value: must be at least one value when `operator` is 'In' or 'NotIn' for scope selector",
      "spec.scopeSelector.matchExpressions[1].operator: Invalid value: \"DoesNotExist\": must be 'Exists' when scope is Terminating",
    ],
  },
  {
    name: "a Deployment without anything",
    kind: "Deployment",
    object: { spec: {} },
    want: ["spec.selector: Required value", "spec.template.spec.containers: Required value"],
  },
  {
    name: "labels that the selector misses, a restart policy, a count",
    kind: "Deployment",
    object: { spec: { replicas: -1, selector, template: template({ restartPolicy: "Never" }, { app: "x" }) } },
    want: [
      "spec.replicas: Invalid value: -1: must be greater than or equal to 0",
      'spec.template.metadata.labels: Invalid value: {"app":"x"}: `selector` does not match template `labels`',
      'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
    ],
  },
  {
    name: "a rollout that could never move",
    kind: "Deployment",
    object: {
      spec: { selector, template: template(), strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: "0%" } } },
    },
    want: ['spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "0%": may not be 0 when `maxSurge` is 0'],
  },
  {
    name: "containers",
    kind: "Pod",
    object: {
      spec: {
        containers: [
          { name: "Bad_Name", image: "" },
          container,
          {
            ...container,
            ports: [{ containerPort: 0 }, { containerPort: 70000, protocol: "X" }],
            volumeMounts: [{ name: "v", mountPath: "/x" }],
            resources: { requests: { cpu: "200m" }, limits: { cpu: "100m" } },
          },
        ],
      },
    },
    want: [
      "spec.containers[0].name: Invalid value: \"Bad_Name\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
      "spec.containers[0].image: Required value",
      "spec.containers[2].ports[0].containerPort: Required value",
      "spec.containers[2].ports[1].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive",
      'spec.containers[2].ports[1].protocol: Unsupported value: "X": supported values: "SCTP", "TCP", "UDP"',
      'spec.containers[2].volumeMounts[0].name: Not found: "v"',
      'spec.containers[2].resources.requests: Invalid value: "200m": must be less than or equal to cpu limit of 100m',
      'spec.containers[2].name: Duplicate value: "c"',
    ],
  },
  {
    name: "a Service with two nameless ports and a node port it cannot have",
    kind: "Service",
    object: {
      spec: {
        ports: [
          { port: 80, nodePort: 30000 },
          { port: 0, name: "b" },
        ],
      },
    },
    want: [
      "spec.ports[0].name: Required value",
      "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'",
      "spec.ports[1].port: Invalid value: 0: must be between 1 and 65535, inclusive",
      "spec.ports[1].targetPort: Invalid value: 0: must be between 1 and 65535, inclusive",
    ],
  },
  {
    name: "content that is too long, with keys that are none",
    kind: "ConfigMap",
    object: { data: { "a/b": "x", big: "x".repeat(1_048_577) } },
    want: [
      "data[a/b]: Invalid value: \"a/b\": a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
      "[]: Too long: may not be more than 1048576 bytes",
    ],
  },
  {
    name: "a TLS secret without its parts",
    kind: "Secret",
    object: { type: "kubernetes.io/tls", data: { "tls.crt": "eA==" } },
    want: ["data[tls.key]: Required value"],
  },
  {
    name: "a Job that would restart for ever",
    kind: "Job",
    object: { spec: { selector, template: template() } },
    want: ['spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"'],
  },
  {
    name: "a CronJob's schedule",
    kind: "CronJob",
    object: {
      spec: { schedule: "61 * * * *", jobTemplate: { spec: { template: template({ restartPolicy: "Never" }) } } },
    },
    want: ['spec.schedule: Invalid value: "61 * * * *": end of range (61) above maximum (59): 61'],
  },
  {
    name: "a role rule without verbs",
    kind: "Role",
    object: { rules: [{ apiGroups: [""], resources: ["pods"] }] },
    want: ["rules[0].verbs: Required value: verbs must contain at least one value"],
  },
  {
    name: "a budget that says both",
    kind: "PodDisruptionBudget",
    object: { spec: { minAvailable: 1, maxUnavailable: "x" } },
    want: [
      'spec: Invalid value: {"minAvailable":1,"maxUnavailable":"x"}: minAvailable and maxUnavailable cannot be both set',
      "spec.maxUnavailable: Invalid value: \"x\": a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')",
    ],
  },
  {
    name: "an Ingress path without a type",
    kind: "Ingress",
    object: {
      spec: {
        rules: [{ http: { paths: [{ path: "/", backend: { service: { name: "s", port: { number: 80 } } } }] } }],
      },
    },
    want: ["spec.rules[0].http.paths[0].pathType: Required value: pathType must be specified"],
  },
  {
    name: "an autoscaler upside down",
    kind: "HorizontalPodAutoscaler",
    object: { spec: { minReplicas: 5, maxReplicas: 2, scaleTargetRef: { kind: "Deployment", name: "web" } } },
    want: ["spec.maxReplicas: Invalid value: 2: must be greater than or equal to `minReplicas`"],
  },
  {
    name: "an Event about another namespace",
    kind: "Event",
    object: { involvedObject: { kind: "Pod", name: "p", namespace: "other" } },
    want: ['involvedObject.namespace: Invalid value: "other": does not match event.namespace'],
  },
  {
    name: "a signing request",
    kind: "CertificateSigningRequest",
    object: { spec: { request: "eA==", signerName: "kubernetes.io/legacy-unknown", expirationSeconds: 300 } },
    want: [
      "spec.usages: Required value",
      'spec.signerName: Invalid value: "kubernetes.io/legacy-unknown": the legacy signerName is not allowed via this API version',
      "spec.expirationSeconds: Invalid value: 300: may not specify a duration less than 600 seconds (10 minutes)",
    ],
  },
  {
    name: "a claim that asks for nothing",
    kind: "PersistentVolumeClaim",
    object: { spec: {} },
    want: [
      "spec.accessModes: Required value: at least 1 access mode is required",
      "spec.resources[storage]: Required value",
    ],
  },
  {
    name: "a webhook that says too little",
    kind: "ValidatingWebhookConfiguration",
    object: { webhooks: [{ name: "a.b", clientConfig: { url: "http://x" } }] },
    want: [
      'webhooks[0].name: Invalid value: "a.b": should be a domain with at least three segments separated by dots',
      "webhooks[0].sideEffects: Required value: must specify one of None, NoneOnDryRun",
      "webhooks[0].clientConfig.url: Invalid value: \"http\": 'https' is the only allowed URL scheme; desired format: https://host[/path]",
      "webhooks[0].admissionReviewVersions: Required value: must specify one of v1, v1beta1",
    ],
  },
] satisfies { name: string; kind: string; object: Patch; want: string[] }[]) {
  test(`create: ${name}`, () => {
    const errors = resourceOf(kind).strategy.validate(made(kind, object));
    assert.deepEqual(errors.map(fieldErrorText), want);
  });
}

const pod = (spec: Patch): Patch => ({ spec: { containers: [container], ...spec } });
const statefulSet = (spec: Patch): Patch => ({ spec: { selector, template: template(), serviceName: "s", ...spec } });

for (const { name, kind, old, object, want } of [
  {
    name: "a Deployment's selector stays",
    kind: "Deployment",
    old: { spec: { selector, template: template() } },
    object: { spec: { selector: { matchLabels: { app: "b" } }, template: template({}, { app: "b" }) } },
    want: ['spec.selector: Invalid value: {"matchLabels":{"app":"b"}}: field is immutable'],
  },
  {
    name: "a pod's image may change",
    kind: "Pod",
    old: pod({}),
    object: { spec: { containers: [{ ...container, image: "nginx:2", imagePullPolicy: "Always" }] } },
    want: [],
  },
  {
    name: "a pod may be tolerated more",
    kind: "Pod",
    old: pod({ tolerations: [{ key: "a", operator: "Exists" }] }),
    object: pod({
      tolerations: [
        { key: "a", operator: "Exists" },
        { key: "b", operator: "Exists" },
      ],
    }),
    want: [],
  },
  {
    name: "a pod stays where it is",
    kind: "Pod",
    old: pod({ nodeName: "a" }),
    object: pod({ nodeName: "b" }),
    want: [
      'spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)\n  spec.nodeName: "a" -> "b"\n',
    ],
  },
  {
    name: "a StatefulSet may scale, but its service stays",
    kind: "StatefulSet",
    old: statefulSet({}),
    object: statefulSet({ replicas: 3, serviceName: "t" }),
    want: [
      "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
    ],
  },
  {
    name: "an address stays",
    kind: "Service",
    old: { spec: { ports: [{ port: 80 }], clusterIP: "10.0.0.1", clusterIPs: ["10.0.0.1"] } },
    object: { spec: { ports: [{ port: 80 }], clusterIP: "10.0.0.2", clusterIPs: ["10.0.0.2"] } },
    want: ['spec.clusterIPs[0]: Invalid value: ["10.0.0.2"]: may not change once set'],
  },
  {
    name: "immutable content",
    kind: "ConfigMap",
    old: { immutable: true, data: { a: "1" } },
    object: { data: { a: "2" } },
    want: [
      "immutable: Forbidden: field is immutable when `immutable` is set",
      "data: Forbidden: field is immutable when `immutable` is set",
    ],
  },
  {
    name: "a secret's type",
    kind: "Secret",
    old: {},
    object: { type: "x" },
    want: ['type: Invalid value: "x": field is immutable'],
  },
  {
    name: "a binding's role",
    kind: "RoleBinding",
    old: { roleRef: { kind: "Role", name: "a" } },
    object: { roleRef: { kind: "Role", name: "b" } },
    want: [
      'roleRef: Invalid value: {"kind":"Role","name":"b","apiGroup":"rbac.authorization.k8s.io"}: cannot change roleRef',
    ],
  },
  {
    name: "a priority's value",
    kind: "PriorityClass",
    old: { value: 1 },
    object: { value: 2 },
    want: ["value: Forbidden: may not be changed in an update."],
  },
] satisfies { name: string; kind: string; old: Patch; object: Patch; want: string[] }[]) {
  test(`update: ${name}`, () => {
    const errors = resourceOf(kind).strategy.validateUpdate(made(kind, object), made(kind, old));
    assert.deepEqual(errors.map(fieldErrorText), want);
  });
}

test("a decision on a signing request is made once, through /approval", () => {
  const { strategy } = resourceOf("CertificateSigningRequest");
  const condition = (type: string): Patch => ({ type, status: "True" });
  const request = (...types: string[]): KubeObject =>
    made("CertificateSigningRequest", { status: { conditions: types.map(condition) } });
  const approval = strategy.subresourceRules?.["approval"];
  const texts = (now: KubeObject, old: KubeObject): string[] | undefined =>
    approval?.validate(now, old).map(fieldErrorText);
  assert.deepEqual(texts(request("Approved"), request()), []);
  assert.deepEqual(texts(request(), request("Approved")), [
    'status.conditions: Forbidden: updates may not remove a condition of type "Approved"',
  ]);
  assert.deepEqual(texts(request("Approved", "Denied"), request("Approved")), [
    'status.conditions[1].type: Invalid value: "Denied": Approved and Denied conditions are mutually exclusive',
  ]);
  assert.deepEqual(strategy.validateStatusUpdate(request("Approved"), request()).map(fieldErrorText), [
    'status.conditions: Forbidden: updates may not add a condition of type "Approved"',
  ]);
});

test("schedules", () => {
  for (const good of ["* * * * *", "*/5 0-6 1,15 JAN-mar sun", "@daily", "@every 1h30m", "0 0 ? * 1/2"]) {
    assert.equal(scheduleError(good), undefined, good);
  }
  for (const [bad, why] of [
    ["* * * *", "expected exactly 5 fields, found 4: [* * * *]"],
    ["a * * * *", 'failed to parse int from a: strconv.Atoi: parsing "a": invalid syntax'],
    ["5-1 * * * *", "beginning of range (5) beyond end of range (1): 5-1"],
    ["*/0 * * * *", "step of range should be a positive number: */0"],
    ["@never", "unrecognized descriptor: @never"],
  ] as const) {
    assert.equal(scheduleError(bad), why);
  }
});
