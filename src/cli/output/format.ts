// What follows `-o`. Upstream: k8s.io/kubectl/pkg/cmd/get/get_flags.go, k8s.io/cli-runtime/pkg/genericclioptions/print_flags.go.
import { type JsonPath, parseJsonPath } from "#machinery/jsonpath.ts";
import { UsageError } from "../command.ts";

export type OutputFormat =
  | { readonly kind: "table"; readonly wide: boolean }
  | { readonly kind: "json" | "yaml" | "name" }
  | { readonly kind: "jsonpath"; readonly path: JsonPath }
  | { readonly kind: "columns"; readonly columns: readonly CustomColumn[] };

export interface CustomColumn {
  readonly header: string;
  readonly path: JsonPath;
}

const formats = ["json", "yaml", "name", "wide", "jsonpath=TEMPLATE", "custom-columns=HEADER:PATH,…"];

/** UsageError for anything else. */
export function parseOutputFormat(text: string): OutputFormat {
  const separator = text.indexOf("=");
  const word = separator < 0 ? text : text.slice(0, separator);
  const rest = separator < 0 ? "" : text.slice(separator + 1);
  switch (word) {
    case "":
      return { kind: "table", wide: false };
    case "wide":
      return { kind: "table", wide: true };
    case "json":
    case "yaml":
    case "name":
      return { kind: word };
    case "jsonpath":
      if (rest === "") throw new UsageError("template format specified but no template given: -o jsonpath=TEMPLATE");
      return { kind: "jsonpath", path: parseJsonPath(rest) };
    case "custom-columns":
      return { kind: "columns", columns: parseColumns(rest) };
    default:
      throw new UsageError(`unable to match a printer suitable for the output format "${text}", allowed formats are: ${formats.join(", ")}`); // prettier-ignore
  }
}

function parseColumns(text: string): readonly CustomColumn[] {
  if (text === "") throw new UsageError("custom-columns needs columns: -o custom-columns=NAME:.metadata.name,…");
  return text.split(",").map((part) => {
    const colon = part.indexOf(":");
    if (colon <= 0 || colon === part.length - 1) {
      throw new UsageError(`unexpected custom-columns spec: ${part}, expected <header>:<json-path-expr>`);
    }
    return { header: part.slice(0, colon), path: parseJsonPath(part.slice(colon + 1), { relaxed: true }) };
  });
}
