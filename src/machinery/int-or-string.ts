// Values that are a number or a percentage: surge, disruption budgets. Upstream: k8s.io/apimachinery/pkg/util/intstr.
import { ApiError } from "./api-error.ts";

export type IntOrString = number | string;

/** The percentage of a text such as `25%`, or undefined. */
function percentOf(value: IntOrString): number | undefined {
  const match = typeof value === "string" ? /^([-+]?[0-9]+)%$/.exec(value) : null;
  return match === null ? undefined : Number(match[1]);
}

/** The number that `value` means, percentages of `total` rounded as asked. Throws ApiError BadRequest. */
export function scaledValue(value: IntOrString, total: number, rounding: "up" | "down"): number {
  if (typeof value === "number") return value;
  const percent = percentOf(value);
  if (percent === undefined) {
    const detail = "invalid type: string is not a percentage";
    throw new ApiError("BadRequest", `invalid value for IntOrString: ${detail}`);
  }
  const exact = (percent * total) / 100;
  return rounding === "up" ? Math.ceil(exact) : Math.floor(exact);
}
