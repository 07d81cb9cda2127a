// The API, with the types of its own document.

import createClient from 'openapi-fetch';
import type { components, paths } from './schema.d.ts';

type Schemas = components['schemas'];
export type Campaign = Schemas['Campaign'];
export type Member = Schemas['Member'];
export type Charts = Schemas['Charts'];
export type SharedItem = Schemas['SharedItem'];
export type CaseView = Schemas['CaseView'];
export type CaseInFull = Schemas['CaseInFull'];
export type ActView = Schemas['ActView'];
export type ActRequest = Schemas['ActRequest'];
export type Entity = Schemas['Entity'];
export type EntityAccount = Schemas['EntityAccount'];
export type Appeal = Schemas['AppealView'];
export type AppealActRequest = Schemas['AppealActRequest'];
export type Lead = Schemas['Lead'];
export type AccountVerdict = Schemas['AccountVerdict'];
export type Verdict = Schemas['Verdict'];
export type Budget = Schemas['BudgetView'];
export type BudgetAmount = Schemas['BudgetAmount'];
export type BudgetsOfOne = Schemas['BudgetsOfOne'];
export type Rule = Schemas['RuleView'];
export type RuleInFull = Schemas['RuleInFull'];
export type Backtest = Schemas['BacktestView'];
export type Draft = Schemas['DraftView'];
export type DraftFileText = Schemas['DraftFileText'];
export type DraftCheck = Schemas['CheckView'];
export type DraftDiff = Schemas['DiffView'];
export type DraftActRequest = Schemas['DraftActRequest'];
export type Fault = Schemas['FaultView'];
export type Deployment = Schemas['DeploymentView'];
export type Audited = Schemas['Audited'];
export type Summary = Schemas['Summary'];
export type Health = Schemas['Health'];
export type SessionView = Schemas['SessionView'];
export type Role = Schemas['Role'];
export type Explored = Schemas['Explored'];
export type Field = Schemas['FieldView'];
export type Saved = Schemas['SavedView'];
export type SavedKind = Schemas['SavedKind'];
export type Suggestion = Schemas['Suggestion'];

/** Why something was not done, as the API tells it; status 0 where the server did not answer. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
    readonly retryAfter: number | null = null,
    /** Which characters of a question cannot be read. */
    readonly place: { start: number; end: number } | null = null,
  ) {
    super(detail);
  }
}

/** What a change under a cookie needs beside it. */
let csrf = '';
export function setCsrf(token: string | null | undefined): void {
  csrf = token ?? '';
}

/** Called where the session is none any more. */
let onSignedOut = (): void => {};
export function whenSignedOut(act: () => void): void {
  onSignedOut = act;
}

/** Called with whether the server answered. */
let onAnswer = (_: boolean): void => {};
export function whenAnswered(act: (answered: boolean) => void): void {
  onAnswer = act;
}

export const api = createClient<paths>({ baseUrl: '/' });

api.use({
  onRequest({ request }) {
    if (request.method !== 'GET' && csrf) request.headers.set('x-csrf-token', csrf);
    return request;
  },
});

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** What an answer holds. Throws [Refused] where it holds a problem, or none came. */
export async function held<T>(asked: Promise<Answer<T>>): Promise<{ data: T; response: Response }> {
  let answer: Answer<T>;
  try {
    answer = await asked;
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    onAnswer(false);
    throw new Refused(0, 'no_answer', 'the server does not answer');
  }
  onAnswer(true);
  const { data, error, response } = answer;
  if (response.ok) return { data: data as T, response };
  const told = (typeof error === 'object' && error !== null ? error : {}) as { code?: string; detail?: string; place?: { start: number; end: number } };
  if (response.status === 401 && told.code !== 'not_signed_in') onSignedOut();
  const wait = Number(response.headers.get('retry-after'));
  const detail = told.detail ?? `the server answered with status ${response.status}`;
  throw new Refused(response.status, told.code ?? 'unknown', detail, Number.isFinite(wait) && wait > 0 ? wait : null, told.place ?? null);
}

/** What an answer holds, without its headers. */
export async function got<T>(asked: Promise<Answer<T>>): Promise<T> {
  return (await held(asked)).data;
}

/** All entries of a list, page after page, up to a bound. */
export async function all<T>(
  page: (after: string | undefined) => Promise<{ items: T[]; next?: string | null }>,
  most = 5_000,
): Promise<T[]> {
  const items: T[] = [];
  let after: string | undefined;
  do {
    const one = await page(after);
    items.push(...one.items);
    after = one.next ?? undefined;
  } while (after && items.length < most);
  return items;
}

export const campaigns = (): Promise<Campaign[]> =>
  all((after) => got(api.GET('/api/v1/campaigns', { params: { query: { limit: 1_000, after } } })));
export const cases = (): Promise<CaseView[]> =>
  all((after) => got(api.GET('/api/v1/cases', { params: { query: { limit: 1_000, after } } })));

/** What is asked for; null where there is no such thing. */
export async function orNull<T>(asked: Promise<T>): Promise<T | null> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof Refused && error.status === 404) return null;
    throw error;
  }
}

/** A case; null where it was not opened. */
export const caseOf = (id: string): Promise<CaseInFull | null> => orNull(got(api.GET('/api/v1/cases/{id}', { params: { path: { id } } })));

/** The draft of the rules; null where there is none. */
export const draftOf = (): Promise<Draft | null> => orNull(got(api.GET('/api/v1/draft')));
/** The last deployment of a draft; null where nothing was deployed. */
export const deploymentOf = (): Promise<Deployment | null> => orNull(got(api.GET('/api/v1/deployment')));

/** What a change names: the version that whoever changes has seen. */
export const seen = (version: number): { 'if-match': string } => ({ 'if-match': `"${version}"` });

/** Acts on a case. `saw` is the version that whoever acts looked at; null where the case is to be opened. */
export function act(id: string, saw: number | null, body: ActRequest): Promise<CaseInFull> {
  const headers = saw === null ? {} : { 'if-match': `"${saw}"` };
  return got(api.POST('/api/v1/cases/{id}/acts', { params: { path: { id } }, headers, body }));
}

/** Appeals that nobody has decided, those that are due first. */
export const undecided = (): Promise<Appeal[]> =>
  all((after) => got(api.GET('/api/v1/appeals', { params: { query: { limit: 1_000, state: 'undecided', after } } })));

/** Acts on an appeal. `saw` is the version of its case that whoever acts looked at. */
export function actOnAppeal(id: string, saw: number, body: AppealActRequest): Promise<Appeal> {
  const headers = { 'if-match': `"${saw}"` };
  return got(api.POST('/api/v1/appeals/{id}/acts', { params: { path: { id } }, headers, body }));
}
