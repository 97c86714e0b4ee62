// What the API server sets on a new Job: the selector and labels that tie its pods to it.
// Upstream: k8s.io/kubernetes/pkg/registry/batch/job/strategy.go.
import type { MutableObject } from "#machinery/admission.ts";
import { ensureChild, setDefault, textOf } from "./access.ts";

/** Without manualSelector a Job selects by its own uid. Needs metadata.uid. */
export function prepareJobForCreate(job: MutableObject): void {
  const spec = ensureChild(job, "spec");
  if (spec["manualSelector"] === true) return;
  const uid = textOf(job.metadata, "uid");
  const labels = ensureChild(ensureChild(ensureChild(spec, "template"), "metadata"), "labels");
  labels["controller-uid"] = uid;
  labels["batch.kubernetes.io/controller-uid"] = uid;
  labels["job-name"] = job.metadata.name;
  labels["batch.kubernetes.io/job-name"] = job.metadata.name;
  const selector = ensureChild(spec, "selector");
  ensureChild(selector, "matchLabels")["batch.kubernetes.io/controller-uid"] = uid;
  // The default "labels of the template" also meets stored objects upstream, so a Job without labels shows these.
  setDefault(job.metadata, "labels", { ...labels });
}
