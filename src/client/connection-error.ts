// What a failed connection means to a user: which address, what went wrong, what probably mends it. Pure.
import { ApiError, errorText } from "#machinery/api-error.ts";
import { isString } from "#machinery/guards.ts";

interface Explanation {
  readonly what: string;
  readonly fix: string;
}

const startServer = "is the API server running, and is this its address?";
const checkAuthority = "give the certificate authority that signed it (certificate-authority-data in the kubeconfig)";
const checkNetwork = "check the address, the network and any firewall between";

const explanations: Readonly<Record<string, Explanation>> = {
  ECONNREFUSED: { what: "connection refused", fix: startServer },
  ECONNRESET: { what: "connection reset", fix: "the server closed the connection; it may be restarting" },
  EPIPE: { what: "connection closed", fix: "the server closed the connection; it may be restarting" },
  UND_ERR_SOCKET: { what: "connection closed", fix: "the server closed the connection; it may be restarting" },
  ENOTFOUND: { what: "no such host", fix: "check the host name in the server's address" },
  EAI_AGAIN: { what: "the host name could not be looked up", fix: "check the network and the name service" },
  ETIMEDOUT: { what: "connection timed out", fix: checkNetwork },
  UND_ERR_CONNECT_TIMEOUT: { what: "connection timed out", fix: checkNetwork },
  EHOSTUNREACH: { what: "no route to host", fix: checkNetwork },
  ENETUNREACH: { what: "network is unreachable", fix: checkNetwork },
  DEPTH_ZERO_SELF_SIGNED_CERT: { what: "the server's certificate is signed by itself", fix: checkAuthority },
  SELF_SIGNED_CERT_IN_CHAIN: {
    what: "the server's certificate is signed by an unknown authority",
    fix: checkAuthority,
  },
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: {
    what: "the server's certificate is signed by an unknown authority",
    fix: checkAuthority,
  },
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: {
    what: "the server's certificate is signed by an unknown authority",
    fix: checkAuthority,
  },
  CERT_SIGNATURE_FAILURE: { what: "the server's certificate is signed by another authority", fix: checkAuthority },
  CERT_HAS_EXPIRED: { what: "the server's certificate has expired", fix: "renew it, and check this machine's clock" },
  CERT_NOT_YET_VALID: { what: "the server's certificate is not valid yet", fix: "check this machine's clock" },
  ERR_TLS_CERT_ALTNAME_INVALID: {
    what: "the server's certificate is for other names",
    fix: "use a name that it has, or set tls-server-name to one",
  },
  ERR_SSL_WRONG_VERSION_NUMBER: { what: "the server does not speak TLS", fix: "is this its secure port?" },
  ERR_SSL_PACKET_LENGTH_TOO_LONG: { what: "the server does not speak TLS", fix: "is this its secure port?" },
};

/** What the HTTP parser throws; its codes are not always filled in. */
const parserError = "HTTPParserError";
const notHttp: Explanation = {
  what: "the server does not speak HTTP",
  fix: "is this its address, and https where it should be?",
};

const answerTimeouts = new Set(["UND_ERR_HEADERS_TIMEOUT", "UND_ERR_BODY_TIMEOUT"]);

/** The ApiError for an `error` on the way to or from `server`. */
export function connectionError(error: unknown, server: string): ApiError {
  const code = codeOf(error);
  if (answerTimeouts.has(code)) {
    return new ApiError("Timeout", `${server} did not answer in time`, { cause: error });
  }
  const listed = Object.hasOwn(explanations, code) ? explanations[code] : undefined;
  const known = code === parserError ? notHttp : listed;
  const text = known === undefined ? textOf(error) : `${known.what} (${known.fix})`;
  return new ApiError("ServiceUnavailable", `unable to reach ${server}: ${text}`, { cause: error });
}

/** The code of the innermost error that has one: libraries wrap, and several addresses make an AggregateError. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return "";
  const inner = error instanceof AggregateError ? codeOf(error.errors[0]) : codeOf(error.cause);
  if (inner !== "") return inner;
  if (error.name === parserError) return parserError;
  return "code" in error && isString(error.code) ? error.code : "";
}

function textOf(error: unknown): string {
  const text = errorText(error);
  return text === "" ? "the connection failed" : text;
}
