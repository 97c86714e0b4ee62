// Server-side apply: an object that says what its writer wants, merged into the live one by the rules of managedFields; what
// is not there yet is created. Upstream: k8s.io/apiserver/pkg/endpoints/handlers/patch.go (applyPatcher) and
// k8s.io/apimachinery/pkg/util/managedfields/internal/{fieldmanager,structuredmerge,skipnonapplied}.go.
import { ApiError, errorText } from "#machinery/api-error.ts";
import { configErrors, configErrorsText } from "#machinery/fields/check-config.ts";
import { type ManagerName, managerId, type Managers } from "#machinery/fields/managers.ts";
import { type Applied, applyConfig, type FieldRules, type Fields, updateManagers } from "#machinery/fields/updater.ts";
import { fieldOf, isRecord, isString } from "#machinery/guards.ts";
import type { ApiRequest } from "#machinery/http.ts";
import { type GroupVersionKind, type KubeObject, parseApiVersion } from "#machinery/object.ts";
import { type DuplicateKey, duplicateKeysText, parseYaml } from "#machinery/yaml.ts";
import { limitedBody } from "../request/body.ts";
import type { Warnings } from "../request/warnings.ts";
import type { FieldValidation } from "../crud/options.ts";
import { conflictsError } from "./conflict-error.ts";
import { migratingManager, unexplainedConflicts, withLastApplied } from "./last-applied.ts";

/** What an apply sends, read and checked as far as it can be without a live object. */
export function readConfig(
  request: ApiRequest,
  kind: GroupVersionKind,
  { fieldValidation, warnings }: { readonly fieldValidation: FieldValidation; readonly warnings: Warnings },
): Fields {
  const duplicates: DuplicateKey[] = [];
  const config = parseConfig(limitedBody(request), duplicates);
  checkType(config, kind);
  if (fieldOf(config, "metadata", "managedFields") !== undefined) {
    throw new ApiError("BadRequest", "metadata.managedFields must be nil");
  }
  if (duplicates.length > 0 && fieldValidation !== "Ignore") {
    const text = duplicateKeysText(duplicates);
    if (fieldValidation === "Strict") throw new ApiError("BadRequest", `error strict decoding YAML: ${text}`);
    warnings.add(text);
  }
  return config;
}

function parseConfig(body: Uint8Array, duplicates: DuplicateKey[]): Fields {
  let value: unknown;
  try {
    value = parseYaml(body, {
      onDuplicate: (duplicate) => {
        duplicates.push(duplicate);
      },
    });
  } catch (error) {
    throw new ApiError("BadRequest", `error decoding YAML: ${errorText(error)}`, { cause: error });
  }
  if (isRecord(value)) return value;
  throw new ApiError("BadRequest", "error decoding YAML: the configuration must be an object");
}

function checkType(config: Fields, { group, version, kind }: GroupVersionKind): void {
  const found = parseApiVersion(isString(config["apiVersion"]) ? config["apiVersion"] : "");
  const foundKind = isString(config["kind"]) ? config["kind"] : "";
  if (found.group === group && found.version === version && foundKind === kind) return;
  throw new ApiError("BadRequest", `invalid object type: ${kindText({ ...found, kind: foundKind })}`);
}

/** As Go prints a GroupVersionKind. */
function kindText({ group, version, kind }: GroupVersionKind): string {
  return `${group}/${version}, Kind=${kind}`;
}

export interface ApplyRequest {
  readonly rules: FieldRules;
  readonly kind: GroupVersionKind;
  readonly config: Fields;
  readonly name: ManagerName;
  readonly force: boolean;
  /** As metav1.Time. */
  readonly now: string;
}

export interface AppliedObject {
  /** The wanted object, without managedFields. It shares what it can with the live one, and has not been decoded. */
  readonly object: Fields;
  readonly managers: Managers;
}

/** What an apply makes of a live object. Throws Conflict. */
export function applyTo(
  request: ApplyRequest,
  { object: live, managers }: { readonly object: KubeObject; readonly managers: Managers },
  empty: KubeObject,
): AppliedObject {
  const { rules, config, name } = request;
  const errors = configErrors(rules.version.type, config);
  if (errors.length > 0) {
    const what = `${objectText(config)}; ${kindText(request.kind)}`;
    throw new ApiError("Unknown", `failed to create typed patch object (${what}): ${configErrorsText(errors)}`);
  }
  const applied = applyUnlessInConflict(request, live, knownManagers(request, { live, empty, managers }));
  const object = name.manager === migratingManager ? withLastApplied(applied.object ?? live, config) : applied.object;
  return { object: object ?? live, managers: timedManagers(request, applied) };
}

/** An object whose managers nobody has kept: all that it has came before. */
function knownManagers(
  { rules, name, now }: ApplyRequest,
  { live, empty, managers }: { readonly live: Fields; readonly empty: KubeObject; readonly managers: Managers },
): Managers {
  if (managers.size > 0 || fieldOf(live, "metadata", "uid") === undefined) return managers;
  return updateManagers(rules, {
    old: empty,
    object: live,
    managers,
    name: { ...name, manager: "before-first-apply", operation: "Update" },
    now,
  });
}

function applyUnlessInConflict(request: ApplyRequest, live: Fields, managers: Managers): Applied {
  const { rules, config, name, force } = request;
  const applied = applyConfig(rules, { live, config, managers, name, force });
  if (applied.conflicts.length === 0) return applied;
  const isMigrating = name.manager === migratingManager && name.subresource === "";
  const left = isMigrating ? unexplainedConflicts(applied.conflicts, live, rules.version) : applied.conflicts;
  if (left.length > 0) throw conflictsError(left);
  return applyConfig(rules, { live, config, managers, name, force: true });
}

/** The applier's entry has the time of its last change of the object. */
function timedManagers({ name, now }: ApplyRequest, applied: Applied): Managers {
  const id = managerId(name);
  const own = applied.managers.get(id);
  const isTimed = own !== undefined && applied.object !== undefined;
  return isTimed ? new Map(applied.managers).set(id, { ...own, time: now }) : applied.managers;
}

function objectText(config: Fields): string {
  const name = fieldOf(config, "metadata", "name");
  const namespace = fieldOf(config, "metadata", "namespace");
  return `${isString(namespace) ? namespace : ""}/${isString(name) ? name : ""}`;
}
