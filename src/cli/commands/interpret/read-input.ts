// Reads what interpret works on: customizations, one object, the statuses of members.
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { apiVersionOf, type KubeObject } from "#machinery/object.ts";
import { ResourceInterpreterCustomization } from "#api/config/resource-interpreter-customization.ts";
import type { AggregatedStatusItem } from "#api/work/binding.ts";
import { errorText } from "#machinery/api-error.ts";
import { isRecord, isString } from "#machinery/guards.ts";
import { parseYamlDocuments } from "#machinery/yaml.ts";
import { type CommandIo, UsageError } from "../../command.ts";
import { type Manifest, readManifests } from "../../manifests.ts";

export interface CustomizationFile {
  readonly customization: ResourceInterpreterCustomization;
  readonly source: string;
}

export interface FileOptions {
  readonly recursive: boolean;
  readonly io: CommandIo;
}

/** The customizations of files. Anything else in them is an error. */
export async function readCustomizations(
  names: readonly string[],
  options: FileOptions,
): Promise<readonly CustomizationFile[]> {
  if (names.length === 0) throw new UsageError("must specify the customizations: -f FILE, -f DIRECTORY or -f -");
  return (await readManifests(names, options)).map(customizationOf);
}

function customizationOf({ object, source }: Manifest): CustomizationFile {
  const { kind } = ResourceInterpreterCustomization;
  const apiVersion = apiVersionOf(ResourceInterpreterCustomization);
  if (object.apiVersion !== apiVersion || object.kind !== kind) {
    throw new UsageError(`${source}: ${object.apiVersion} ${object.kind} is no ${kind} of ${apiVersion}`);
  }
  return { customization: completed(object), source };
}

/** No server has looked at the file: what is missing reads as empty, a script that is no text as none. */
function completed(object: KubeObject): ResourceInterpreterCustomization {
  const spec = isRecord(object["spec"]) ? object["spec"] : {};
  const target = isRecord(spec["target"]) ? spec["target"] : {};
  const rules = isRecord(spec["customizations"]) ? spec["customizations"] : {};
  const text = (value: unknown): string => (isString(value) ? value : "");
  return {
    ...object,
    spec: {
      target: { apiVersion: text(target["apiVersion"]), kind: text(target["kind"]) },
      customizations: Object.fromEntries(
        Object.entries(rules).flatMap(([field, rule]) => {
          return isRecord(rule) ? [[field, { luaScript: text(rule["luaScript"]) }] as const] : [];
        }),
      ),
    },
  };
}

/** The only object of a file. */
export async function readObject(name: string, io: CommandIo): Promise<KubeObject> {
  const manifests = await readManifests([name], { recursive: false, io });
  const [first, second] = manifests;
  if (first === undefined || second !== undefined) {
    throw new UsageError(`${name} holds ${manifests.length} objects, must be exactly one`);
  }
  return first.object;
}

/** The statuses of members, a document each: clusterName and status. */
export async function readStatuses(name: string, io: CommandIo): Promise<readonly AggregatedStatusItem[]> {
  const text = name === "-" ? await io.readInput() : await readText(name, io);
  return parseYamlDocuments(text).flatMap(({ value, line }) => {
    if (value === null || value === undefined) return [];
    if (!isItem(value)) throw new UsageError(`${name}:${line}: no status of a member: clusterName not set`);
    return [value];
  });
}

async function readText(name: string, { cwd }: CommandIo): Promise<string> {
  try {
    return await readFile(resolve(cwd, name), "utf8");
  } catch (error) {
    throw new UsageError(`${name} cannot be read: ${errorText(error)}`);
  }
}

function isItem(value: unknown): value is AggregatedStatusItem {
  return isRecord(value) && isString(value["clusterName"]);
}
