// What the measurements share: how a figure is noted, a median, and many acts at once.

/** Takes a figure into the table; the goal is told beside it, and not checked. */
export type Note = (what: string, figure: number, unit: string, goal?: string) => void;

export const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? 0;

/** Acts with each index below `count`, in order, `atOnce` of them at a time. */
export async function inTurns(count: number, atOnce: number, act: (index: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const one = async (): Promise<void> => {
    while (next < count) await act(next++);
  };
  await Promise.all(Array.from({ length: atOnce }, one));
}
