// Objects are made only in namespaces that exist and are not on their way out, and some namespaces stay for ever.
// Upstream: k8s.io/apiserver/pkg/admission/plugin/namespace/lifecycle/admission.go.
import type { AdmissionPlugin, AdmissionRequest } from "#machinery/admission.ts";
import { ApiError } from "#machinery/api-error.ts";
import type { Kind } from "#machinery/object.ts";
import type { Storage } from "#storage/storage.ts";
import type { ParsedCache } from "../crud/parsed-cache.ts";

const immortalNamespaces: readonly string[] = ["default", "kube-system", "kube-public"];

/** The plugin that runs before all others. It reads namespaces from storage, so it never acts on old news. */
export function namespaceLifecycle(storage: Storage, parsed: ParsedCache): AdmissionPlugin {
  return {
    name: "NamespaceLifecycle",
    async mutate(request) {
      const { kind, namespace, operation } = request;
      if (isNamespaceKind(kind)) {
        if (operation === "DELETE" && immortalNamespaces.includes(request.name)) throw immortalError(request.name);
        return;
      }
      if (namespace === undefined || operation === "DELETE" || isExempt(kind)) return;
      const entry = await storage.get(`/registry/namespaces/${namespace}`);
      if (entry === undefined) {
        throw new ApiError("NotFound", `namespaces "${namespace}" not found`, {
          details: { name: namespace, kind: "namespaces" },
        });
      }
      if (operation !== "CREATE") return;
      if (parsed.get(entry).metadata.deletionTimestamp !== undefined) throw terminatingError(request, namespace);
    },
  };
}

/** Is this core/v1 Namespace? */
function isNamespaceKind(kind: Kind): boolean {
  return kind.group === "" && kind.kind === "Namespace";
}

/** Asking what one may do in a namespace needs no namespace. */
function isExempt(kind: Kind): boolean {
  return kind.group === "authorization.k8s.io" && kind.kind === "LocalSubjectAccessReview";
}

function immortalError(name: string): ApiError {
  return new ApiError("Forbidden", `namespaces "${name}" is forbidden: this namespace may not be deleted`, {
    details: { name, kind: "namespaces" },
  });
}

function terminatingError(request: AdmissionRequest, namespace: string): ApiError {
  const { group, plural } = request.kind;
  const qualified = group === "" ? plural : `${plural}.${group}`;
  const what = request.name === "" ? qualified : `${qualified} "${request.name}"`;
  const why = `unable to create new content in namespace ${namespace} because it is being terminated`;
  return new ApiError("Forbidden", `${what} is forbidden: ${why}`, {
    details: {
      ...(request.name === "" ? {} : { name: request.name }),
      ...(group === "" ? {} : { group }),
      kind: plural,
      causes: [
        {
          reason: "NamespaceTerminating",
          message: `namespace ${namespace} is being terminated`,
          field: "metadata.namespace",
        },
      ],
    },
  });
}
