// `up --example`: applies the files of an example and shows how its templates reach the members.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Binding, ResourceBinding } from "#api/work/binding.ts";
import type { CommandIo } from "#cli/command.ts";
import { isReady, newLines, observe, type Progress, renderTable } from "#cli/propagation/decide.ts";
import { createDiscovery } from "#client/discovery.ts";
import { isApiError } from "#machinery/api-error.ts";
import { isKubeObject } from "#machinery/guards.ts";
import type { Kind, KubeObject } from "#machinery/object.ts";
import { parseYamlDocuments } from "#machinery/yaml.ts";
import { abortable } from "#std/abort.ts";
import type { Up } from "./up.ts";

const examples = fileURLToPath(new URL("../../examples", import.meta.url));

/** The examples that can be applied as they are. Others are walks: what they apply is in folders of their own. */
export function exampleNames(): string[] {
  try {
    return readdirSync(examples, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && yamlFilesOf(entry.name).length > 0)
      .map(({ name }) => name)
      .sort();
  } catch {
    return [];
  }
}

function yamlFilesOf(name: string): readonly string[] {
  return readdirSync(join(examples, name))
    .filter((file) => file.endsWith(".yaml"))
    .sort();
}

export interface ExampleOptions {
  readonly name: string;
  readonly up: Up;
  readonly io: CommandIo;
  readonly signal: AbortSignal;
}

interface Item {
  readonly kind: Kind;
  readonly object: KubeObject;
}

/** Applies the example and resolves when all its templates are ready in their members, or the signal aborts. */
export async function runExample({ name, up, io, signal }: ExampleOptions): Promise<void> {
  const folder = join(examples, name);
  const objects = yamlFilesOf(name)
    .flatMap((file) => parseYamlDocuments(readFileSync(join(folder, file), "utf8")))
    .map(({ value }) => value)
    .filter(isKubeObject);
  const discovery = createDiscovery(up.client);
  const items: Item[] = [];
  for (const object of objects) {
    items.push({ kind: await discovery.kindOf(object, { signal }), object });
  }
  io.out(
    `applying examples/${name}: ${items.map(({ object }) => `${object.kind.toLowerCase()}/${object.metadata.name}`).join(" ")}\n\n`,
  );
  const startedAt = io.clock.monotonic();
  for (const item of items) await apply(item, up, signal);
  const templates = items.filter(({ kind }) => !kind.group.endsWith("karmada.io"));
  await follow(templates, startedAt, { up, io, signal });
}

async function apply({ kind, object }: Item, { client }: Up, signal: AbortSignal): Promise<void> {
  const metadata = {
    ...object.metadata,
    ...(kind.namespaced ? { namespace: object.metadata.namespace ?? "default" } : {}),
  };
  try {
    await client.create(kind, { ...object, metadata }, { signal });
  } catch (error) {
    if (!isApiError(error, "AlreadyExists")) throw error;
    await client.patch(kind, metadata, { type: "merge", patch: { ...object } }, { signal });
  }
}

/** Shows each stage as it is reached: a table that fills on a terminal, a line per stage without one. */
async function follow(
  items: readonly Item[],
  startedAt: number,
  { up, io, signal }: Omit<ExampleOptions, "name">,
): Promise<void> {
  const informers = up.controlPlane.informersFor(up.client);
  const bindings = informers.for(ResourceBinding);
  let shown = items.map(({ object }): Progress => ({ template: titleOf(object), milestones: [] }));
  let drawn = 0;
  const { promise: finished, resolve } = Promise.withResolvers<undefined>();
  const look = (): void => {
    const at = io.clock.monotonic() - startedAt;
    const next = items.map(({ kind, object }, index) => {
      const before = shown[index] ?? { template: titleOf(object), milestones: [] };
      const ref = {
        name: object.metadata.name,
        namespace: kind.namespaced ? (object.metadata.namespace ?? "default") : undefined,
      };
      const template = informers.for(kind).get(ref);
      if (template === undefined) return before;
      return observe(
        before,
        { template, binding: bindings.list(ref.namespace).find((each) => binds(each, template)) },
        at,
      );
    });
    drawn = draw(shown, next, drawn, io);
    shown = next;
    if (next.every(isReady)) resolve(undefined);
  };
  const removals = [bindings.onEvent(look), ...items.map(({ kind }) => informers.for(kind).onEvent(look))];
  try {
    await abortable(finished, signal);
    io.out("\neverything is where it should be\n");
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    for (const remove of removals) remove();
    for (const { kind } of items) informers.stop(kind);
    informers.stop(ResourceBinding);
  }
}

/** Lines drawn, so that the next table goes over them. */
function draw(before: readonly Progress[], after: readonly Progress[], drawn: number, io: CommandIo): number {
  if (!io.outIsTerminal) {
    for (const [index, progress] of after.entries()) {
      for (const line of newLines(before[index] ?? { ...progress, milestones: [] }, progress)) io.out(`${line}\n`);
    }
    return 0;
  }
  const lines = renderTable(after, io.columns ?? 100);
  const up = drawn === 0 ? "" : `\u001b[${drawn}A`;
  io.out(`${up}${lines.map((line) => `\u001b[2K${line}\n`).join("")}`);
  return lines.length;
}

function binds({ spec }: Binding, template: KubeObject): boolean {
  return spec.resource.uid === template.metadata.uid && spec.resource.kind === template.kind;
}

function titleOf({ kind, metadata }: KubeObject): string {
  return `${kind} ${metadata.namespace ?? "default"}/${metadata.name}`;
}
