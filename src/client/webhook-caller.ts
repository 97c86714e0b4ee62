// Asks a webhook over HTTPS: of admission, or of the interpreter. The certificate is always verified; proxy variables are
// never looked at. Upstream: k8s.io/apiserver/pkg/util/webhook/client.go.
import type * as Undici from "undici";
import { textOf, wholeBody } from "./bytes.ts";
import { errorText } from "#machinery/api-error.ts";

/** Answers are small; more is refused. */
const answerBytesMax = 8 * 1024 * 1024;
/** Webhooks that connections are kept for. */
const agentsMax = 64;
const keepAliveMilliseconds = 30_000;

export interface WebhookCall {
  /** With query. */
  readonly url: string;
  /** PEM; undefined: the system's authorities. */
  readonly authority: string | undefined;
  /** The name that the certificate must have, where it is not the URL's host. */
  readonly serverName: string | undefined;
  readonly body: Uint8Array;
  readonly signal: AbortSignal;
}

export interface WebhookCaller {
  /** The answer's body. Throws where there is no answer with a code below 300. */
  call(call: WebhookCall): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** Calls webhooks by undici, one pool for each authority and server name. */
export function httpsWebhookCaller(): WebhookCaller {
  const agents = new Map<string, Undici.Agent>();
  const agentFor = async ({ authority, serverName }: WebhookCall): Promise<Undici.Agent> => {
    const { Agent } = await import("undici");
    const key = JSON.stringify([authority, serverName]);
    const known = agents.get(key);
    if (known !== undefined) return known;
    const agent = new Agent({
      keepAliveTimeout: keepAliveMilliseconds,
      connect: {
        ...(authority === undefined ? {} : { ca: authority }),
        ...(serverName === undefined ? {} : { servername: serverName }),
      },
    });
    agents.set(key, agent);
    const [oldest] = agents;
    if (agents.size > agentsMax && oldest !== undefined) {
      agents.delete(oldest[0]);
      oldest[1].close().catch(() => undefined); // its requests end first
    }
    return agent;
  };
  return {
    async call(call) {
      const { url, body, signal } = call;
      const { origin, pathname, search } = new URL(url);
      const agent = await agentFor(call);
      const response = await agent.request({
        origin,
        path: pathname + search,
        method: "POST",
        headers: { "content-type": "application/json", accept: "application/json" },
        body,
        signal,
      });
      const answer = await wholeBody(response.body, answerBytesMax);
      if (response.statusCode >= 300) {
        throw new Error(`the server answered ${String(response.statusCode)}: ${excerpt(answer)}`);
      }
      return answer;
    },
    async close() {
      await Promise.all([...agents.values()].map((agent) => agent.destroy()));
    },
  };
}

function excerpt(body: Uint8Array): string {
  return textOf(body.subarray(0, 200));
}

/** What went wrong with a call, as the innermost error says it. */
export function callErrorText(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return callErrorText(error.errors[0]);
  const own = errorText(error);
  if (own !== "" && !(error instanceof TypeError)) return own;
  return error instanceof Error && error.cause !== undefined ? callErrorText(error.cause) : own;
}
