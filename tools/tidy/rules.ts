// The house rules that lint cannot say, as pure functions over source texts. Run by `npm test` and `node tools/tidy/run.ts`.
import ts from "typescript";
import { guardedModules, rowOf, rows } from "./layers.ts";

export interface SourceFile {
  /** From the root of the project, with `/`. */
  readonly path: string;
  readonly text: string;
}

export interface Finding {
  readonly path: string;
  readonly line: number;
  readonly message: string;
}

const fileLinesMax = 400;
const functionLinesMax = 60;
const lineColumnsMax = 120;
/** Spelled in parts so that this line does not match itself. */
const openMarker = new RegExp(`\\b(${["TO" + "DO", "FIX" + "ME", "XX" + "X"].join("|")})\\b`);
const forbiddenFolders: readonly string[] = ["util", "utils", "helpers", "common"];

/** All findings of all rules, in order of the files. */
export function tidy(files: readonly SourceFile[]): Finding[] {
  const sources = files.filter((file) => file.path.endsWith(".ts") && !file.path.includes("/generated/"));
  return [...sources.flatMap((file) => checkFile(file)), ...unusedExports(sources), ...missingTests(sources)];
}

function checkFile(file: SourceFile): Finding[] {
  const tree = ts.createSourceFile(file.path, file.text, ts.ScriptTarget.Latest, true);
  return [...checkText(file), ...checkFunctions(file, tree), ...checkImports(file, tree)];
}

function checkText(file: SourceFile): Finding[] {
  const lines = file.text.split("\n");
  const findings: Finding[] = [];
  const say = (line: number, message: string): void => void findings.push({ path: file.path, line, message });
  if (!file.path.endsWith(".test.ts") && !/^(#!.*\n)?\/\/ \S/.test(file.text))
    say(1, "begins without a header comment that says what the file is");
  if (file.path.startsWith("src/") && lines.length - 1 > fileLinesMax && !file.path.endsWith(".test.ts")) {
    say(fileLinesMax, `has ${String(lines.length - 1)} lines, at most ${String(fileLinesMax)} are allowed`);
  }
  for (const folder of file.path.split("/").slice(0, -1)) {
    if (forbiddenFolders.includes(folder)) say(1, `lies in a folder named ${folder}: code lives with its noun`);
  }
  lines.forEach((line, index) => {
    const marker = openMarker.exec(line);
    if (marker !== null) say(index + 1, `${marker[0]}: finish it or write it where the work is planned`);
    if (line.length > lineColumnsMax && !/["'`/]/.test(line)) say(index + 1, `is ${String(line.length)} columns wide`);
  });
  return findings;
}

function checkFunctions(file: SourceFile, tree: ts.SourceFile): Finding[] {
  if (!file.path.startsWith("src/") || file.path.endsWith(".test.ts")) return [];
  const findings: Finding[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && "body" in node && node.body !== undefined) {
      const start = tree.getLineAndCharacterOfPosition(node.getStart(tree)).line;
      const lines = tree.getLineAndCharacterOfPosition(node.end).line - start + 1;
      if (lines > functionLinesMax) {
        const name = node.name === undefined ? "a function" : node.name.getText(tree);
        findings.push({
          path: file.path,
          line: start + 1,
          message: `${name} has ${String(lines)} lines, at most ${String(functionLinesMax)} are allowed`,
        });
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return findings;
}

function checkImports(file: SourceFile, tree: ts.SourceFile): Finding[] {
  const layer = /^src\/([^/]+)\//.exec(file.path)?.[1];
  if (layer === undefined) return [];
  const row = rowOf(layer);
  if (row === undefined)
    return [{ path: file.path, line: 1, message: `${layer} is no layer: see tools/tidy/layers.ts` }];
  const isTest = file.path.endsWith(".test.ts");
  const isDecision = file.path.endsWith("/decide.ts");
  return importsOf(tree).flatMap(({ module, line }) => {
    const message = importProblem(module, { layer, row, isTest, isDecision, path: file.path });
    return message === undefined ? [] : [{ path: file.path, line, message }];
  });
}

interface Importer {
  readonly layer: string;
  readonly row: number;
  readonly isTest: boolean;
  readonly isDecision: boolean;
  readonly path: string;
}

function importProblem(module: string, from: Importer): string | undefined {
  const target = /^#([^/]+)\//.exec(module)?.[1];
  if (target !== undefined) {
    const targetRow = rowOf(target);
    if (targetRow === undefined) return `imports ${module}: ${target} is no layer`;
    if (target !== from.layer && targetRow >= from.row && !from.isTest) {
      return `imports ${module}: ${from.layer} may import only ${rows.slice(0, from.row).flat().join(", ")}`;
    }
    if (from.isDecision && targetRow > 2 && target !== from.layer)
      return `imports ${module}: a decision knows only std, machinery and api`;
    return undefined;
  }
  if (module.startsWith(".")) {
    const depth = from.path.split("/").length - 3;
    const ups = module.split("/").filter((part) => part === "..").length;
    return ups > depth ? `imports ${module}: another layer is imported by its #layer/ path` : undefined;
  }
  if (from.isTest) return undefined;
  const guard = guardedModules.find(({ modules, layers }) => modules.test(module) && !layers.includes(from.layer));
  return guard === undefined ? undefined : `imports ${module}: ${guard.why}`;
}

function importsOf(tree: ts.SourceFile): { module: string; line: number }[] {
  return tree.statements.flatMap((statement) => {
    if (!ts.isImportDeclaration(statement) && !ts.isExportDeclaration(statement)) return [];
    const specifier = statement.moduleSpecifier;
    if (specifier === undefined || !ts.isStringLiteral(specifier)) return [];
    return [{ module: specifier.text, line: tree.getLineAndCharacterOfPosition(statement.getStart(tree)).line + 1 }];
  });
}

/** Exports of src that no other file names. `sdk` is for users; `index.ts` files are doors. */
function unusedExports(files: readonly SourceFile[]): Finding[] {
  const words = new Map<string, Set<string>>();
  for (const file of files) {
    for (const word of new Set(file.text.match(/[A-Za-z_$][\w$]*/g) ?? [])) {
      const places = words.get(word) ?? new Set();
      words.set(word, places.add(file.path));
    }
  }
  return files.flatMap((file) => {
    if (!file.path.startsWith("src/") || /^src\/sdk\/|\/index\.ts$|\.test\.ts$/.test(file.path)) return [];
    return [
      ...file.text.matchAll(/^export (?:async )?(?:declare )?(?:function\*?|const|class|interface|type) ([\w$]+)/gm),
    ].flatMap((found) => {
      const name = found[1] ?? "";
      if ((words.get(name)?.size ?? 0) > 1) return [];
      const line = file.text.slice(0, found.index).split("\n").length;
      // A type that only this file names can still be part of what it exports; values cannot.
      if (/^export (?:declare )?(?:interface|type)/.test(found[0]) && file.text.split(name).length > 2) return [];
      return [{ path: file.path, line, message: `exports ${name}, which nothing else uses` }];
    });
  });
}

/** Decisions, controllers, plugins and commands have a test beside them or in their folder. */
function missingTests(files: readonly SourceFile[]): Finding[] {
  const tested = new Set(files.filter((file) => file.path.endsWith(".test.ts")).map((file) => folderOf(file.path)));
  return files.flatMap((file) => {
    if (
      !/^src\/.*\/(decide|controller|command|plugins\/[^/]+\/plugin)\.ts$/.test(file.path) ||
      tested.has(folderOf(file.path))
    )
      return [];
    return [{ path: file.path, line: 1, message: "has no test in its folder" }];
  });
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}
