// What every request goes through, outermost first: an id, the request line, who, as whom, how many, whether, and then its
// handler within its time; every error becomes a Status.
// Upstream: k8s.io/apiserver/pkg/server/config.go (DefaultBuildHandlerChain).
import { ApiError, isApiError } from "#machinery/api-error.ts";
import type { ApiRequest, ApiResponse, RequestHandler, UserInfo } from "#machinery/http.ts";
import type { Authenticator } from "../auth/authorizer.ts";
import { forbiddenError } from "../auth/forbidden.ts";
import { impersonatedUser } from "../auth/impersonation.ts";
import { withAuthenticatedGroup } from "../auth/users.ts";
import { attributesOf } from "./attributes.ts";
import { compress } from "./compress.ts";
import type { RequestContext, ServerCore } from "./context.ts";
import { tooManyRequests } from "./in-flight.ts";
import { parseRequestInfo, type RequestInfo } from "./request-info.ts";
import { errorResponse, isServerFault } from "./respond.ts";
import { timeLimit, withinTime } from "./time-limit.ts";
import { Warnings } from "./warnings.ts";

export interface PipelineOptions {
  readonly core: ServerCore;
  readonly authenticate: Authenticator;
  dispatch(context: RequestContext): Promise<ApiResponse>;
}

/** The handler of a server. It never throws. */
export function createPipeline(options: PipelineOptions): RequestHandler {
  const { core } = options;
  return async (request) => {
    const warnings = new Warnings();
    const started = core.clock.monotonic();
    let info: RequestInfo | undefined;
    let response: ApiResponse;
    try {
      info = parseRequestInfo(request.method, request.path);
      response = await answer(options, { request, info, warnings });
    } catch (error) {
      response = failed(core, request, error);
    }
    core.requestMetrics.answered({
      info: info !== undefined && isServed(core, info) ? info : undefined,
      code: response.status,
      seconds: (core.clock.monotonic() - started) / 1000,
    });
    return withCommonHeaders(response, { request, warnings, core });
  };
}

interface Incoming {
  readonly request: ApiRequest;
  readonly info: RequestInfo;
  readonly warnings: Warnings;
}

async function answer(options: PipelineOptions, incoming: Incoming): Promise<ApiResponse> {
  const { core } = options;
  const { request, info, warnings } = incoming;
  const requester = await authenticated(options.authenticate, request);
  const user = await impersonatedUser(request.headers, requester, core.authorize);
  const isMutating = info.isResource && request.method !== "GET" && request.method !== "HEAD";
  if (core.inFlight.isFull(isMutating, user)) return tooManyRequests();
  if (core.closing.aborted && info.isResource) throw closingError();
  core.inFlight.enter(isMutating);
  core.requestMetrics.started(isMutating);
  try {
    const attributes = attributesOf(info, user);
    const decision = await core.authorize(attributes);
    if (!decision.allowed) throw forbiddenError(attributes, decision.reason);
    const context: RequestContext = { core, request, info, user, signal: request.signal, warnings };
    if (isLongRunning(core, info)) return await options.dispatch(context);
    const limit = timeLimit(info, isMutating);
    const answered = options.dispatch(context).then((response) => compress(request, response));
    return await withinTime(core.clock, limit, answered);
  } finally {
    core.inFlight.leave(isMutating);
    core.requestMetrics.ended(isMutating);
  }
}

async function authenticated(authenticate: Authenticator, request: ApiRequest): Promise<UserInfo> {
  const user = request.user ?? (await authenticate(request));
  if (user === undefined) throw new ApiError("Unauthorized", "Unauthorized");
  return withAuthenticatedGroup(user);
}

/** Watches and streams end when they end. */
function isLongRunning({ connect }: ServerCore, info: RequestInfo): boolean {
  if (info.verb === "watch") return true;
  if (info.subresource === "" || connect.size === 0) return false;
  return connect.has(`${info.group}/${info.version}/${info.resource}/${info.subresource}`);
}

/** Whether there is such a resource and subresource: metrics name nothing else, or strangers' paths would make series. */
function isServed({ registry }: ServerCore, { group, version, resource, subresource }: RequestInfo): boolean {
  const found = registry.find(group, version, resource);
  return found !== undefined && (subresource === "" || Object.hasOwn(found.subresources, subresource));
}

function failed(core: ServerCore, request: ApiRequest, error: unknown): ApiResponse {
  // Whoever has left does not read the answer, and that it has left is no fault.
  if (isServerFault(error) && !request.signal.aborted) {
    core.log.error("request failed", { method: request.method, path: request.path, error });
  } else if (isApiError(error, "StorageFull")) {
    core.log.warn("the storage is full", { method: request.method, path: request.path });
  }
  return errorResponse(error);
}

function closingError(): ApiError {
  return new ApiError("ServiceUnavailable", "the API server is shutting down", { details: { retryAfterSeconds: 1 } });
}

function withCommonHeaders(
  response: ApiResponse,
  { request, warnings, core }: { readonly request: ApiRequest; readonly warnings: Warnings; readonly core: ServerCore },
): ApiResponse {
  const warning = warnings.headers();
  return {
    status: response.status,
    headers: {
      "audit-id": request.headers["audit-id"] ?? core.random.uuid(),
      "cache-control": "no-cache, private",
      ...response.headers,
      ...(warning === undefined ? {} : { warning }),
    },
    body: response.body,
    kept: response.kept,
  };
}
