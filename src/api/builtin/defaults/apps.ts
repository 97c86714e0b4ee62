// Defaults of the apps group. Upstream: k8s.io/kubernetes/pkg/apis/apps/v1/defaults.go.
import { childOf, ensureChild, type Fields, itemsOf, setDefault, setDefaultText, type Defaults } from "../access.ts";
import { defaultClaim } from "./claims.ts";
import { defaultPodTemplate } from "./pod-spec.ts";

const revisionHistoryDefault = 10;

export const appsDefaults: Readonly<Record<string, Defaults>> = {
  Deployment: forSpec((spec) => {
    setDefault(spec, "replicas", 1);
    const strategy = ensureChild(spec, "strategy");
    setDefaultText(strategy, "type", "RollingUpdate");
    if (strategy["type"] === "RollingUpdate") {
      const rolling = ensureChild(strategy, "rollingUpdate");
      setDefault(rolling, "maxUnavailable", "25%");
      setDefault(rolling, "maxSurge", "25%");
    }
    setDefault(spec, "revisionHistoryLimit", revisionHistoryDefault);
    setDefault(spec, "progressDeadlineSeconds", 600);
  }),
  ReplicaSet: forSpec((spec) => {
    setDefault(spec, "replicas", 1);
  }),
  StatefulSet: forSpec(defaultStatefulSet),
  DaemonSet: forSpec((spec) => {
    const strategy = ensureChild(spec, "updateStrategy");
    setDefaultText(strategy, "type", "RollingUpdate");
    if (strategy["type"] === "RollingUpdate") {
      const rolling = ensureChild(strategy, "rollingUpdate");
      setDefault(rolling, "maxUnavailable", 1);
      setDefault(rolling, "maxSurge", 0);
    }
    setDefault(spec, "revisionHistoryLimit", revisionHistoryDefault);
  }),
};

function forSpec(fill: (spec: Fields) => void): Defaults {
  return (object) => {
    const spec = childOf(object, "spec");
    if (spec === undefined) return;
    fill(spec);
    defaultPodTemplate(childOf(spec, "template"));
  };
}

function defaultStatefulSet(spec: Fields): void {
  setDefaultText(spec, "podManagementPolicy", "OrderedReady");
  const strategy = ensureChild(spec, "updateStrategy");
  if (strategy["type"] === undefined || strategy["type"] === "") {
    strategy["type"] = "RollingUpdate";
    ensureChild(strategy, "rollingUpdate");
  }
  const rolling = childOf(strategy, "rollingUpdate");
  if (rolling !== undefined && strategy["type"] === "RollingUpdate") setDefault(rolling, "partition", 0);
  const retention = ensureChild(spec, "persistentVolumeClaimRetentionPolicy");
  setDefaultText(retention, "whenDeleted", "Retain");
  setDefaultText(retention, "whenScaled", "Retain");
  setDefault(spec, "replicas", 1);
  setDefault(spec, "revisionHistoryLimit", revisionHistoryDefault);
  for (const claim of itemsOf(spec, "volumeClaimTemplates")) {
    // Templates are whole objects; the API server names their type.
    setDefaultText(claim, "apiVersion", "v1");
    setDefaultText(claim, "kind", "PersistentVolumeClaim");
    defaultClaim(claim);
  }
}
