// State in the address, so that it can be sent to somebody and found again.

import { goto } from '$app/navigation';

/** Changes parts of the query; an empty value takes a part away. The place in the history stays. */
export function setQuery(url: URL, changes: Record<string, string>): Promise<void> {
  const next = new URL(url);
  for (const [name, value] of Object.entries(changes)) {
    if (value) next.searchParams.set(name, value);
    else next.searchParams.delete(name);
  }
  return goto(next, { replaceState: true, keepFocus: true, noScroll: true });
}

export const accountPath = (account: string): string => `/account?id=${encodeURIComponent(account)}`;
export const entityPath = (kind: string, value: string): string => `/entities/${encodeURIComponent(kind)}/${encodeURIComponent(value)}`;
export const appealPath = (id: string): string => `/appeals/${encodeURIComponent(id)}`;
export const rulePath = (id: string): string => `/rules/${encodeURIComponent(id)}`;
export const explorePath = (question: string): string => `/explore?q=${encodeURIComponent(question)}`;
export const budgetPath = (kind: string, name: string): string => `/budgets/${encodeURIComponent(kind)}/${encodeURIComponent(name)}`;
export const campaignPath = (id: string): string => `/campaigns/${encodeURIComponent(id)}`;
