// The ports of authentication and authorization. Upstream: k8s.io/apiserver/pkg/authorization/authorizer/interfaces.go.
import type { ApiRequest, UserInfo } from "#machinery/http.ts";

/** What a request wants to do. Resource fields are empty for non-resource requests. */
export interface Attributes {
  readonly user: UserInfo;
  /** get, list, watch, create, update, patch, delete, deletecollection; for non-resource paths the lower-case method. */
  readonly verb: string;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  readonly path: string;
  readonly isResource: boolean;
}

export interface Decision {
  readonly allowed: boolean;
  /** Why; shown in SubjectAccessReview answers and appended to 403 messages when not empty. */
  readonly reason: string;
}

export type Authorizer = (attributes: Attributes) => Decision | Promise<Decision>;

/** The requester, or undefined when the request carries no credentials of this kind. Throws Unauthorized for bad ones. */
export type Authenticator = (request: ApiRequest) => UserInfo | undefined | Promise<UserInfo | undefined>;
