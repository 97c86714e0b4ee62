// Serves Karmada's admission to another API server: one path for each webhook and stage, conversion of
// bindings, and checks of health.
// Upstream: karmada cmd/webhook/app/webhook.go.
import type { Webhook } from "#api/admission/webhook.ts";
import { stagesOf, webhookPath } from "#api/admission/webhook-configuration.ts";
import type { ApiResponse, RequestHandler } from "#machinery/http.ts";
import { encodeJson } from "#machinery/json.ts";
import { jsonType } from "../request/negotiation.ts";
import { statusOf } from "../request/respond.ts";
import { answerConversion } from "./conversion.ts";
import { answerReview } from "./review.ts";

const healthPaths: readonly string[] = ["/healthz", "/livez", "/readyz"];

const conversionPath = "/convert";

type Answer = (body: Uint8Array) => object | Promise<object>;

/** The request handler for `listen`. It is ready as soon as it listens: there is nothing to wait for. */
export function webhookHandler(webhooks: readonly Webhook[]): RequestHandler {
  const answers = new Map<string, Answer>([[conversionPath, answerConversion]]);
  for (const webhook of webhooks) {
    for (const stage of stagesOf(webhook)) {
      answers.set(webhookPath(webhook, stage), (body) => answerReview(webhook, stage, body));
    }
  }
  return async ({ method, path, headers, body }) => {
    const [pathname = ""] = path.split("?");
    if (healthPaths.includes(pathname)) return textResponse(200, "ok");
    const answer = answers.get(pathname);
    if (answer === undefined) return textResponse(404, `no webhook is served at ${pathname}\n`);
    if (method !== "POST") return textResponse(405, `a review is sent with POST, not ${method}\n`);
    if (headers["content-type"]?.startsWith(jsonType) !== true) {
      return textResponse(415, `the content type must be ${jsonType}\n`);
    }
    try {
      const review = await answer(body ?? new Uint8Array());
      return { status: 200, headers: { "content-type": jsonType }, body: encodeJson(review) };
    } catch (error) {
      const status = statusOf(error);
      return { status: status.code, headers: { "content-type": jsonType }, body: encodeJson(status) };
    }
  };
}

function textResponse(status: number, text: string): ApiResponse {
  return { status, headers: { "content-type": "text/plain; charset=utf-8" }, body: Buffer.from(text) };
}
