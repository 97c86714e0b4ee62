// Knows joining clusters by bootstrap tokens (`id.secret`), which are Secrets in kube-system.
// Upstream: kubernetes plugin/pkg/auth/authenticator/token/bootstrap/bootstrap.go.
import { timingSafeEqual } from "node:crypto";
import type { Secret } from "#api/kinds.ts";
import type { UserInfo } from "#machinery/http.ts";
import { type Clock, parseTime } from "#std/time.ts";
import { type TokenAuthenticator, unauthorizedError } from "../authenticators.ts";

const secretType = "bootstrap.kubernetes.io/token";
const bootstrappersGroup = "system:bootstrappers";
const tokenPattern = /^([a-z0-9]{6})\.([a-z0-9]{16})$/;
const groupPattern = /^system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]$/;

export interface BootstrapTokensOptions {
  /** The Secret of that name in kube-system. */
  readonly lookup: (name: string) => Promise<Secret | undefined>;
  readonly clock: Clock;
}

/** Tokens of another form are none of its own; those of this form are good or refused. */
export function bootstrapTokenAuthenticator({ lookup, clock }: BootstrapTokensOptions): TokenAuthenticator {
  return async (token) => {
    const match = tokenPattern.exec(token);
    if (match === null) return undefined;
    const [, id = "", secret = ""] = match;
    const user = judgeBootstrapToken(await lookup(`bootstrap-token-${id}`), id, secret, clock.now());
    if (user === undefined) throw unauthorizedError();
    return user;
  };
}

/** The user that a token stands for, or undefined where its Secret does not allow it. `now` in milliseconds. */
function judgeBootstrapToken(
  stored: Secret | undefined,
  id: string,
  secret: string,
  now: number,
): UserInfo | undefined {
  if (stored?.type !== secretType || stored.metadata.deletionTimestamp !== undefined) return undefined;
  const read = (key: string): string => Buffer.from(stored.data?.[key] ?? "", "base64").toString("utf8");
  if (read("token-id") !== id || !isSame(read("token-secret"), secret)) return undefined;
  if (read("usage-bootstrap-authentication") !== "true") return undefined;
  const expiration = read("expiration");
  if (expiration !== "" && (parseTime(expiration) ?? 0) <= now) return undefined;
  const extra = read("auth-extra-groups")
    .split(",")
    .map((group) => group.trim())
    .filter((group) => group !== "");
  if (!extra.every((group) => groupPattern.test(group))) return undefined;
  return { name: `system:bootstrap:${id}`, groups: [...new Set([bootstrappersGroup, ...extra])] };
}

function isSame(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}
