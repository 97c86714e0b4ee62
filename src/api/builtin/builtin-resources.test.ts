// The strategies and defaults of the built-in kinds, on whole objects.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { MutableObject } from "#machinery/admission.ts";
import { isKubeObject } from "#machinery/guards.ts";
import type { KubeObject } from "#machinery/object.ts";
import { createDecoder } from "#machinery/schema-decode.ts";
import type { Resource } from "../resource.ts";
import { builtinResources } from "./index.ts";

function resourceOf(group: string, kind: string, version = "v1"): Resource {
  const found = builtinResources.find(
    (resource) => resource.kind.group === group && resource.kind.kind === kind && resource.kind.version === version,
  );
  assert.ok(found !== undefined, `${group}/${version} ${kind}`);
  return found;
}

/** Decodes and defaults as the server does. */
function made(resource: Resource, object: Record<string, unknown>): MutableObject {
  const { group, version, kind } = resource.kind;
  const whole = {
    apiVersion: group === "" ? version : `${group}/${version}`,
    kind,
    metadata: { name: "x" },
    ...structuredClone(object),
  };
  const findings = createDecoder(resource.schema, resource.resolve)(whole);
  assert.deepEqual(findings, []);
  resource.strategy.defaults(whole);
  return whole;
}

function frozen(object: MutableObject): KubeObject {
  const copy: unknown = structuredClone(object);
  assert.ok(isKubeObject(copy));
  return copy;
}

const podTemplate = { metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "web", image: "nginx" }] } };

test("every resource has a schema, verbs and a storage prefix of its own", () => {
  assert.equal(builtinResources.length, 68);
  for (const resource of builtinResources) {
    assert.equal(resource.schema.type, "object", resource.kind.kind);
    assert.ok(resource.verbs.length > 0);
  }
  assert.equal(resourceOf("", "Node").storagePrefix, "minions");
  assert.equal(resourceOf("", "Service").storagePrefix, "services/specs");
});

test("a Deployment gets the defaults a real API server gives it", () => {
  const object = made(resourceOf("apps", "Deployment"), {
    spec: { selector: { matchLabels: { app: "web" } }, template: podTemplate },
  });
  assert.deepEqual(object["spec"], {
    selector: { matchLabels: { app: "web" } },
    replicas: 1,
    strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: "25%", maxSurge: "25%" } },
    revisionHistoryLimit: 10,
    progressDeadlineSeconds: 600,
    template: {
      metadata: { labels: { app: "web" } },
      spec: {
        containers: [
          {
            name: "web",
            image: "nginx",
            imagePullPolicy: "Always",
            resources: {},
            terminationMessagePath: "/dev/termination-log",
            terminationMessagePolicy: "File",
          },
        ],
        dnsPolicy: "ClusterFirst",
        restartPolicy: "Always",
        securityContext: {},
        schedulerName: "default-scheduler",
        terminationGracePeriodSeconds: 30,
      },
    },
  });
});

