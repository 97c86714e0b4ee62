// What a simulated user has Karmada know of ConfigMaps, in Lua: a status that tells which write of the customization it is from,
// a health, and that what a member has added to one stays there.
import type { ResourceInterpreterCustomization } from "#api/config/resource-interpreter-customization.ts";
import type { Draft } from "#client/client.ts";
import type { Step } from "../plan.ts";
import { stampAnnotation } from "./objects.ts";

/** The one that there may be. */
export const customizationRef = { name: "configs" } as const;
/** In a ConfigMap's data: what only its member has. */
export const ownKey = "own";

type Spec = ResourceInterpreterCustomization["spec"];

/** Words: `status`, `health`, `retain`; without any of them, the status. */
export function customizationOf(step: Step): Draft<ResourceInterpreterCustomization> {
  const metadata = { ...customizationRef, annotations: { [stampAnnotation]: step.value ?? "" } };
  return { metadata, spec: { target: { apiVersion: "v1", kind: "ConfigMap" }, customizations: rulesOf(step) } };
}

/** A merge patch to one that is there. */
export function customizationPatchOf(step: Step): Readonly<Record<string, unknown>> {
  const none = { statusReflection: null, healthInterpretation: null, retention: null };
  const metadata = { annotations: { [stampAnnotation]: step.value ?? "" } };
  return { metadata, spec: { customizations: { ...none, ...rulesOf(step) } } };
}

function rulesOf({ value = "", words = [] }: Step): Spec["customizations"] {
  const has = (word: string): boolean => words.includes(word);
  return {
    ...(has("status") || words.length === 0 ? { statusReflection: { luaScript: reflectStatus(value) } } : {}),
    ...(has("health") ? { healthInterpretation: { luaScript: interpretHealth } } : {}),
    ...(has("retain") ? { retention: { luaScript: retain } } : {}),
  };
}

const reflectStatus = (by: string): string => `
function ReflectStatus(observedObj)
  return { by = "${by}", holds = observedObj.data.value }
end
`;

const interpretHealth = `
function InterpretHealth(observedObj)
  return observedObj.data ~= nil
end
`;

const retain = `
function Retain(desiredObj, observedObj)
  if observedObj.data ~= nil and observedObj.data.${ownKey} ~= nil then
    desiredObj.data.${ownKey} = observedObj.data.${ownKey}
  end
  return desiredObj
end
`;
