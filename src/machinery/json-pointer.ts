// JSON pointers (RFC 6901): `/spec/template/metadata/annotations/example.com~1key`.

/** The names and indexes on the way, unescaped; none for the whole document. Undefined where the text is no pointer. */
export function parseJsonPointer(text: string): readonly string[] | undefined {
  if (text === "") return [];
  if (!text.startsWith("/")) return undefined;
  const tokens = text.slice(1).split("/");
  if (tokens.some((token) => /~(?![01])/.test(token))) return undefined;
  return tokens.map((token) => token.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** The pointer's text for these names and indexes. */
export function formatJsonPointer(tokens: readonly string[]): string {
  return tokens.map((token) => `/${token.replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}