for (const { name, group, kind, version, given, field, want } of [
  {
    name: "a Service's ports and policies",
    group: "",
    kind: "Service",
    given: { spec: { ports: [{ port: 80 }], selector: { app: "web" } } },
    field: "spec",
    want: {
      ports: [{ port: 80, protocol: "TCP", targetPort: 80 }],
      selector: { app: "web" },
      sessionAffinity: "None",
      type: "ClusterIP",
      internalTrafficPolicy: "Cluster",
    },
  },
  {
    name: "a Secret's stringData becomes data",
    group: "",
    kind: "Secret",
    given: { data: { b: "Yg==" }, stringData: { a: "text" } },
    field: "data",
    want: { a: "dGV4dA==", b: "Yg==" },
  },
  {
    name: "a pod requests what it is limited to and no hostPath type is empty text",
    group: "",
    kind: "Pod",
    given: {
      spec: {
        containers: [{ name: "a", image: "a:1@sha256:0", resources: { limits: { cpu: "1", memory: "1500u" } } }],
        volumes: [{ name: "e" }, { name: "h", hostPath: { path: "/x" } }, { name: "s", secret: { secretName: "s" } }],
        serviceAccountName: "robot",
      },
    },
    field: "spec",
    want: {
      containers: [
        {
          name: "a",
          image: "a:1@sha256:0",
          imagePullPolicy: "IfNotPresent",
          resources: { limits: { cpu: "1", memory: "2m" }, requests: { cpu: "1", memory: "2m" } },
          terminationMessagePath: "/dev/termination-log",
          terminationMessagePolicy: "File",
        },
      ],
      volumes: [
        { name: "e", emptyDir: {} },
        { name: "h", hostPath: { path: "/x", type: "" } },
        { name: "s", secret: { secretName: "s", defaultMode: 420 } },
      ],
      dnsPolicy: "ClusterFirst",
      restartPolicy: "Always",
      securityContext: {},
      schedulerName: "default-scheduler",
      terminationGracePeriodSeconds: 30,
      enableServiceLinks: true,
      serviceAccountName: "robot",
      serviceAccount: "robot",
    },
  },
  {
    name: "a CronJob",
    group: "batch",
    kind: "CronJob",
    given: { spec: { schedule: "@daily", jobTemplate: {} } },
    field: "spec",
    want: {
      schedule: "@daily",
      jobTemplate: {
        metadata: {},
        spec: {
          template: {
            metadata: {},
            spec: {
              dnsPolicy: "ClusterFirst",
              restartPolicy: "Always",
              securityContext: {},
              schedulerName: "default-scheduler",
              terminationGracePeriodSeconds: 30,
            },
          },
        },
      },
      concurrencyPolicy: "Allow",
      suspend: false,
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 1,
    },
  },
  {
    name: "an autoscaler without metrics watches the cpu",
    group: "autoscaling",
    kind: "HorizontalPodAutoscaler",
    version: "v2",
    given: { spec: { maxReplicas: 3, scaleTargetRef: { kind: "Deployment", name: "web" } } },
    field: "spec",
    want: {
      maxReplicas: 3,
      minReplicas: 1,
      scaleTargetRef: { kind: "Deployment", name: "web" },
      metrics: [
        { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 80 } } },
      ],
    },
  },
  {
    name: "subjects that are users or groups belong to the rbac group",
    group: "rbac.authorization.k8s.io",
    kind: "ClusterRoleBinding",
    given: { roleRef: { kind: "ClusterRole", name: "view" }, subjects: [{ kind: "User", name: "a" }] },
    field: "subjects",
    want: [{ kind: "User", name: "a", apiGroup: "rbac.authorization.k8s.io" }],
  },
  {
    name: "a webhook",
    group: "admissionregistration.k8s.io",
    kind: "MutatingWebhookConfiguration",
    given: { webhooks: [{ name: "a.b.c", rules: [{ operations: ["*"] }], clientConfig: { service: { name: "s" } } }] },
    field: "webhooks",
    want: [
      {
        name: "a.b.c",
        rules: [{ operations: ["*"], scope: "*" }],
        clientConfig: { service: { name: "s", namespace: "", port: 443 } },
        failurePolicy: "Fail",
        matchPolicy: "Equivalent",
        namespaceSelector: {},
        objectSelector: {},
        timeoutSeconds: 10,
        reinvocationPolicy: "Never",
      },
    ],
  },
]) {
  test(`defaults: ${name}`, () => {
    assert.deepEqual(made(resourceOf(group, kind, version), given)[field], want);
  });
}

test("a new object's status is the zero one, an update keeps the old one, /status changes nothing else", () => {
  const resource = resourceOf("apps", "Deployment");
  const { strategy } = resource;
  const spec = { selector: {}, template: podTemplate };
  const object = made(resource, { spec, status: { replicas: 7 } });
  strategy.prepareForCreate(object);
  assert.deepEqual(object["status"], {});
  const old: KubeObject = { ...frozen(object), status: { replicas: 2 } };
  const changed = made(resource, { spec: { ...spec, replicas: 5 }, status: { replicas: 9 } });
  strategy.prepareForUpdate(changed, old);
  assert.deepEqual(changed["status"], { replicas: 2 });
  assert.ok(strategy.bumpsGeneration(frozen(changed), old));
  const reported = made(resource, { metadata: { name: "x", labels: { a: "b" } }, spec, status: { replicas: 3 } });
  strategy.prepareForStatusUpdate(reported, old);
  assert.deepEqual(reported["status"], { replicas: 3 });
  assert.deepEqual(reported["spec"], old["spec"]);
  assert.equal(reported.metadata["labels"], undefined);
});

