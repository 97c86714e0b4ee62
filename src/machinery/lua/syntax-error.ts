// What is wrong with a script's text, and where.

export class LuaSyntaxError extends Error {
  readonly line: number;

  constructor(chunk: string, line: number, text: string) {
    super(`${chunk}:${line}: ${text}`);
    this.line = line;
  }
}
