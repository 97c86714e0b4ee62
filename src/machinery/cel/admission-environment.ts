// What expressions of admission know: matchConditions of webhooks and everything in admission policies.
// Upstream: k8s.io/apiserver/pkg/admission/plugin/cel.
import { authorizerFunctions, authorizerType } from "./authorizer.ts";
import { celLibrary } from "./library.ts";
import { functionTable } from "./function.ts";
import { mutationFunctions, mutationStructs } from "./mutation.ts";
import { type Compiled, compileCel } from "./program.ts";
import { type CelType, dyn } from "./type.ts";
import type { CelValue } from "./value.ts";

/** The variables in the order in which values are given. */
const names = ["object", "oldObject", "request", "authorizer", "namespaceObject", "params", "variables"] as const;

export type AdmissionVariable = (typeof names)[number];
export type AdmissionValues = Readonly<Partial<Record<AdmissionVariable, CelValue>>>;

export interface AdmissionScope {
  /** A policy with a paramKind: `params` is known. */
  readonly params?: boolean;
  /** In a policy: `namespaceObject` and `variables` are known. */
  readonly policy?: boolean;
  /** In a mutating policy: patches and configurations can be written. */
  readonly mutation?: boolean;
  /** What is known of the variables' types, to find what can never work; of most nothing is. */
  readonly types?: Readonly<Partial<Record<AdmissionVariable, CelType>>>;
}

const library = [...celLibrary].flatMap(([name, all]) => all.map((each) => [name, each] as const));
const functions = functionTable(library, authorizerFunctions);
const withMutations = functionTable(library, authorizerFunctions, mutationFunctions);

/** Compiles an expression of admission. Never throws. */
export function compileAdmissionCel(
  text: string,
  { params = false, policy = false, mutation = false, types = {} }: AdmissionScope,
): Compiled {
  const known = names.filter((name) => {
    if (name === "params") return params;
    return policy || (name !== "namespaceObject" && name !== "variables");
  });
  const variables = new Map<string, CelType>(
    names.map((name) => [name, name === "authorizer" ? authorizerType : (types[name] ?? dyn)]),
  );
  const tools = mutation ? { functions: withMutations, structs: mutationStructs } : { functions };
  const compiled = compileCel(text, { variables, ...tools });
  const unknown = [...(compiled.program?.references ?? [])].find((name) => !known.some((each) => each === name));
  if (unknown === undefined) return compiled;
  return compileCel(text, { variables: new Map([...variables].filter(([name]) => name !== unknown)), ...tools });
}

/** The values as an admission expression takes them. */
export function admissionValues(values: AdmissionValues): readonly (CelValue | undefined)[] {
  return names.map((name) => values[name]);
}
