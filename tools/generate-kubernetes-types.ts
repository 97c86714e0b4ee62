// Writes src/api/generated/ out of the data file about Kubernetes' types:
// `node tools/generate-kubernetes-types.ts ../shared/data/kubernetes-types-v1.36.json`.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { readKubernetesTypes } from "./kubernetes-types/model.ts";
import { protobufTable, schemaTable } from "./kubernetes-types/tables.ts";
import { kindsFile, typesFile } from "./kubernetes-types/typescript.ts";

/** File name → content of everything under src/api/generated. */
export function generatedFiles(dataText: string): Readonly<Record<string, string>> {
  const data = readKubernetesTypes(dataText);
  return {
    "schemas.json": schemaTable(data),
    "protobuf.json": protobufTable(data),
    "types.ts": typesFile(data),
    "kinds.ts": kindsFile(data),
  };
}

if (import.meta.main) {
  const [source] = process.argv.slice(2);
  if (source === undefined) {
    console.error("usage: node tools/generate-kubernetes-types.ts <kubernetes-types.json>");
    process.exit(2);
  }
  const folder = path.join(import.meta.dirname, "..", "src", "api", "generated");
  await mkdir(folder, { recursive: true });
  for (const [name, text] of Object.entries(generatedFiles(await readFile(source, "utf8")))) {
    await writeFile(path.join(folder, name), text);
    console.log(`${name}: ${String(text.length)} characters`);
  }
}
