// The name under which a request manages what it writes. Upstream: k8s.io/apiserver/pkg/endpoints/handlers/create.go
// (managerOrUserAgent, prefixFromUserAgent).
import type { RequestContext } from "../request/context.ts";

/** In bytes, as for the parameter `fieldManager`. */
const managerBytesMax = 128;

/** The parameter `fieldManager`, else the program that the User-Agent names. */
export function fieldManagerOf({ info, request }: Pick<RequestContext, "info" | "request">): string {
  const asked = info.query.get("fieldManager") ?? "";
  if (asked !== "") return asked;
  const program = programOf(request.headers["user-agent"] ?? "");
  return program === "" ? "unknown" : program;
}

/** What stands before the first `/`, as far as it can be printed. */
function programOf(userAgent: string): string {
  const end = userAgent.indexOf("/");
  const program = end < 0 ? userAgent : userAgent.slice(0, end);
  if (program.length <= managerBytesMax && /^[\x20-\x7e]*$/.test(program)) return program;
  let name = "";
  let bytes = 0;
  for (const char of program) {
    bytes += Buffer.byteLength(char);
    if (bytes > managerBytesMax) break;
    if (/[\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.test(char)) name += char;
  }
  return name;
}
