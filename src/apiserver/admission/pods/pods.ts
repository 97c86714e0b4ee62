// What pods and claims get when they are made: a priority, tolerations, a storage class; where pods run, an account and its
// token, too. Upstream: kubernetes pkg/kubeapiserver/options/plugins.go.
import type { AdmissionPlugin } from "#machinery/admission.ts";
import { priorities } from "./priority.ts";
import { type ServiceAccountOptions, serviceAccounts } from "./service-accounts.ts";
import { defaultStorageClass } from "./storage-class.ts";
import { defaultTolerations } from "./tolerations.ts";

export interface PodAdmissionOptions extends ServiceAccountOptions {
  /** Not in Karmada's control plane: pods there are templates. */
  readonly runsPods: boolean;
}

/** In upstream's order. */
export function podAdmission({ runsPods, ...options }: PodAdmissionOptions): readonly AdmissionPlugin[] {
  const { storage, parsed } = options;
  return [
    ...(runsPods ? [serviceAccounts(options)] : []),
    priorities(storage, parsed),
    defaultTolerations,
    defaultStorageClass(storage, parsed),
  ];
}
