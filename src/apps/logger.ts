// Where log lines of a process go: JSON on standard error, through pino.
import { flag } from "#cli/command.ts";
import type { Logger } from "#std/logger.ts";
import { pino, type Logger as Pino } from "pino";

const logLevels = ["debug", "info", "warn", "error", "silent"] as const;
export type LogLevel = (typeof logLevels)[number];

/** A logger that writes lines of `level` and above to standard error. */
function processLogger(level: LogLevel): Logger {
  return wrap(
    pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination({ fd: 2, sync: false })),
  );
}

/** `--log-level`, the same for all that runs. */
export function logLevelFlag(level: LogLevel): ReturnType<typeof flag.string> {
  return flag.string("Lines of this level and above are logged to standard error.", level, {
    placeholder: logLevels.join("|"),
    check: (value) => (isLogLevel(value) ? undefined : `--log-level takes ${logLevels.join(", ")}, not "${value}"`),
  });
}

/** The logger of a checked `--log-level`. */
export function loggerOf(level: string): Logger {
  return processLogger(isLogLevel(level) ? level : "info");
}

function isLogLevel(text: string): text is LogLevel {
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
