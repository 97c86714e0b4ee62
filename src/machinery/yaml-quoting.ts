// How a string is written in YAML: plain, 'quoted', "escaped" or as a literal block, folded at 80 columns, as kubectl does.
// Upstream: go.yaml.in/yaml/v2 encode.go (stringv) and emitterc.go (analyze_scalar, write_*_scalar).
import { isPlainString } from "./yaml-scalar.ts";

/** A line is broken at the first lone space after this column. */
const foldColumn = 80;

export interface ScalarPlace {
  /** The column of the scalar's first character. */
  readonly column: number;
  /** What continuation lines and literal blocks are indented by. */
  readonly indent: number;
  /** Keys stay on their line. */
  readonly isKey: boolean;
}

/** The text of a string. A literal block ends without its last line break if the string has none. */
export function stringText(value: string, place: ScalarPlace): string {
  const needsEscapes = unprintable.test(value) || / [\n]/.test(value);
  if (value.includes("\n")) {
    return place.isKey || needsEscapes || value.endsWith(" ")
      ? doubleQuoted(value, place)
      : literal(value, place.indent);
  }
  if (needsEscapes || !isPlainString(value)) return doubleQuoted(value, place);
  return plainForbidden.test(value) ? singleQuoted(value, place) : folded(value, place, plainBreak);
}

// What the upstream emitter escapes: control characters, tabs and all beyond the basic plane among them.
const unprintable = /[^\n\x20-\x7e\u00a0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]/;

// Spaces at an end; document markers; an indicator where it would be read as one.
const plainForbidden = /^ | $|^---|^\.\.\.|^[#,[\]{}&*!|>'"%@`]|^[?:-](?: |$)|: |:$| #/;

const plainBreak = /(?<! ) (?! )/g;
const quotedBreak = /(?<=[^ ]) (?=[^ ])/g;
const escapedBreak = /(?<=[^ ]) (?=.)/g;

function singleQuoted(value: string, place: ScalarPlace): string {
  return `'${folded(value.replaceAll("'", "''"), { ...place, column: place.column + 1 }, quotedBreak)}'`;
}

function doubleQuoted(value: string, place: ScalarPlace): string {
  const escaped = value.replace(escapable, escapeCharacter);
  return `"${folded(escaped, { ...place, column: place.column + 1 }, escapedBreak)}"`;
}

function literal(value: string, indent: number): string {
  const startHint = /^[ \n]/.test(value) ? "2" : "";
  const endHint = !value.endsWith("\n") ? "-" : value === "\n" || value.endsWith("\n\n") ? "+" : "";
  const margin = " ".repeat(indent);
  return `|${startHint}${endHint}\n${value.replace(/^(?=[^\n])/gm, margin)}`;
}

/** Breaks lines at the spaces that `candidates` finds beyond the fold column. */
function folded(text: string, place: ScalarPlace, candidates: RegExp): string {
  if (place.isKey || place.column + text.length <= foldColumn) return text;
  const margin = `\n${" ".repeat(place.indent)}`;
  let result = "";
  let lineStart = 0;
  let column = place.column;
  for (const { index } of text.matchAll(candidates)) {
    if (column + index - lineStart <= foldColumn) continue;
    result += text.slice(lineStart, index) + margin + (text[index + 1] === " " ? "\\" : "");
    lineStart = index + 1;
    column = place.indent + (text[index + 1] === " " ? 1 : 0);
  }
  return result + text.slice(lineStart);
}

const escapable = /["\\]|[^\x20-\x7e\u00a0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]/gu;

const shortEscapes: Readonly<Record<string, string>> = {
  "\0": "\\0",
  "\x07": "\\a",
  "\b": "\\b",
  "\t": "\\t",
  "\n": "\\n",
  "\v": "\\v",
  "\f": "\\f",
  "\r": "\\r",
  "\x1b": "\\e",
  '"': '\\"',
  "\\": "\\\\",
  "\x85": "\\N",
  "\u2028": "\\L",
  "\u2029": "\\P",
};

function escapeCharacter(character: string): string {
  const short = shortEscapes[character];
  if (short !== undefined) return short;
  const point = (character.codePointAt(0) ?? 0).toString(16).toUpperCase();
  if (point.length <= 2) return `\\x${point.padStart(2, "0")}`;
  return point.length <= 4 ? `\\u${point.padStart(4, "0")}` : `\\U${point.padStart(8, "0")}`;
}
