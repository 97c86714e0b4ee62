// What every request goes through, outermost first: an id, the request line, who, whether, and then its handler; every
// error becomes a Status. Upstream: k8s.io/apiserver/pkg/server/config.go (DefaultBuildHandlerChain).
import { ApiError } from "#machinery/api-error.ts";
import type { ApiRequest, ApiResponse, RequestHandler, UserInfo } from "#machinery/http.ts";
import type { Attributes, Authenticator } from "../auth/authorizer.ts";
import { forbiddenError } from "../auth/forbidden.ts";
import { withAuthenticatedGroup } from "../auth/users.ts";
import type { RequestContext, ServerCore } from "./context.ts";
import { parseRequestInfo, type RequestInfo } from "./request-info.ts";
import { errorResponse, isServerFault } from "./respond.ts";
import { Warnings } from "./warnings.ts";

export interface PipelineOptions {
  readonly core: ServerCore;
  readonly authenticate: Authenticator;
  dispatch(context: RequestContext): Promise<ApiResponse> | ApiResponse;
}

/** The handler of a server. It never throws. */
export function createPipeline(options: PipelineOptions): RequestHandler {
  return async (request) => {
    const { core } = options;
    const warnings = new Warnings();
    let response: ApiResponse;
    try {
      response = await answer(options, request, warnings);
    } catch (error) {
      if (isServerFault(error)) core.log.error("request failed", { method: request.method, path: request.path, error });
      response = errorResponse(error);
    }
    return withCommonHeaders(response, request, warnings, core);
  };
}

async function answer(options: PipelineOptions, request: ApiRequest, warnings: Warnings): Promise<ApiResponse> {
  const { core } = options;
  const info = parseRequestInfo(request.method, request.path);
  const user = await authenticated(options.authenticate, request);
  const attributes = attributesOf(info, user);
  const decision = await core.authorize(attributes);
  if (!decision.allowed) throw forbiddenError(attributes, decision.reason);
  return options.dispatch({ core, request, info, user, signal: request.signal, warnings });
}

async function authenticated(authenticate: Authenticator, request: ApiRequest): Promise<UserInfo> {
  const user = request.user ?? (await authenticate(request));
  if (user === undefined) throw new ApiError("Unauthorized", "Unauthorized");
  return withAuthenticatedGroup(user);
}

export function attributesOf(info: RequestInfo, user: UserInfo): Attributes {
  const { verb, group, version, resource, subresource, namespace, name, path, isResource } = info;
  return { user, verb, group, version, resource, subresource, namespace, name, path, isResource };
}

function withCommonHeaders(
  response: ApiResponse,
  request: ApiRequest,
  warnings: Warnings,
  { random }: ServerCore,
): ApiResponse {
  const warning = warnings.headers();
  return {
    ...response,
    headers: {
      "audit-id": request.headers["audit-id"] ?? random.uuid(),
      "cache-control": "no-cache, private",
      ...response.headers,
      ...(warning === undefined ? {} : { warning }),
    },
  };
}
