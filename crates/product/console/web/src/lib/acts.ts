// Acts on cases in words, and the way back from each.

import type { ActRequest, ActView, CaseInFull, CaseView } from './api';

/** What somebody did, as the rest of a sentence that begins with their name. */
export function said(act: ActView): string {
  switch (act.act) {
    case 'open':
      return 'opened the case';
    case 'acknowledge':
      return 'is looking at it';
    case 'assign':
      return act.text ? `gave it to ${act.text}` : 'gave it to nobody';
    case 'note':
      return 'wrote a note';
    case 'cut':
      return 'cut accounts from it';
    case 'pin':
      return 'pinned accounts as one operation';
    case 'clear':
      return 'cleared it: the group is held to be honest';
    case 'propose':
      return `proposed the measure “${act.text ?? ''}”`;
    case 'approve':
      return `approved the measure of act ${act.of ?? ''}`;
    case 'withdraw':
      return `withdrew act ${act.of ?? ''}`;
    case 'close':
      return 'closed it';
    case 'reopen':
      return 'opened it again';
    case 'appeal':
      return 'wrote down an appeal';
    case 'assign_appeal':
      return `gave the appeal of act ${act.of ?? ''} to ${act.text ?? ''}`;
    case 'attach_to_appeal':
      return `attached something to the appeal of act ${act.of ?? ''}`;
    case 'decide_appeal':
      return `decided the appeal of act ${act.of ?? ''}: ${act.text ?? ''}`;
    default:
      return act.act.replaceAll('_', ' ');
  }
}

/** The act that takes back the last one of a case; none where there is no way back. */
export function undoOf(file: CaseInFull): ActRequest | null {
  const last = file.acts.at(-1);
  if (!last) return null;
  const why = 'undone at once by whoever did it';
  switch (last.act) {
    case 'cut':
    case 'pin':
    case 'propose':
      return { act: 'withdraw', of: last.number, why };
    case 'clear':
    case 'close':
      return { act: 'reopen', why };
    case 'assign': {
      const before = file.acts.findLast((act) => act.act === 'assign' && act.number < last.number);
      return { act: 'assign', to: before?.text ?? null };
    }
    default:
      return null;
  }
}

/** Whether a measure waits for a second person. */
export const waits = (file: CaseView): boolean => Boolean(file.enforcement && !file.enforcement.approved_by);

/** Names that differ in letters' case alone are one person's. */
export const isSame = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();

/** How a case stands, in a word or two; `not opened` where there is none. */
export function standing(file: CaseView | null | undefined): string {
  if (!file) return 'not opened';
  if (waits(file)) return 'waits for approval';
  if (file.cleared) return 'cleared';
  return file.phase;
}

export const MEASURES: { name: string; what: string }[] = [
  { name: 'cap', what: 'one budget for all of its accounts together' },
  { name: 'limit', what: 'what answers reveal is limited' },
  { name: 'verify', what: 'its accounts are asked who they are' },
  { name: 'deny', what: 'its accounts are refused' },
];