test("status counts that Go always writes are there from the start", () => {
  const resource = resourceOf("apps", "DaemonSet");
  const object = made(resource, { spec: { selector: {}, template: podTemplate } });
  resource.strategy.prepareForCreate(object);
  assert.deepEqual(object["status"], {
    currentNumberScheduled: 0,
    desiredNumberScheduled: 0,
    numberMisscheduled: 0,
    numberReady: 0,
  });
});

test("annotations move a Deployment's generation, not a ReplicaSet's", () => {
  for (const [kind, moves] of [
    ["Deployment", true],
    ["ReplicaSet", false],
  ] as const) {
    const { strategy } = resourceOf("apps", kind);
    const old: KubeObject = { apiVersion: "apps/v1", kind, metadata: { name: "x" }, spec: { replicas: 1 } };
    const object = { ...old, metadata: { name: "x", annotations: { a: "b" } } };
    assert.equal(strategy.bumpsGeneration(object, old), moves);
  }
});

test("a namespace is born with a finalizer that holds its deletion", () => {
  const resource = resourceOf("", "Namespace");
  const object = made(resource, {});
  resource.strategy.prepareForCreate(object);
  assert.deepEqual(object["spec"], { finalizers: ["kubernetes"] });
  assert.deepEqual(object["status"], { phase: "Active" });
  assert.deepEqual(object.metadata["labels"], { "kubernetes.io/metadata.name": "x" });
  assert.equal(resource.strategy.holdsDeletion?.(frozen(object)), true);
  resource.strategy.prepareForDelete?.(object, "2026-01-01T00:00:00Z");
  assert.deepEqual(object["status"], { phase: "Terminating" });
});

test("a Job selects its pods by its uid", () => {
  const resource = resourceOf("batch", "Job");
  const object = made(resource, { spec: { template: { spec: podTemplate.spec } } });
  object.metadata["uid"] = "u-1";
  resource.strategy.prepareForCreate(object);
  const { selector, template } = object["spec"] as Record<string, { metadata: Record<string, unknown> }>;
  assert.deepEqual(selector, { matchLabels: { "batch.kubernetes.io/controller-uid": "u-1" } });
  assert.deepEqual(object.metadata["labels"], template?.metadata["labels"]);
  assert.deepEqual(template?.metadata["labels"], {
    "controller-uid": "u-1",
    "batch.kubernetes.io/controller-uid": "u-1",
    "job-name": "x",
    "batch.kubernetes.io/job-name": "x",
  });
});

test("pods on a node get their grace, others none", () => {
  const { strategy } = resourceOf("", "Pod");
  const grace = (object: KubeObject, asked: number | undefined): number | undefined =>
    strategy.gracePeriodSeconds?.(object, asked);
  const pod = (spec: object, phase: string): KubeObject => ({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "p" },
    spec,
    status: { phase },
  });
  assert.equal(grace(pod({}, "Pending"), undefined), 0);
  assert.equal(grace(pod({ nodeName: "n", terminationGracePeriodSeconds: 5 }, "Running"), undefined), 5);
  assert.equal(grace(pod({ nodeName: "n" }, "Running"), undefined), 30);
  assert.equal(grace(pod({ nodeName: "n" }, "Running"), -1), 1);
  assert.equal(grace(pod({ nodeName: "n" }, "Succeeded"), 20), 0);
});

test("scale paths and selector text", () => {
  const scale = resourceOf("apps", "Deployment").scale;
  const object: KubeObject = {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "x" },
    spec: {
      selector: { matchLabels: { b: "1" }, matchExpressions: [{ key: "a", operator: "In", values: ["y", "x"] }] },
    },
  };
  assert.equal(scale?.selector(object), "a in (x,y),b=1");
  assert.equal(resourceOf("", "Pod").scale, undefined);
});

test("field selectors see what they name", () => {
  const { selectableFields } = resourceOf("", "Pod").strategy;
  const pod: KubeObject = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "p" },
    spec: { nodeName: "n1" },
    status: { phase: "Running" },
  };
  assert.equal(selectableFields["spec.nodeName"]?.(pod), "n1");
  assert.equal(selectableFields["spec.hostNetwork"]?.(pod), "false");
  assert.equal(selectableFields["status.phase"]?.(pod), "Running");
  const event: KubeObject = { apiVersion: "v1", kind: "Event", metadata: { name: "e" }, involvedObject: { uid: "u" } };
  assert.equal(resourceOf("", "Event").strategy.selectableFields["involvedObject.uid"]?.(event), "u");
});
