// Pods and claims keep to the LimitRanges of their namespace, which also fill in what containers do not say.
// Upstream: kubernetes plugin/pkg/admission/limitranger/admission.go.
import type { AdmissionPlugin, AdmissionRequest } from "#machinery/admission.ts";
import { errorsText } from "#machinery/aggregate-error.ts";
import type { KubeObject } from "#machinery/object.ts";
import type { Storage } from "#storage/storage.ts";
import type { ParsedCache } from "../../crud/parsed-cache.ts";
import { refusedWrite } from "../refused-write.ts";
import { claimLimitErrors, fillInLimits, podLimitErrors } from "./limits.ts";

/** It reads LimitRanges from storage, so it never acts on old news. */
export function limitRanger(storage: Storage, parsed: ParsedCache): AdmissionPlugin {
  const rangesFor = async ({ namespace = "" }: AdmissionRequest): Promise<readonly KubeObject[]> => {
    const { entries } = await storage.range({ prefix: `/registry/limitranges/${namespace}/` });
    return entries.map((entry) => parsed.get(entry)).filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  };
  return {
    name: "LimitRanger",
    async mutate(request) {
      const { object } = request;
      if (object === undefined || !isLimited(request, "Pod")) return;
      for (const range of await rangesFor(request)) fillInLimits(object, range);
    },
    async validate(request) {
      const { object } = request;
      if (object === undefined) return;
      const isPod = isLimited(request, "Pod");
      if (!isPod && !isLimited(request, "PersistentVolumeClaim")) return;
      for (const range of await rangesFor(request)) {
        const errors = isPod ? podLimitErrors(object, range) : claimLimitErrors(object, range);
        if (errors.length > 0) throw refusedWrite(request.kind, request.name, "Forbidden", errorsText(errors));
      }
    },
  };
}

/** Containers of a pod that exists do not change here; a claim may grow. */
function isLimited({ kind, operation, subresource }: AdmissionRequest, name: "Pod" | "PersistentVolumeClaim"): boolean {
  if (kind.group !== "" || kind.kind !== name || subresource !== undefined) return false;
  return operation === "CREATE" || (operation === "UPDATE" && name === "PersistentVolumeClaim");
}
