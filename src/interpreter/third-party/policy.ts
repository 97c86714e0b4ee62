// kyverno.io/v1 Policy.
import { interpretationOf } from "../interpretation.ts";
import { kyvernoHooks } from "./kyverno.ts";

export const policy = interpretationOf("kyverno.io/v1", "Policy", kyvernoHooks);
