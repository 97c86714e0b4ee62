// The cluster roles and bindings every cluster begins with, as data. Those of machines that do not exist here (kubelets,
// proxies, volume provisioners) are left out.
// Upstream: kubernetes plugin/pkg/auth/authorizer/rbac/bootstrappolicy/policy.go.
import { ClusterRole, ClusterRoleBinding } from "#api/kinds.ts";
import { apiVersionOf } from "#machinery/object.ts";
import type { PolicyRule } from "../auth/rbac/decide.ts";

const labels = { "kubernetes.io/bootstrapping": "rbac-defaults" };
const annotations = { "rbac.authorization.kubernetes.io/autoupdate": "true" };
const rbacGroup = "rbac.authorization.k8s.io";

const read = ["get", "list", "watch"];
const write = ["create", "delete", "deletecollection", "patch", "update"];

/** `resources` separated by spaces. */
function rule(
  verbs: readonly string[],
  group: string,
  resources: string,
  resourceNames?: readonly string[],
): PolicyRule {
  const names = resourceNames === undefined ? {} : { resourceNames };
  return { verbs, apiGroups: [group], resources: resources.split(" "), ...names };
}

function paths(...nonResourceURLs: readonly string[]): PolicyRule {
  return { verbs: ["get"], nonResourceURLs };
}

const authentication = "authentication.k8s.io";
const authorization = "authorization.k8s.io";
const certificates = "certificates.k8s.io";

const viewRules: readonly PolicyRule[] = [
  rule(
    read,
    "",
    "configmaps endpoints persistentvolumeclaims persistentvolumeclaims/status pods replicationcontrollers " +
      "replicationcontrollers/scale serviceaccounts services services/status",
  ),
  rule(
    read,
    "",
    "bindings events limitranges namespaces/status pods/log pods/status replicationcontrollers/status " +
      "resourcequotas resourcequotas/status",
  ),
  rule(read, "", "namespaces"),
  rule(read, "discovery.k8s.io", "endpointslices"),
  rule(
    read,
    "apps",
    "controllerrevisions daemonsets daemonsets/status deployments deployments/scale deployments/status replicasets " +
      "replicasets/scale replicasets/status statefulsets statefulsets/scale statefulsets/status",
  ),
  rule(read, "autoscaling", "horizontalpodautoscalers horizontalpodautoscalers/status"),
  rule(read, "batch", "cronjobs cronjobs/status jobs jobs/status"),
  rule(read, "policy", "poddisruptionbudgets poddisruptionbudgets/status"),
  rule(read, "networking.k8s.io", "ingresses ingresses/status networkpolicies"),
];

const editRules: readonly PolicyRule[] = [
  rule(read, "", "pods/attach pods/exec pods/portforward pods/proxy secrets services/proxy"),
  rule(["impersonate"], "", "serviceaccounts"),
  rule(write, "", "pods pods/attach pods/exec pods/portforward pods/proxy"),
  rule(["create"], "", "pods/eviction serviceaccounts/token"),
  rule(
    write,
    "",
    "configmaps events persistentvolumeclaims replicationcontrollers replicationcontrollers/scale secrets " +
      "serviceaccounts services services/proxy",
  ),
  rule(
    write,
    "apps",
    "daemonsets deployments deployments/rollback deployments/scale replicasets replicasets/scale statefulsets " +
      "statefulsets/scale",
  ),
  rule(write, "autoscaling", "horizontalpodautoscalers"),
  rule(write, "batch", "cronjobs jobs"),
  rule(write, "policy", "poddisruptionbudgets"),
  rule(write, "networking.k8s.io", "ingresses networkpolicies"),
  rule([...write, ...read], "coordination.k8s.io", "leases"),
];

const adminRules: readonly PolicyRule[] = [
  rule(["create"], authorization, "localsubjectaccessreviews"),
  rule([...write, ...read], rbacGroup, "rolebindings roles"),
];

