// Resource versions as newer clients read them: one counter per server, compared as numbers where both are numbers.
// Upstream: k8s.io/apimachinery/pkg/util/resourceversion/resourceversion.go.

/** Whether `left` is older than `right`. Never for texts that are no plain numbers: those are opaque. */
export function isOlderVersion(left: string, right: string): boolean {
  if (left.length === right.length) return left < right && isNumber(left) && isNumber(right);
  return left.length < right.length && isNumber(left) && isNumber(right);
}

function isNumber(text: string): boolean {
  return /^(?:0|[1-9][0-9]*)$/.test(text);
}
