// v1 Secret. Upstream: karmada pkg/resourceinterpreter/default/native/retain.go.
import { Secret } from "#api/kinds.ts";
import { defineInterpretation } from "../interpretation.ts";

export const secret = defineInterpretation({
  kind: Secret,
  /** A service account's token is made by the member and is good there only. */
  retain: (desired, observed) =>
    desired.type === "kubernetes.io/service-account-token" && observed.data !== undefined
      ? { ...desired, data: observed.data }
      : desired,
});
