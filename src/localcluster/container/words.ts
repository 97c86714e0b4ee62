// Reads a line of the small shell that containers without machines have: words, quotes, variables, and what joins commands.
// A part of POSIX sh (XCU 2); what it does not know is a syntax error, never something else.

export type WordPart =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "variable"; readonly name: string }
  | { readonly kind: "command"; readonly line: string };

export type Word = readonly WordPart[];

export interface Command {
  readonly words: readonly Word[];
  /** Streams that are thrown away (`>/dev/null`) or go where stdout goes (`2>&1`). */
  readonly dropsStdout: boolean;
  readonly stderrTo: "stderr" | "stdout" | "nowhere";
}

export interface Step {
  /** When it runs: always, or by how the step before has ended. */
  readonly when: "always" | "success" | "failure";
  /** Each one's output is the next one's input. */
  readonly pipeline: readonly Command[];
}

export class ShellSyntaxError extends Error {
  override readonly name = "ShellSyntaxError";
}

/** The steps of a line or of several. Throws ShellSyntaxError. */
export function readLine(line: string): readonly Step[] {
  const reader = new LineReader(line);
  return reader.readAll();
}

const nameForm = /[A-Za-z_][A-Za-z0-9_]*|[?#@*0-9$]/y;

class LineReader {
  readonly #line: string;
  #at = 0;

  constructor(line: string) {
    this.#line = line;
  }

  readAll(): readonly Step[] {
    const steps: Step[] = [];
    let when: Step["when"] = "always";
    for (;;) {
      const pipeline = this.#pipeline();
      if (pipeline.length > 0) steps.push({ when, pipeline });
      else if (when !== "always") throw new ShellSyntaxError("syntax error: unexpected end of line");
      if (this.#at >= this.#line.length) return steps;
      when = this.#connector();
    }
  }

  #connector(): Step["when"] {
    for (const [text, when] of [
      ["&&", "success"],
      ["||", "failure"],
      [";", "always"],
      ["\n", "always"],
    ] as const) {
      if (this.#line.startsWith(text, this.#at)) {
        this.#at += text.length;
        return when;
      }
    }
    throw new ShellSyntaxError(`syntax error: unexpected "${this.#line.charAt(this.#at)}"`);
  }

  #pipeline(): readonly Command[] {
    const commands: Command[] = [];
    for (;;) {
      const command = this.#command();
      if (command === undefined) {
        if (commands.length > 0) throw new ShellSyntaxError("syntax error: unexpected end of pipe");
        return commands;
      }
      commands.push(command);
      if (!this.#line.startsWith("|", this.#at) || this.#line.startsWith("||", this.#at)) return commands;
      this.#at += 1;
    }
  }

  #command(): Command | undefined {
    const words: Word[] = [];
    let dropsStdout = false;
    let stderrTo: Command["stderrTo"] = "stderr";
    for (;;) {
      this.#skipBlanks();
      const redirect = this.#redirect();
      if (redirect === "drop") dropsStdout = true;
      else if (redirect !== undefined) stderrTo = redirect === "merge" ? "stdout" : "nowhere";
      else {
        const word = this.#word();
        if (word === undefined) break;
        words.push(word);
      }
    }
    return words.length === 0 ? undefined : { words, dropsStdout, stderrTo };
  }

  #skipBlanks(): void {
    const match = /(?:[ \t]|\\\n)*(?:#[^\n]*)?/y;
    match.lastIndex = this.#at;
    this.#at += match.exec(this.#line)?.[0].length ?? 0;
  }

  /** There is nowhere to write to but /dev/null. */
  #redirect(): "drop" | "merge" | "hush" | undefined {
    const form = /(?:(2>&1)|([12]?)>>?[ \t]*([^\s;&|()<>]+))/y;
    form.lastIndex = this.#at;
    const match = form.exec(this.#line);
    if (match === null) return undefined;
    const [whole, merges, stream, target] = match;
    if (merges === undefined && target !== "/dev/null") {
      throw new ShellSyntaxError(`can't create ${target ?? ""}: Read-only file system (the container is simulated)`);
    }
    this.#at += whole.length;
    if (merges !== undefined) return "merge";
    return stream === "2" ? "hush" : "drop";
  }

  #word(): Word | undefined {
    const parts: WordPart[] = [];
    let isWord = false;
    while (this.#at < this.#line.length && !/[ \t\n;&|()<>]/.test(this.#line.charAt(this.#at))) {
      isWord = true;
      this.#part(parts, false);
    }
    if (isWord) return parts;
    const char = this.#line.charAt(this.#at);
    const isJoin =
      char === "" || char === "\n" || char === ";" || char === "|" || this.#line.startsWith("&&", this.#at);
    if (!isJoin) throw new ShellSyntaxError(`syntax error: unexpected "${char}"`);
    return undefined;
  }

  #part(parts: WordPart[], isQuoted: boolean): void {
    const char = this.#line.charAt(this.#at);
    if (char === "$") {
      this.#dollar(parts);
    } else if (char === "\\") {
      const next = this.#line.charAt(this.#at + 1);
      const keeps = isQuoted && !/["\\$`\n]/.test(next);
      parts.push({ kind: "text", text: keeps ? `\\${next}` : next });
      this.#at += 2;
    } else if (!isQuoted && char === "'") {
      const end = this.#closing("'");
      parts.push({ kind: "text", text: this.#line.slice(this.#at + 1, end) });
      this.#at = end + 1;
    } else if (!isQuoted && char === '"') {
      this.#at += 1;
      parts.push({ kind: "text", text: "" });
      while (this.#line.charAt(this.#at) !== '"') {
        if (this.#at >= this.#line.length) throw new ShellSyntaxError("syntax error: unterminated quoted string");
        this.#part(parts, true);
      }
      this.#at += 1;
    } else {
      parts.push({ kind: "text", text: char });
      this.#at += 1;
    }
  }

  #closing(quote: string): number {
    const end = this.#line.indexOf(quote, this.#at + 1);
    if (end < 0) throw new ShellSyntaxError("syntax error: unterminated quoted string");
    return end;
  }

  #dollar(parts: WordPart[]): void {
    const next = this.#line.charAt(this.#at + 1);
    if (next === "(") {
      const end = this.#closingParenthesis(this.#at + 2);
      parts.push({ kind: "command", line: this.#line.slice(this.#at + 2, end) });
      this.#at = end + 1;
      return;
    }
    const braced = next === "{";
    nameForm.lastIndex = this.#at + (braced ? 2 : 1);
    const name = nameForm.exec(this.#line)?.[0];
    if (name === undefined && braced) throw new ShellSyntaxError("syntax error: bad substitution");
    if (name === undefined) {
      parts.push({ kind: "text", text: "$" });
      this.#at += 1;
      return;
    }
    this.#at = nameForm.lastIndex;
    if (braced && this.#line.charAt(this.#at) !== "}") throw new ShellSyntaxError("syntax error: bad substitution");
    if (braced) this.#at += 1;
    parts.push({ kind: "variable", name });
  }

  #closingParenthesis(from: number): number {
    let depth = 1;
    for (let at = from; at < this.#line.length; at++) {
      const char = this.#line.charAt(at);
      if (char === "(") depth += 1;
      if (char === ")") depth -= 1;
      if (depth === 0) return at;
    }
    throw new ShellSyntaxError("syntax error: unterminated $(");
  }
}
