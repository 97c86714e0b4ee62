// What can never work in the expressions of a ValidatingAdmissionPolicy for the kinds that it names. Pure.
// Upstream: k8s.io/apiserver/pkg/admission/plugin/policy/validating/typechecking.go.
import type { ValidatingAdmissionPolicy } from "#api/kinds.ts";
import { type AdmissionScope, compileAdmissionCel } from "#machinery/cel/admission-environment.ts";
import { type CelType, dyn, type FieldType } from "#machinery/cel/type.ts";
import { apiVersionOf, type GroupVersionKind } from "#machinery/object.ts";

/** A kind that is served, and what gives the type of its objects. */
export interface TypedKind extends GroupVersionKind {
  readonly plural: string;
  readonly type: () => CelType;
}

export interface ExpressionWarning {
  readonly fieldRef: string;
  readonly warning: string;
}

/** So many kinds are looked at for one policy. */
const kindsMax = 10;

/** The warnings; none: as far as types tell, all expressions can work. */
export function expressionWarnings(
  { spec }: ValidatingAdmissionPolicy,
  served: readonly TypedKind[],
): readonly ExpressionWarning[] {
  const kinds = namedKinds(spec, served);
  const { paramKind } = spec;
  const params = served.find((each) => each.kind === paramKind?.kind && apiVersionOf(each) === paramKind.apiVersion);
  const scopes = kinds.map((kind) => ({ kind, scope: scopeOf(spec, kind, paramKind && (params?.type() ?? dyn)) }));
  const check = (fieldRef: string, text: string): readonly ExpressionWarning[] => {
    const faults = scopes.flatMap(({ kind: { group, version, kind }, scope }) => {
      const { fault } = compileAdmissionCel(text, scope);
      return fault === undefined ? [] : [`${group}/${version}, Kind=${kind}: ${fault}\n`];
    });
    return faults.length === 0 ? [] : [{ fieldRef, warning: faults.join("") }];
  };
  return (spec.validations ?? []).flatMap(({ expression, messageExpression = "" }, index) => {
    const at = `spec.validations[${String(index)}]`;
    const ofMessage = messageExpression === "" ? [] : check(`${at}.messageExpression`, messageExpression.trim());
    return [...check(`${at}.expression`, expression.trim()), ...ofMessage];
  });
}

/** Of rules that name them; what stands for all, and subresources, are left out. */
function namedKinds(spec: ValidatingAdmissionPolicy["spec"], served: readonly TypedKind[]): readonly TypedKind[] {
  const rules = spec.matchConstraints?.resourceRules ?? [];
  const found = rules.flatMap(({ apiGroups = [], apiVersions = [], resources = [] }) => {
    if ([apiGroups, apiVersions, resources].some((names) => names.includes("*"))) return [];
    return served.filter(
      ({ group, version, plural }) =>
        apiGroups.includes(group) && apiVersions.includes(version) && resources.includes(plural),
    );
  });
  return [...new Set(found)].slice(0, kindsMax);
}

function scopeOf(
  spec: ValidatingAdmissionPolicy["spec"],
  { type }: TypedKind,
  params: CelType | undefined,
): AdmissionScope {
  const objects = type();
  const types = { object: objects, oldObject: objects, ...(params === undefined ? {} : { params }) };
  const known = { policy: true, params: params !== undefined };
  const fields = new Map<string, FieldType>();
  const variables: CelType = { kind: "object", name: "kubernetes.variables", fields };
  const scope: AdmissionScope = { ...known, types: { ...types, variables } };
  // Each may use those before it.
  for (const { name, expression } of spec.variables ?? []) {
    const { program } = compileAdmissionCel(expression, scope);
    fields.set(name, { name, type: program?.type ?? dyn });
  }
  return scope;
}
