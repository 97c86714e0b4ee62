// kyverno.io/v1 ClusterPolicy.
import { interpretationOf } from "../interpretation.ts";
import { kyvernoHooks } from "./kyverno.ts";

export const clusterPolicy = interpretationOf("kyverno.io/v1", "ClusterPolicy", kyvernoHooks);
