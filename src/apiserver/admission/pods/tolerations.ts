// Pods stay for five minutes on a node that is not ready or cannot be reached, unless they say otherwise.
// Upstream: kubernetes plugin/pkg/admission/defaulttolerationseconds/admission.go.
import { childOf, itemsOf, listOf, textOf } from "#api/builtin/access.ts";
import type { AdmissionPlugin } from "#machinery/admission.ts";

const keys = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"] as const;
const tolerationSeconds = 300;

export const defaultTolerations: AdmissionPlugin = {
  name: "DefaultTolerationSeconds",
  mutate({ kind, object, subresource }) {
    const spec = childOf(object, "spec");
    if (kind.group !== "" || kind.kind !== "Pod" || subresource !== undefined || spec === undefined) return;
    const own = itemsOf(spec, "tolerations");
    const missing = keys.filter(
      (key) =>
        !own.some((each) => {
          const effect = textOf(each, "effect");
          const named = textOf(each, "key");
          return (named === key || named === "") && (effect === "NoExecute" || effect === "");
        }),
    );
    if (missing.length === 0) return;
    const added = missing.map((key) => ({ key, operator: "Exists", effect: "NoExecute", tolerationSeconds }));
    spec["tolerations"] = [...listOf(spec, "tolerations"), ...added];
  },
};
