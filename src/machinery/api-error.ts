// The one error that crosses layers. The server makes it a Status, clients make a Status it.
// Upstream: k8s.io/apimachinery/pkg/api/errors/errors.go and meta/v1 types.go (StatusReason).

const codes = {
  BadRequest: 400,
  Unauthorized: 401,
  Forbidden: 403,
  /** Karmada's: a FederatedResourceQuota does not allow it. */
  QuotaExceeded: 403,
  NotFound: 404,
  MethodNotAllowed: 405,
  NotAcceptable: 406,
  AlreadyExists: 409,
  Conflict: 409,
  Gone: 410,
  Expired: 410,
  RequestEntityTooLarge: 413,
  UnsupportedMediaType: 415,
  Invalid: 422,
  TooManyRequests: 429,
  InternalError: 500,
  ServerTimeout: 500,
  StorageFull: 507,
  ServiceUnavailable: 503,
  Timeout: 504,
  Unknown: 500,
} as const;

export type Reason = keyof typeof codes;

export interface StatusCause {
  readonly reason?: string;
  readonly message?: string;
  readonly field?: string;
}

export interface StatusDetails {
  readonly name?: string;
  readonly group?: string;
  /** The kind in Invalid errors, the plural resource name in the others, as upstream. */
  readonly kind?: string;
  readonly uid?: string;
  readonly causes?: readonly StatusCause[];
  readonly retryAfterSeconds?: number;
}

/** metav1.Status as sent on the wire. */
export interface Status {
  readonly kind: "Status";
  readonly apiVersion: "v1";
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly status: "Success" | "Failure";
  readonly message?: string;
  readonly reason?: string;
  readonly details?: StatusDetails;
  readonly code: number;
}

export interface ApiErrorOptions extends ErrorOptions {
  readonly details?: StatusDetails;
  /** The HTTP code, where it is not the reason's own. */
  readonly code?: number;
}

/** A failed request. `reason` decides what callers do; `message` is the wire text. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly reason: Reason;
  readonly code: number;
  readonly details: StatusDetails | undefined;

  constructor(reason: Reason, message: string, options: ApiErrorOptions = {}) {
    super(message, options);
    this.reason = reason;
    this.code = options.code ?? codes[reason];
    this.details = options.details;
  }

  /** The Status that tells a client of this error. */
  toStatus(): Status {
    return {
      kind: "Status",
      apiVersion: "v1",
      metadata: {},
      status: "Failure",
      message: this.message,
      ...(this.reason === "Unknown" ? {} : { reason: this.reason }),
      ...(this.details === undefined ? {} : { details: this.details }),
      code: this.code,
    };
  }
}

/** The error that a failure Status (or, without one, an HTTP code and text) tells of. */
export function errorFromStatus(status: Partial<Status>, httpCode: number): ApiError {
  const reason = isReason(status.reason) ? status.reason : reasonOfCode(httpCode);
  return new ApiError(reason, status.message ?? `the server answered ${String(httpCode)}`, {
    code: status.code ?? httpCode,
    ...(status.details === undefined ? {} : { details: status.details }),
  });
}

/** Whether `error` is an ApiError of one of `reasons`. */
export function isApiError(error: unknown, ...reasons: readonly Reason[]): error is ApiError {
  return error instanceof ApiError && (reasons.length === 0 || reasons.includes(error.reason));
}

/** The text of anything thrown. */
export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function isReason(text: string | undefined): text is Reason {
  return text !== undefined && Object.hasOwn(codes, text);
}

function reasonOfCode(code: number): Reason {
  switch (code) {
    case 400:
      return "BadRequest";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "NotFound";
    case 405:
      return "MethodNotAllowed";
    case 406:
      return "NotAcceptable";
    case 409:
      return "Conflict";
    case 410:
      return "Expired";
    case 413:
      return "RequestEntityTooLarge";
    case 415:
      return "UnsupportedMediaType";
    case 422:
      return "Invalid";
    case 429:
      return "TooManyRequests";
    case 503:
      return "ServiceUnavailable";
    case 504:
      return "Timeout";
    default:
      return "InternalError";
  }
}
