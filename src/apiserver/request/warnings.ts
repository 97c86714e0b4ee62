// Warnings that a request collects and the headers they become. Upstream: k8s.io/apiserver/pkg/endpoints/filters/warning.go.

const truncateAtBytes = 4096;
const truncatedTextBytes = 256;

/** The warnings of one request, each once. */
export class Warnings {
  #texts: Set<string> | undefined;

  add(text: string): void {
    (this.#texts ??= new Set()).add(text);
  }

  /** Values of the Warning header, or undefined without any. When all are long, each is cut. */
  headers(): readonly string[] | undefined {
    if (this.#texts === undefined) return undefined;
    const texts = [...this.#texts];
    const total = texts.reduce((sum, text) => sum + text.length, 0);
    return texts.map((text) => warningHeader(total > truncateAtBytes ? text.slice(0, truncatedTextBytes) : text));
  }
}

/** `299 - "text"` with quotes and backslashes escaped; control characters, which a header may not hold, are dropped. */
function warningHeader(text: string): string {
  const quoted = text.replace(/[\\"]/g, "\\$&").replace(/\p{Cc}/gu, "");
  return `299 - "${Buffer.from(quoted, "utf8").toString("latin1")}"`;
}
