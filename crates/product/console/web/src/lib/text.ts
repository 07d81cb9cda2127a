// Texts that an adversary may have written: shown as text, with what hides or turns it escaped.

/** What a screen would not show, or would do something at: controls, separators of lines, marks of direction, characters without
 * width, tags, and halves of characters. */
const HIDDEN =
  // eslint-disable-next-line no-control-regex
  /[\u0000-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb]|[\u{e0000}-\u{e0fff}]|\p{Cs}/gu;

export interface Part {
  text: string;
  /** The name of the character that the text stands for; none of what stands for itself. */
  hidden?: string;
}

const code = (char: string): string => (char.codePointAt(0) ?? 0).toString(16).padStart(4, '0');

/** A text in parts: what is shown as it is, and escapes. */
export function parts(text: string): Part[] {
  const found: Part[] = [];
  let from = 0;
  for (const match of text.matchAll(HIDDEN)) {
    if (match.index > from) found.push({ text: text.slice(from, match.index) });
    found.push({ text: `\\u{${code(match[0])}}`, hidden: `U+${code(match[0]).toUpperCase()}` });
    from = match.index + match[0].length;
  }
  if (from < text.length || found.length === 0) found.push({ text: text.slice(from) });
  return found;
}

/** The same as one text: for labels and titles. */
export function plain(text: string): string {
  return text.replace(HIDDEN, (char) => `\\u{${code(char)}}`);
}

/** The same for a text of lines: their ends and tabs stay. */
export function plainLines(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(HIDDEN, (char) => (char === '\n' || char === '\t' ? char : `\\u{${code(char)}}`));
}

/** A text that is cut where it is longer. */
export function short(text: string, most: number): string {
  const chars = [...text];
  return chars.length <= most ? text : `${chars.slice(0, most - 1).join('')}…`;
}

/** A name of results in words. */
export function spaced(name: string): string {
  return name.replaceAll('_', ' ');
}

/** A cell of CSV that no spreadsheet computes. */
export function cell(value: string | number): string {
  const text = String(value);
  const safe = /^[=+\-@\t\r\n]/.test(text) ? `'${text}` : text;
  return `"${safe.replaceAll('"', '""')}"`;
}

export function csv(rows: (string | number)[][]): string {
  return rows.map((row) => row.map(cell).join(',')).join('\r\n') + '\r\n';
}

/** Hands a text to the reader as a file. */
export function download(name: string, text: string, kind: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: kind }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
