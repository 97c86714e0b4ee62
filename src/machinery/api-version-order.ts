// The order in which the versions of a group are preferred. Upstream: k8s.io/apimachinery/pkg/version/helpers.go.

/**
 * For sorting, the preferred version first: stable ones, betas, alphas, each by falling
 * numbers (v2, v1, v2beta1, v1beta1,
 * v1alpha1); what is no Kubernetes version comes last, in alphabetical order.
 */
export function compareApiVersions(a: string, b: string): number {
  const [left, right] = [parse(a), parse(b)];
  if (left === undefined || right === undefined) {
    if (left !== undefined) return -1;
    if (right !== undefined) return 1;
    return a < b ? -1 : a > b ? 1 : 0;
  }
  return right.stage - left.stage || right.major - left.major || right.minor - left.minor;
}

const stages: Readonly<Record<string, number>> = { alpha: 0, beta: 1, "": 2 };

function parse(
  version: string,
): { readonly stage: number; readonly major: number; readonly minor: number } | undefined {
  const match = /^v([1-9]\d*)(?:(alpha|beta)([1-9]\d*))?$/.exec(version);
  if (match === null) return undefined;
  const [, major = "", stage = "", minor = "0"] = match;
  return { stage: stages[stage] ?? 0, major: Number(major), minor: Number(minor) };
}