/** Roles with their own rules, by name. */
const rulesByRole: Readonly<Record<string, readonly PolicyRule[]>> = {
  "cluster-admin": [
    { verbs: ["*"], apiGroups: ["*"], resources: ["*"] },
    { verbs: ["*"], nonResourceURLs: ["*"] },
  ],
  "system:auth-delegator": [
    rule(["create"], authentication, "tokenreviews"),
    rule(["create"], authorization, "subjectaccessreviews"),
  ],
  "system:basic-user": [
    rule(["create"], authorization, "selfsubjectaccessreviews selfsubjectrulesreviews"),
    rule(["create"], authentication, "selfsubjectreviews"),
  ],
  "system:certificates.k8s.io:certificatesigningrequests:nodeclient": [
    rule(["create"], certificates, "certificatesigningrequests/nodeclient"),
  ],
  "system:certificates.k8s.io:certificatesigningrequests:selfnodeclient": [
    rule(["create"], certificates, "certificatesigningrequests/selfnodeclient"),
  ],
  "system:certificates.k8s.io:kube-apiserver-client-approver": [
    rule(["approve"], certificates, "signers", ["kubernetes.io/kube-apiserver-client"]),
  ],
  "system:discovery": [
    paths(
      ...["/api", "/api/*", "/apis", "/apis/*", "/healthz", "/livez", "/openapi", "/openapi/*", "/readyz"],
      ...["/version", "/version/"],
    ),
  ],
  "system:kube-aggregator": [rule(read, "", "endpoints services")],
  "system:kube-controller-manager": [
    rule(["create", "patch", "update"], "", "events"),
    rule(["create", "patch", "update"], "events.k8s.io", "events"),
    rule(["create"], "coordination.k8s.io", "leases"),
    rule(["get", "update"], "coordination.k8s.io", "leases", ["kube-controller-manager"]),
    rule(["create"], "", "secrets serviceaccounts"),
    rule(["delete"], "", "secrets"),
    rule(["get"], "", "configmaps namespaces secrets serviceaccounts"),
    rule(["update"], "", "secrets serviceaccounts"),
    rule(["create"], authentication, "tokenreviews"),
    rule(["create"], authorization, "subjectaccessreviews"),
    { verbs: ["list", "watch"], apiGroups: ["*"], resources: ["*"] },
    rule(["create"], "", "serviceaccounts/token"),
  ],
  "system:monitoring": [
    paths("/healthz", "/healthz/*", "/livez", "/livez/*", "/metrics", "/metrics/slis", "/readyz", "/readyz/*"),
  ],
  "system:node-bootstrapper": [rule(["create", "get", "list", "watch"], certificates, "certificatesigningrequests")],
  "system:public-info-viewer": [paths("/healthz", "/livez", "/readyz", "/version", "/version/")],
  "system:service-account-issuer-discovery": [paths("/.well-known/openid-configuration", "/openid/v1/jwks")],
};

interface Aggregated {
  readonly name: string;
  /** Roles labelled to be part of it. */
  readonly selects: string;
  /** Which aggregate it is part of itself. */
  readonly partOf?: string;
  /** What upstream's controller makes of it at first start. */
  readonly rules: readonly PolicyRule[];
}

const aggregates: readonly Aggregated[] = [
  { name: "admin", selects: "admin", rules: [...adminRules, ...editRules, ...viewRules] },
  { name: "edit", selects: "edit", partOf: "admin", rules: [...editRules, ...viewRules] },
  { name: "view", selects: "view", partOf: "edit", rules: viewRules },
];

const parts: Readonly<Record<string, readonly PolicyRule[]>> = { admin: adminRules, edit: editRules, view: viewRules };

const aggregateLabel = (name: string): Readonly<Record<string, string>> => ({
  [`rbac.authorization.k8s.io/aggregate-to-${name}`]: "true",
});

/** The cluster roles, ready to be created. */
export function bootstrapClusterRoles(): readonly ClusterRole[] {
  return [
    ...Object.entries(rulesByRole).map(([name, rules]) => role(name, {}, { rules })),
    ...Object.entries(parts).map(([name, rules]) =>
      role(`system:aggregate-to-${name}`, aggregateLabel(name), { rules }),
    ),
    ...aggregates.map(({ name, selects, partOf, rules }) =>
      role(name, partOf === undefined ? {} : aggregateLabel(partOf), {
        aggregationRule: { clusterRoleSelectors: [{ matchLabels: aggregateLabel(selects) }] },
        rules,
      }),
    ),
  ];
}

const subjectsByRole: Readonly<Record<string, readonly (readonly ["Group" | "User", string])[]>> = {
  "cluster-admin": [["Group", "system:masters"]],
  "system:basic-user": [["Group", "system:authenticated"]],
  "system:discovery": [["Group", "system:authenticated"]],
  "system:kube-controller-manager": [["User", "system:kube-controller-manager"]],
  "system:monitoring": [["Group", "system:monitoring"]],
  "system:public-info-viewer": [
    ["Group", "system:authenticated"],
    ["Group", "system:unauthenticated"],
  ],
  "system:service-account-issuer-discovery": [["Group", "system:serviceaccounts"]],
};

/** The cluster role bindings, each named as its role. */
export function bootstrapClusterRoleBindings(): readonly ClusterRoleBinding[] {
  return Object.entries(subjectsByRole).map(([name, subjects]) => ({
    apiVersion: apiVersionOf(ClusterRoleBinding),
    kind: ClusterRoleBinding.kind,
    metadata: { name, labels, annotations },
    roleRef: { apiGroup: rbacGroup, kind: "ClusterRole", name },
    subjects: subjects.map(([kind, subject]) => ({ apiGroup: rbacGroup, kind, name: subject })),
  }));
}

function role(
  name: string,
  ownLabels: Readonly<Record<string, string>>,
  content: Pick<ClusterRole, "rules" | "aggregationRule">,
): ClusterRole {
  return {
    apiVersion: apiVersionOf(ClusterRole),
    kind: ClusterRole.kind,
    metadata: { name, labels: { ...labels, ...ownLabels }, annotations },
    ...content,
  };
}
