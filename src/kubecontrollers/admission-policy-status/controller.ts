// Tells in ValidatingAdmissionPolicies which of their expressions can never work for the kinds that they name.
// Reads: validatingadmissionpolicies, customresourcedefinitions. Writes: validatingadmissionpolicies/status.
// Decides in ./decide.ts. Upstream: kubernetes pkg/controller/validatingadmissionpolicystatus/controller.go.
import { builtinResolver, builtinResources } from "#api/builtin/index.ts";
import { CustomResourceDefinition, ValidatingAdmissionPolicy } from "#api/kinds.ts";
import { isApiError } from "#machinery/api-error.ts";
import { objectTypeOf } from "#machinery/cel/declared-type.ts";
import type { CelType } from "#machinery/cel/type.ts";
import { defineController, done, watches } from "#runtime/index.ts";
import { expressionWarnings, type TypedKind } from "./decide.ts";

export const admissionPolicyStatus = defineController({
  name: "validatingadmissionpolicy-status-controller",
  for: [ValidatingAdmissionPolicy],
  changed: (object, old) => object.metadata.generation !== old.metadata.generation,
  watches: [watches(CustomResourceDefinition, () => [])], // Read, but no reason to look again, as upstream.
  options: {},
  async reconcile({ name }, { client, informers, signal }) {
    const policy = informers.for(ValidatingAdmissionPolicy).get({ name });
    if (policy === undefined) return done;
    const { generation = 0 } = policy.metadata;
    if ((policy.status?.observedGeneration ?? 0) >= generation) return done;
    const custom = informers.for(CustomResourceDefinition).list().flatMap(kindsOf);
    const warnings = expressionWarnings(policy, [...builtinKinds(), ...custom]);
    const typeChecking = warnings.length === 0 ? {} : { expressionWarnings: warnings };
    const status = { ...policy.status, observedGeneration: generation, typeChecking };
    try {
      await client.update(ValidatingAdmissionPolicy, { ...policy, status }, { subresource: "status", signal });
    } catch (error) {
      if (!isApiError(error, "NotFound")) throw error;
    }
    return done;
  },
});

function builtinKinds(): readonly TypedKind[] {
  return builtinResources.map(({ kind: { group, version, kind, plural }, schema, resolve }) => {
    return { group, version, kind, plural, type: () => objectTypeOf(schema, resolve) };
  });
}

function kindsOf({ spec }: CustomResourceDefinition): readonly TypedKind[] {
  const { group, names } = spec;
  return spec.versions.map(({ name, schema }) => {
    const type = (): CelType => objectTypeOf(schema?.openAPIV3Schema ?? {}, builtinResolver);
    return { group, version: name, kind: names.kind, plural: names.plural, type };
  });
}
