// Reads manifests as `-f` names them: files, directories, standard input; YAML or JSON, many documents, lists.
// Upstream: k8s.io/cli-runtime/pkg/resource/builder.go, visitor.go.
import { readdir, readFile, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { errorText } from "#machinery/api-error.ts";
import { fieldOf, isArray, isKubeObject, isRecord, isString } from "#machinery/guards.ts";
import type { KubeObject } from "#machinery/object.ts";
import { parseYamlDocuments } from "#machinery/yaml.ts";
import { type CommandIo, UsageError } from "./command.ts";

const extensions = [".json", ".yaml", ".yml"];

export interface Manifest {
  readonly object: KubeObject;
  /** The file, and the line in it where it begins: for messages. */
  readonly source: string;
}

export interface ManifestOptions {
  readonly recursive: boolean;
  readonly io: CommandIo;
}

/** The objects of all files, in order. UsageError for a file that is not there or holds none. */
export async function readManifests(
  names: readonly string[],
  { recursive, io }: ManifestOptions,
): Promise<readonly Manifest[]> {
  const manifests: Manifest[] = [];
  for (const name of names) {
    if (/^https?:\/\//.test(name)) {
      throw new UsageError(`${name}: addresses are not read; pipe it in: curl -sL ${name} | karmadactl apply -f -`);
    }
    const texts =
      name === "-"
        ? [{ path: "standard input", text: await io.readInput() }]
        : await Promise.all(
            (await filesOf(resolve(io.cwd, name), name, recursive)).map(async (path) => ({
              path,
              text: await readFile(path, "utf8"),
            })),
          );
    for (const { path, text } of texts) manifests.push(...parseManifests(text, path));
  }
  if (manifests.length === 0) throw new UsageError("no objects passed: the files hold none");
  return manifests;
}

/** The objects of a text. A List gives its items. */
function parseManifests(text: string, path: string): readonly Manifest[] {
  const documents = readDocuments(text, path).filter(({ value }) => value !== null && value !== undefined);
  return documents.flatMap(({ value, line }) => {
    const source = `${path}:${line}`;
    const items = fieldOf(value, "items");
    const kind = fieldOf(value, "kind");
    if (isArray(items) && isString(kind) && kind.endsWith("List")) return items.map((item) => checked(item, source));
    return [checked(value, source)];
  });
}

function readDocuments(text: string, path: string): ReturnType<typeof parseYamlDocuments> {
  try {
    return parseYamlDocuments(text);
  } catch (error) {
    throw new Error(`error parsing ${path}: ${errorText(error)}`, { cause: error });
  }
}

function checked(value: unknown, source: string): Manifest {
  const missing = ["apiVersion", "kind"].filter((field) => !isRecord(value) || !isString(value[field]));
  if (missing.length > 0) throw new Error(`${source}: not an object of Kubernetes: ${missing.join(", ")} not set`);
  if (!isKubeObject(value) || !isString(fieldOf(value, "metadata", "name")) || value.metadata.name === "") {
    throw new Error(`${source}: the object has no metadata.name, so it cannot be found again`);
  }
  return { object: value, source };
}

async function filesOf(path: string, asTyped: string, recursive: boolean): Promise<readonly string[]> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) throw new UsageError(`the path "${asTyped}" does not exist`);
  if (!found.isDirectory()) return [path];
  const entries = (await readdir(path, { withFileTypes: true })).sort((a, b) => (a.name < b.name ? -1 : 1));
  const files: string[] = [];
  for (const entry of entries) {
    const full = join(path, entry.name);
    if (entry.isDirectory()) {
      if (recursive) files.push(...(await filesOf(full, asTyped, true)));
    } else if (extensions.some((extension) => entry.name.endsWith(extension))) {
      files.push(full);
    }
  }
  return files;
}
