import assert from "node:assert/strict";
import { test } from "node:test";
import { builtinKinds } from "../../generated/kinds.ts";
import type { KubeObject } from "#machinery/object.ts";
import type { Printer } from "../../resource.ts";
import { builtinPrinter } from "./builtin-printer.ts";

const now = Date.UTC(2026, 0, 1, 1);
const created = "2026-01-01T00:00:00Z"; // an hour ago: 60m
const minutesAgo = (minutes: number): string => new Date(now - minutes * 60_000).toISOString();

interface Row {
  readonly name: string;
  readonly kind: readonly [apiVersion: string, kind: string];
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly rest?: Readonly<Record<string, unknown>>;
  readonly cells: readonly unknown[];
}

function printerOf([apiVersion, kind]: readonly [string, string]): Printer {
  const [version = "", group = ""] = apiVersion.split("/").reverse();
  return builtinPrinter({ group, version, kind }) ?? assert.fail(`no printer for ${apiVersion} ${kind}`);
}

function objectOf({ kind: [apiVersion, kind], metadata, rest }: Row): KubeObject {
  return { apiVersion, kind, metadata: { name: "x", creationTimestamp: created, ...metadata }, ...rest };
}

const containers = [
  { name: "a", image: "a:1" },
  { name: "b", image: "b:2" },
];
const template = { spec: { containers, nodeSelector: { disk: "ssd" } }, metadata: { labels: { app: "x" } } };
const selector = { matchLabels: { app: "x" }, matchExpressions: [{ key: "t", operator: "In", values: ["b", "a"] }] };

