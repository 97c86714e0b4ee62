// How several streams share one WebSocket: the first byte of a binary message is the channel. Pure.
// Upstream: k8s.io/apimachinery/pkg/util/remotecommand/constants.go, apiserver pkg/util/wsstream.

export const channels = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 } as const;

/** The subprotocols that are spoken, the best first. Only the fifth can end stdin alone. */
export const streamProtocols: readonly string[] = ["v5.channel.k8s.io", "v4.channel.k8s.io"];

export type ChannelMessage =
  | { readonly kind: "data"; readonly channel: number; readonly data: Uint8Array }
  /** The sender has nothing more for the channel. */
  | { readonly kind: "end"; readonly channel: number };

/** Undefined for a message without a channel. */
export function readChannelMessage(message: Uint8Array): ChannelMessage | undefined {
  const [channel, argument] = message;
  if (channel === undefined) return undefined;
  if (channel === channels.close) return argument === undefined ? undefined : { kind: "end", channel: argument };
  return { kind: "data", channel, data: message.subarray(1) };
}

export function channelMessage(channel: number, data: Uint8Array): Uint8Array {
  const message = new Uint8Array(data.length + 1);
  message[0] = channel;
  message.set(data, 1);
  return message;
}

/** What stands on the error channel at the end. */
export function endStatus(exitCode: number): string {
  if (exitCode === 0) return JSON.stringify({ metadata: {}, status: "Success" });
  return JSON.stringify({
    metadata: {},
    status: "Failure",
    message: `command terminated with non-zero exit code: exit code ${exitCode}`,
    reason: "NonZeroExitCode",
    details: { causes: [{ reason: "ExitCode", message: String(exitCode) }] },
  });
}
