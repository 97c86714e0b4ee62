// Request headers as handlers know them, whichever protocol carried them.
import type { IncomingHttpHeaders } from "node:http2";

/** Lower-case names to one text each. */
export function plainHeaders(headers: IncomingHttpHeaders): Readonly<Record<string, string>> {
  const plain: Record<string, string> = {};
  for (const name in headers) {
    const value = headers[name];
    if (value === undefined || name.startsWith(":")) continue;
    plain[name] = typeof value === "string" ? value : value.join(", ");
  }
  return plain;
}