const rows: readonly Row[] = [
  {
    name: "a deployment",
    kind: ["apps/v1", "Deployment"],
    rest: {
      spec: { replicas: 3, selector, template },
      status: { readyReplicas: 2, updatedReplicas: 3, availableReplicas: 1 },
    },
    cells: ["x", "2/3", 3, 1, "60m", "a,b", "a:1,b:2", "app=x,t in (a,b)"],
  },
  {
    name: "a deployment whose selector is wrong",
    kind: ["apps/v1", "Deployment"],
    rest: { spec: { replicas: 1, selector: { matchLabels: { "a b": "x" } }, template } },
    cells: ["x", "0/1", 0, 0, "60m", "a,b", "a:1,b:2", "<invalid>"],
  },
  {
    name: "a replica set",
    kind: ["apps/v1", "ReplicaSet"],
    rest: { spec: { replicas: 3, selector, template }, status: { replicas: 2, readyReplicas: 1 } },
    cells: ["x", 3, 2, 1, "60m", "a,b", "a:1,b:2", "app=x,t in (a,b)"],
  },
  {
    name: "a replication controller",
    kind: ["v1", "ReplicationController"],
    rest: { spec: { replicas: 1, selector: { b: "2", a: "1" }, template }, status: { replicas: 1 } },
    cells: ["x", 1, 1, 0, "60m", "a,b", "a:1,b:2", "a=1,b=2"],
  },
  {
    name: "a stateful set",
    kind: ["apps/v1", "StatefulSet"],
    rest: { spec: { replicas: 2, template }, status: { readyReplicas: 1 } },
    cells: ["x", "1/2", "60m", "a,b", "a:1,b:2"],
  },
  {
    name: "a daemon set",
    kind: ["apps/v1", "DaemonSet"],
    rest: {
      spec: { selector: {}, template },
      status: { desiredNumberScheduled: 5, currentNumberScheduled: 4, numberReady: 3, numberAvailable: 1 },
    },
    cells: ["x", 5, 4, 3, 0, 1, "disk=ssd", "60m", "a,b", "a:1,b:2", "<none>"],
  },
  {
    name: "a controller revision",
    kind: ["apps/v1", "ControllerRevision"],
    metadata: { ownerReferences: [{ apiVersion: "apps/v1", kind: "StatefulSet", name: "web", controller: true }] },
    rest: { revision: 3 },
    cells: ["x", "statefulset.apps/web", 3, "60m"],
  },
  {
    name: "a running job",
    kind: ["batch/v1", "Job"],
    rest: { spec: { completions: 3, template, selector }, status: { succeeded: 1, startTime: minutesAgo(5) } },
    cells: ["x", "Running", "1/3", "5m", "60m", "a,b", "a:1,b:2", "app=x,t in (a,b)"],
  },
  {
    name: "a job without completions",
    kind: ["batch/v1", "Job"],
    rest: {
      spec: { parallelism: 2, template },
      status: {
        conditions: [
          { type: "Suspended", status: "False" },
          { type: "SuccessCriteriaMet", status: "True" },
        ],
      },
    },
    cells: ["x", "SuccessCriteriaMet", "0/1 of 2", "", "60m", "a,b", "a:1,b:2", "<none>"],
  },
  {
    name: "a finished job",
    kind: ["batch/v1", "Job"],
    metadata: { deletionTimestamp: created },
    rest: {
      spec: { parallelism: 1, template },
      status: {
        succeeded: 1,
        startTime: minutesAgo(5),
        completionTime: minutesAgo(2),
        conditions: [{ type: "Complete", status: "True" }],
      },
    },
    cells: ["x", "Complete", "1/1", "3m", "60m", "a,b", "a:1,b:2", "<none>"],
  },
  {
    name: "a cron job",
    kind: ["batch/v1", "CronJob"],
    rest: {
      spec: { schedule: "0 * * * *", suspend: false, jobTemplate: { spec: { template } } },
      status: { active: [{}], lastScheduleTime: minutesAgo(30) },
    },
    cells: ["x", "0 * * * *", "<none>", "False", 1, "30m", "60m", "a,b", "a:1,b:2", "<none>"],
  },
  {
    name: "a service with node ports",
    kind: ["v1", "Service"],
    rest: {
      spec: {
        type: "NodePort",
        clusterIPs: ["10.0.0.1"],
        ports: [
          { port: 80, protocol: "TCP" },
          { port: 443, nodePort: 30443, protocol: "TCP" },
        ],
        selector: { b: "2", a: "1" },
      },
    },
    cells: ["x", "NodePort", "10.0.0.1", "<none>", "80/TCP,443:30443/TCP", "60m", "a=1,b=2"],
  },
  {
    name: "a load balancer",
    kind: ["v1", "Service"],
    rest: {
      spec: { type: "LoadBalancer", clusterIPs: ["10.0.0.1"], externalIPs: ["9.9.9.9"] },
      status: { loadBalancer: { ingress: [{ ip: "2.2.2.2" }, { hostname: "1.example" }, { ip: "2.2.2.2" }] } },
    },
    cells: ["x", "LoadBalancer", "10.0.0.1", "1.example,2.2.2.2,9.9.9.9", "<none>", "60m", "<none>"],
  },
  {
    name: "a pending load balancer",
    kind: ["v1", "Service"],
    rest: { spec: { type: "LoadBalancer" }, status: { loadBalancer: {} } },
    cells: ["x", "LoadBalancer", "<none>", "<pending>", "<none>", "60m", "<none>"],
  },
  {
    name: "an external name",
    kind: ["v1", "Service"],
    rest: { spec: { type: "ExternalName", externalName: "db.example" } },
    cells: ["x", "ExternalName", "<none>", "db.example", "<none>", "60m", "<none>"],
  },
  {
    name: "endpoints",
    kind: ["v1", "Endpoints"],
    rest: {
      subsets: [
        { addresses: [{ ip: "1.1.1.1" }, { ip: "fd00::1" }], ports: [{ port: 80 }, { port: 81 }] },
        { notReadyAddresses: [{ ip: "2.2.2.2" }], ports: [{ port: 80 }] },
      ],
    },
    cells: ["x", "1.1.1.1:80,[fd00::1]:80,1.1.1.1:81 + 1 more...", "60m"],
  },
  { name: "no endpoints", kind: ["v1", "Endpoints"], cells: ["x", "<none>", "60m"] },
  {
    name: "an endpoint slice",
    kind: ["discovery.k8s.io/v1", "EndpointSlice"],
    rest: {
      addressType: "IPv4",
      endpoints: [{ addresses: ["1.1.1.1"] }, { addresses: ["2.2.2.2"] }],
      ports: [{ port: 80 }, { name: "named" }, {}],
    },
    cells: ["x", "IPv4", "80,named,*", "1.1.1.1,2.2.2.2", "60m"],
  },
  {
    name: "an empty endpoint slice",
    kind: ["discovery.k8s.io/v1", "EndpointSlice"],
    rest: { addressType: "IPv4", endpoints: [] },
    cells: ["x", "IPv4", "<unset>", "<unset>", "60m"],
  },
  {
    name: "an ingress",
    kind: ["networking.k8s.io/v1", "Ingress"],
    rest: {
      spec: { ingressClassName: "nginx", rules: ["a", "b", "c", "d", "e"].map((host) => ({ host })), tls: [{}] },
      status: { loadBalancer: { ingress: [{ ip: "1.1.1.1" }] } },
    },
    cells: ["x", "nginx", "a,b,c + 2 more...", "1.1.1.1", "80, 443", "60m"],
  },
  {
    name: "an ingress without rules",
    kind: ["networking.k8s.io/v1", "Ingress"],
    rest: { spec: {} },
    cells: ["x", "<none>", "*", "", "80", "60m"],
  },
  {
    name: "an ingress class",
    kind: ["networking.k8s.io/v1", "IngressClass"],
    rest: { spec: { controller: "c.example/i", parameters: { apiGroup: "k.example", kind: "Params", name: "p" } } },
    cells: ["x", "c.example/i", "Params.k.example/p", "60m"],
  },
  {
    name: "a network policy",
    kind: ["networking.k8s.io/v1", "NetworkPolicy"],
    rest: { spec: { podSelector: {} } },
    cells: ["x", "<none>", "60m"],
  },
  {
    name: "an address",
    kind: ["networking.k8s.io/v1", "IPAddress"],
    rest: { spec: { parentRef: { resource: "services", namespace: "default", name: "web" } } },
    cells: ["x", "services/default/web"],
  },
  {
    name: "a node",
    kind: ["v1", "Node"],
    metadata: {
      labels: { "node-role.kubernetes.io/worker": "", "node-role.kubernetes.io/edge": "", "kubernetes.io/role": "a" },
    },
    rest: {
      spec: { unschedulable: true },
      status: {
        conditions: [{ type: "Ready", status: "Unknown" }],
        addresses: [{ type: "InternalIP", address: "10.0.0.1" }],
        nodeInfo: {
          kubeletVersion: "v1.34.0",
          osImage: "Debian",
          kernelVersion: "6.1",
          containerRuntimeVersion: "fake://1",
        },
      },
    },
    cells: [
      "x",
      "NotReady,SchedulingDisabled",
      "a,edge,worker",
      "60m",
      "v1.34.0",
      "10.0.0.1",
      "<none>",
      "Debian",
      "6.1",
      "fake://1",
    ],
  },
  {
    name: "a node that says nothing",
    kind: ["v1", "Node"],
    rest: { spec: {} },
    cells: ["x", "Unknown", "<none>", "60m", "", "<none>", "<none>", "<unknown>", "<unknown>", "<unknown>"],
  },
  {
    name: "an event",
    kind: ["v1", "Event"],
    rest: {
      involvedObject: { kind: "Pod", name: "p", fieldPath: "spec" },
      reason: "Killing",
      message: " bye\n",
      type: "Normal",
      source: { component: "kubelet", host: "n1" },
      firstTimestamp: minutesAgo(20),
      lastTimestamp: minutesAgo(5),
      count: 3,
    },
    cells: ["5m", "Normal", "Killing", "pod/p", "spec", "kubelet, n1", "bye", "20m", 3, "x"],
  },
  {
    name: "an event of the newer kind",
    kind: ["events.k8s.io/v1", "Event"],
    rest: {
      regarding: { kind: "Cluster" },
      reason: "Synced",
      note: "done",
      type: "Normal",
      reportingController: "c",
      reportingInstance: "c-1",
      eventTime: minutesAgo(20),
    },
    cells: ["20m", "Normal", "Synced", "cluster", "", "c, c-1", "done", "20m", 1, "x"],
  },
  {
    name: "a series of events",
    kind: ["v1", "Event"],
    rest: {
      involvedObject: {},
      eventTime: minutesAgo(20),
      series: { count: 7, lastObservedTime: minutesAgo(1) },
    },
    cells: ["60s", "", "", "", "", "", "", "20m", 7, "x"],
  },
  {
    name: "a namespace",
    kind: ["v1", "Namespace"],
    rest: { status: { phase: "Active" } },
    cells: ["x", "Active", "60m"],
  },
  {
    name: "a secret",
    kind: ["v1", "Secret"],
    rest: { type: "Opaque", data: { a: "", b: "" } },
    cells: ["x", "Opaque", 2, "60m"],
  },
  {
    name: "a config map",
    kind: ["v1", "ConfigMap"],
    rest: { data: { a: "", b: "" }, binaryData: { c: "" } },
    cells: ["x", 3, "60m"],
  },
  { name: "a service account", kind: ["v1", "ServiceAccount"], rest: { secrets: [{}] }, cells: ["x", 1, "60m"] },
  {
    name: "a resource quota",
    kind: ["v1", "ResourceQuota"],
    rest: {
      status: {
        hard: { "requests.cpu": "1000m", pods: "10", "limits.memory": "1Gi", "limits.cpu": "2" },
        used: { pods: "3", "limits.cpu": "500m" },
      },
    },
    cells: ["x", "pods: 3/10, requests.cpu: 0/1", "limits.cpu: 500m/2, limits.memory: 0/1Gi", "60m"],
  },
  {
    name: "a pod template",
    kind: ["v1", "PodTemplate"],
    rest: { template },
    cells: ["x", "a,b", "a:1,b:2", "app=x"],
  },
  {
    name: "a volume",
    kind: ["v1", "PersistentVolume"],
    rest: {
      spec: {
        capacity: { storage: "1Gi" },
        accessModes: ["ReadWriteMany", "ReadWriteOnce"],
        persistentVolumeReclaimPolicy: "Retain",
        claimRef: { namespace: "default", name: "c" },
        storageClassName: "fast",
        volumeMode: "Filesystem",
      },
      status: { phase: "Bound" },
    },
    cells: ["x", "1Gi", "RWO,RWX", "Retain", "Bound", "default/c", "fast", "<unset>", "", "60m", "Filesystem"],
  },
  {
    name: "a claim",
    kind: ["v1", "PersistentVolumeClaim"],
    metadata: { deletionTimestamp: created },
    rest: {
      spec: { volumeName: "v" },
      status: { phase: "Bound", capacity: { storage: "1024Mi" }, accessModes: ["ReadWriteOncePod"] },
    },
    cells: ["x", "Terminating", "v", "1Gi", "RWOP", "", "<unset>", "60m", "<unset>"],
  },
  {
    name: "a claim without volume",
    kind: ["v1", "PersistentVolumeClaim"],
    rest: { spec: {}, status: { phase: "Pending" } },
    cells: ["x", "Pending", "", "", "", "", "<unset>", "60m", "<unset>"],
  },
  {
    name: "the default storage class",
    kind: ["storage.k8s.io/v1", "StorageClass"],
    metadata: { annotations: { "storageclass.kubernetes.io/is-default-class": "true" } },
    rest: { provisioner: "p.example" },
    cells: ["x (default)", "p.example", "Delete", "Immediate", false, "60m"],
  },
  {
    name: "a CSI driver",
    kind: ["storage.k8s.io/v1", "CSIDriver"],
    rest: { spec: { volumeLifecycleModes: ["Persistent", "Ephemeral"], tokenRequests: [{ audience: "a" }] } },
    cells: ["x", true, false, false, "a", false, "Persistent,Ephemeral", "60m"],
  },
  {
    name: "a role binding",
    kind: ["rbac.authorization.k8s.io/v1", "RoleBinding"],
    rest: {
      roleRef: { kind: "Role", name: "r" },
      subjects: [
        { kind: "User", name: "u1" },
        { kind: "User", name: "u2" },
        { kind: "Group", name: "g" },
        { kind: "ServiceAccount", namespace: "ns", name: "sa" },
      ],
    },
    cells: ["x", "Role/r", "60m", "u1, u2", "g", "ns/sa"],
  },
  {
    name: "a certificate request",
    kind: ["certificates.k8s.io/v1", "CertificateSigningRequest"],
    rest: {
      spec: { signerName: "s.example/x", username: "u", expirationSeconds: 3600 },
      status: { certificate: "LS0t", conditions: [{ type: "Approved" }, { type: "Failed" }] },
    },
    cells: ["x", "60m", "s.example/x", "u", "60m", "Approved,Failed,Issued"],
  },
  {
    name: "an autoscaler",
    kind: ["autoscaling/v2", "HorizontalPodAutoscaler"],
    rest: {
      spec: {
        scaleTargetRef: { kind: "Deployment", name: "d" },
        maxReplicas: 5,
        metrics: [
          { type: "Resource", resource: { name: "cpu", target: { averageUtilization: 80 } } },
          { type: "Resource", resource: { name: "memory", target: { averageValue: "100Mi" } } },
          { type: "External", external: { target: { averageValue: "1" } } },
        ],
      },
      status: {
        currentReplicas: 2,
        currentMetrics: [{ type: "Resource", resource: { current: { averageUtilization: 10 } } }],
      },
    },
    cells: ["x", "Deployment/d", "cpu: 10%/80%, memory: <unknown>/100Mi + 1 more...", "<unset>", 5, 2, "60m"],
  },
  {
    name: "an autoscaler on an object",
    kind: ["autoscaling/v2", "HorizontalPodAutoscaler"],
    rest: {
      spec: {
        scaleTargetRef: { kind: "Deployment", name: "d" },
        minReplicas: 1,
        maxReplicas: 5,
        metrics: [
          { type: "Object", object: { target: { value: "1000m" } } },
          { type: "Pods", pods: { target: { averageValue: "5" } } },
        ],
      },
      status: {
        currentMetrics: [{ object: { current: { value: "2" } } }, { pods: { current: { averageValue: "3" } } }],
      },
    },
    cells: ["x", "Deployment/d", "2/1, 3/5", "1", 5, 0, "60m"],
  },
  {
    name: "an autoscaler of the older version",
    kind: ["autoscaling/v1", "HorizontalPodAutoscaler"],
    rest: {
      spec: { scaleTargetRef: { kind: "Deployment", name: "d" }, maxReplicas: 5, targetCPUUtilizationPercentage: 80 },
    },
    cells: ["x", "Deployment/d", "cpu: <unknown>/80%", "<unset>", 5, 0, "60m"],
  },
  {
    name: "a disruption budget",
    kind: ["policy/v1", "PodDisruptionBudget"],
    rest: { spec: { minAvailable: "50%" }, status: { disruptionsAllowed: 1 } },
    cells: ["x", "50%", "N/A", 1, "60m"],
  },
  {
    name: "a lease",
    kind: ["coordination.k8s.io/v1", "Lease"],
    rest: { spec: { holderIdentity: "me" } },
    cells: ["x", "me", "60m"],
  },
  {
    name: "a priority class",
    kind: ["scheduling.k8s.io/v1", "PriorityClass"],
    rest: { value: 1000, preemptionPolicy: "Never" },
    cells: ["x", 1000, false, "60m", "Never"],
  },
  {
    name: "a webhook configuration",
    kind: ["admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration"],
    rest: { webhooks: [{}, {}] },
    cells: ["x", 2, "60m"],
  },
  {
    name: "an admission policy",
    kind: ["admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy"],
    rest: { spec: { validations: [{}], paramKind: { apiVersion: "v1", kind: "ConfigMap" } } },
    cells: ["x", 1, "v1/ConfigMap", "60m"],
  },
  {
    name: "an admission policy binding",
    kind: ["admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicyBinding"],
    rest: { spec: { policyName: "p", paramRef: { name: "c" } } },
    cells: ["x", "p", "*/c", "60m"],
  },
  {
    name: "a flow schema",
    kind: ["flowcontrol.apiserver.k8s.io/v1", "FlowSchema"],
    rest: { spec: { priorityLevelConfiguration: { name: "l" }, matchingPrecedence: 9 } },
    cells: ["x", "l", 9, "<none>", "60m", "?"],
  },
  {
    name: "a local API",
    kind: ["apiregistration.k8s.io/v1", "APIService"],
    rest: { spec: {}, status: { conditions: [{ type: "Available", status: "True", reason: "Local" }] } },
    cells: ["x", "Local", "True", "60m"],
  },
  {
    name: "an API that is not served",
    kind: ["apiregistration.k8s.io/v1", "APIService"],
    rest: {
      spec: { service: { namespace: "ns", name: "s" } },
      status: { conditions: [{ type: "Available", status: "False", reason: "MissingEndpoints" }] },
    },
    cells: ["x", "ns/s", "False (MissingEndpoints)", "60m"],
  },
  {
    name: "a resource claim",
    kind: ["resource.k8s.io/v1", "ResourceClaim"],
    rest: { spec: {}, status: { allocation: {}, reservedFor: [{}] } },
    cells: ["x", "allocated,reserved", "60m"],
  },
];
for (const row of rows) {
  test(`the table of ${row.name}`, () => {
    const printer = printerOf(row.kind);
    const cells = printer.cells(objectOf(row), now);
    assert.deepEqual(cells, row.cells);
    assert.equal(cells.length, printer.columns.length);
  });
}

test("kinds without columns of their own have no printer", () => {
  for (const kind of ["LimitRange", "Binding"])
    assert.equal(builtinPrinter({ group: "", version: "v1", kind }), undefined);
  assert.equal(
    builtinPrinter({ group: "apiextensions.k8s.io", version: "v1", kind: "CustomResourceDefinition" }),
    undefined,
  );
  const printed = builtinKinds.filter((kind) => builtinPrinter(kind) !== undefined);
  assert.equal(printed.length, 57);
});

test("wide columns stand where kubectl expects them", () => {
  const names = (kind: readonly [string, string]): string[] =>
    printerOf(kind).columns.map(({ name, priority }) => (priority === 0 ? name : `${name}*`));
  assert.deepEqual(names(["v1", "Pod"]), [
    "Name",
    "Ready",
    "Status",
    "Restarts",
    "Age",
    "IP*",
    "Node*",
    "Nominated Node*",
    "Readiness Gates*",
  ]);
  assert.deepEqual(names(["v1", "Event"]), [
    "Last Seen",
    "Type",
    "Reason",
    "Object",
    "Subobject*",
    "Source*",
    "Message",
    "First Seen*",
    "Count*",
    "Name*",
  ]);
});
