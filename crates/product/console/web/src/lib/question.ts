// Questions as text: their terms, and how a term is added, turned round or taken away. The server alone reads what they mean.

import { plain } from './text';

/** The terms of a question: spaces part them, but for those between quotes. */
export function terms(question: string): string[] {
  return question.match(/(?:"(?:\\.|[^"\\])*"?|[^\s"])+/gu) ?? [];
}

/** A text as the value of a term. */
export function literal(text: string): string {
  if (/^[\w\-./:@+=,%]+$/u.test(text) && text !== 'none') return text;
  return `"${plain(text.replace(/["\\]/gu, '\\$&'))}"`;
}

export const negated = (term: string): string => (term.startsWith('-') ? term.slice(1) : `-${term}`);

/** A question that asks for a term too, and no longer for its opposite. */
export function withTerm(question: string, term: string): string {
  const rest = terms(question).filter((one) => one !== term && one !== negated(term));
  const at = rest.findIndex((one) => /^(from|to):/.test(one));
  return (at < 0 ? [...rest, term] : [...rest.slice(0, at), term, ...rest.slice(at)]).join(' ');
}

export const withoutTerm = (question: string, term: string): string => terms(question).filter((one) => one !== term).join(' ');

/** A question of another time; without its beginning or end where there is none. */
export function withTime(question: string, from: string | null, to: string | null): string {
  const rest = terms(question).filter((one) => !/^(from|to):/.test(one));
  return [...rest, ...(from ? [`from:${from}`] : []), ...(to ? [`to:${to}`] : [])].join(' ');
}

/** The field in which items of a kind of evidence are; none of those that no exchange shows. */
const FIELDS: Record<string, string> = { ip: 'ip', frame: 'frame', phrase: 'phrase', root: 'root', answer: 'quote' };

/** The term that asks for an item of evidence, where there is one. */
export function itemTerm(kind: string, value: string): string | null {
  const field = Object.hasOwn(FIELDS, kind) ? FIELDS[kind] : undefined;
  return field && /^[0-9a-f]{16}$/.test(value) ? `${field}:${value}` : null;
}

/** A moment as it stands in a question. */
export const moment = (milliseconds: number): string => new Date(milliseconds).toISOString().replace('.000Z', 'Z');
