// Field selectors: `metadata.name=x,status.phase!=Running`. Which fields a kind knows is the API server's affair.
// Upstream: k8s.io/apimachinery/pkg/fields/selector.go.
import { ApiError } from "./api-error.ts";
import { compareBytes } from "./json.ts";

export interface FieldRequirement {
  readonly field: string;
  readonly operator: "=" | "!=";
  readonly value: string;
}

/** The requirements of a text, all of which must hold; none for an empty one. Throws ApiError BadRequest. */
export function parseFieldSelector(text: string): readonly FieldRequirement[] {
  const terms = splitTerms(text).filter((term) => term !== "");
  const requirements = terms.sort(compareBytes).map((term): FieldRequirement => {
    const match = /^(.*?)(!=|==|=)(.*)$/s.exec(term);
    if (match === null) throw new ApiError("BadRequest", `invalid selector: '${text}'; can't understand '${term}'`);
    const [, field = "", operator, value = ""] = match;
    return { field, operator: operator === "!=" ? "!=" : "=", value: unescapeValue(value) };
  });
  // A lone operator asks for nothing.
  return requirements.filter(({ field, value }) => field !== "" || value !== "");
}

/** The text that parseFieldSelector reads. */
export function formatFieldSelector(requirements: readonly FieldRequirement[]): string {
  return requirements
    .map(({ field, operator, value }) => `${field}${operator}${value.replace(/[\\,=]/g, (special) => `\\${special}`)}`)
    .join(",");
}

/** At commas that no backslash stands before. */
function splitTerms(text: string): string[] {
  const terms: string[] = [];
  let start = 0;
  for (let index = 0; index < text.length; index++) {
    if (text[index] === "\\") index++;
    else if (text[index] === ",") {
      terms.push(text.slice(start, index));
      start = index + 1;
    }
  }
  terms.push(text.slice(start));
  return terms;
}

function unescapeValue(text: string): string {
  return text.replace(/\\(.?)|[,=]/gsu, (sequence: string, escaped: string | undefined) => {
    if (escaped === undefined) {
      throw new ApiError(
        "BadRequest",
        `invalid field selector: unescaped character in value: ${sequence.charCodeAt(0)}`,
      );
    }
    if (escaped === "" || !"\\,=".includes(escaped)) {
      throw new ApiError("BadRequest", `invalid field selector: invalid escape sequence: ${sequence}`);
    }
    return escaped;
  });
}
