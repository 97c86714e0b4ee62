// A binding whose template has never been interpreted: it is there so that it can say why, and the scheduler leaves it alone,
// since nobody knows yet what it asks for. Upstream writes no binding then. Pure.
import { karmadaAnnotations } from "#api/karmada-constants.ts";
import type { Binding } from "#api/work/binding.ts";
import { withAnnotation } from "../binding-annotations.ts";

export function withHold(binding: Binding): Binding {
  const { spec } = binding;
  const held: Binding = { ...binding, spec: { ...spec, suspension: { ...spec.suspension, scheduling: true } } };
  return withAnnotation(held, karmadaAnnotations.awaitsInterpretation, "true");
}

/** The same binding where it is not held, or where a user holds it for reasons of his own. */
export function withoutHold(binding: Binding): Binding {
  const free = withAnnotation(binding, karmadaAnnotations.awaitsInterpretation, undefined);
  if (free === binding) return binding;
  const { scheduling: _, ...suspension } = free.spec.suspension ?? {};
  const { suspension: __, ...spec } = free.spec;
  return { ...free, spec: Object.keys(suspension).length === 0 ? spec : { ...spec, suspension } };
}
