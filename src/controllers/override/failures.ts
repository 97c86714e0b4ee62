// How overrides that could not be applied are told: by a condition with policy, rule, path and cluster of each.
import { conditionMessages, conditionReasons, conditionTypes } from "#api/karmada-constants.ts";
import type { FailureWords } from "../failure-condition.ts";

export const overrideWords: FailureWords = {
  type: conditionTypes.overridesApplied,
  fine: { reason: conditionReasons.overridesApplied, message: conditionMessages.overridesApplied },
  failed: { reason: conditionReasons.overrideFailed },
};
