// Several failures as one, in upstream's words. Upstream: k8s.io/apimachinery/pkg/util/errors/errors.go (aggregate.Error).
import { errorText } from "./api-error.ts";

/** One text for all of `errors`: its own for one, a list without repetitions for several. */
export function errorsText(errors: readonly unknown[]): string {
  const texts = [...new Set(errors.map(errorText))];
  return texts.length === 1 ? (texts[0] ?? "") : `[${texts.join(", ")}]`;
}

/** Throws one Error for all of `errors`, or the only one as it is; returns when there is none. */
export function throwErrors(errors: readonly unknown[]): void {
  if (errors.length === 0) return;
  const [first] = errors;
  if (errors.length === 1 && first instanceof Error) throw first;
  throw new Error(errorsText(errors), { cause: errors });
}
