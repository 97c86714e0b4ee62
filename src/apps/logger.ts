// Where log lines of a process go: JSON on standard error, through pino.
import type { Logger } from "#std/logger.ts";
import { pino, type Logger as Pino } from "pino";

export const logLevels = ["debug", "info", "warn", "error", "silent"] as const;
export type LogLevel = (typeof logLevels)[number];

/** A logger that writes lines of `level` and above to standard error. */
export function processLogger(level: LogLevel): Logger {
  return wrap(
    pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination({ fd: 2, sync: false })),
  );
}

export function isLogLevel(text: string): text is LogLevel {
  return logLevels.some((level) => level === text);
}

function wrap(inner: Pino): Logger {
  return {
    debug: (message, fields) => {
      inner.debug(fields ?? {}, message);
    },
    info: (message, fields) => {
      inner.info(fields ?? {}, message);
    },
    warn: (message, fields) => {
      inner.warn(fields ?? {}, message);
    },
    error: (message, fields) => {
      inner.error(fields ?? {}, message);
    },
    child: (fields) => wrap(inner.child(fields)),
  };
}
