// What a plain YAML scalar means: the YAML 1.1 rules as kubectl's Go library applies them. yes/no/on/off are booleans,
// 0777 is octal; times and base-60 numbers stay strings. Upstream: go.yaml.in/yaml/v2 resolve.go.

const words = new Map<string, unknown>([
  ...["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"].map((word) => [word, true] as const),
  ...["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"].map((word) => [word, false] as const),
  ...["", "~", "null", "Null", "NULL"].map((word) => [word, null] as const),
  ...[".nan", ".NaN", ".NAN"].map((word) => [word, Number.NaN] as const),
  ...[".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"].map((word) => [word, Infinity] as const),
  ...["-.inf", "-.Inf", "-.INF"].map((word) => [word, -Infinity] as const),
]);

const floatForm = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
const integerForm = /^([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|([1-9][0-9]*|0))$/;
const int64Magnitude = 2n ** 63n;

/** The value of a plain (unquoted, untagged) scalar. */
export function resolvePlainScalar(text: string): unknown {
  const word = words.get(text);
  if (word !== undefined) return word;
  const first = text.charCodeAt(0);
  if (first === 0x2e) return floatForm.test(text) ? finiteOr(Number(text), text) : text;
  const isNumeric = (first >= 0x30 && first <= 0x39) || first === 0x2b || first === 0x2d;
  if (!isNumeric) return text;
  const plain = text.replaceAll("_", "");
  return parseInteger(plain) ?? (floatForm.test(plain) ? finiteOr(Number(plain), text) : text);
}

/** Would a plain scalar with this text be read as the same string? Else it must be quoted. */
export function isPlainString(text: string): boolean {
  if (typeof resolvePlainScalar(text) !== "string" || text === mergeKey) return false;
  return !timestampForm.test(text) && !base60Form.test(text);
}

/** As a plain key it brings in another map. */
export const mergeKey = "<<";

// Read as strings, but quoted on the way out for the sake of other readers.
const base60Form = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/;
const timestampForm =
  /^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2}(?:\.[0-9]*)?(?:[ \t]*(?:Z|[-+][0-9]{1,2}:[0-9]{2}))?)?$/;

/** An integer of Go's ParseInt with base 0; beyond 2^53 a bigint, beyond 64 bits a float as JSON would make it. */
function parseInteger(text: string): number | bigint | undefined {
  const match = integerForm.exec(text);
  if (match === null) return undefined;
  const [, sign, hex, binary, octal, decimal] = match;
  const magnitude = BigInt(
    hex !== undefined
      ? `0x${hex}`
      : binary !== undefined
        ? `0b${binary}`
        : octal !== undefined
          ? `0o${octal}`
          : (decimal ?? "0"),
  );
  const value = sign === "-" ? -magnitude : magnitude;
  const rounded = Number(value);
  if (Number.isSafeInteger(rounded)) return rounded === 0 ? 0 : rounded;
  const fits = value < int64Magnitude && value >= -int64Magnitude;
  if (!fits && hex === undefined && decimal === undefined) return undefined;
  return fits ? value : rounded;
}

function finiteOr(value: number, text: string): number | string {
  return Number.isFinite(value) ? value : text;
}
