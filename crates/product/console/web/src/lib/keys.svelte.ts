// Keys: what each does is said where it is bound, and listed for the reader.

import { untrack } from 'svelte';

export interface Binding {
  /** A key as the browser names it, or two after each other: `g q`. */
  keys: string;
  what: string;
  act: () => void;
}

const WAIT = 1_200;

class Keys {
  #groups = $state.raw<readonly (readonly Binding[])[]>([]);
  #held = '';
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** What is bound, that of the page before what is bound everywhere. */
  get bindings(): Binding[] {
    return this.#groups.toReversed().flat();
  }

  /** Binds keys until what it returns is called. */
  bind(group: readonly Binding[]): () => void {
    // Whoever binds does not wait for what others bind.
    untrack(() => (this.#groups = [...this.#groups, group]));
    return () => {
      untrack(() => (this.#groups = this.#groups.filter((one) => one !== group)));
    };
  }

  handle(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const target = event.target as HTMLElement | null;
    if (target?.closest('input, textarea, select, [contenteditable], dialog')) return;
    // A button or a link that has the focus is pressed by these.
    if (target?.closest('button, a, summary') && (event.key === 'Enter' || event.key === ' ')) return;
    const sequence = this.#held ? `${this.#held} ${event.key}` : event.key;
    clearTimeout(this.#timer);
    this.#held = '';
    const found = this.bindings;
    const binding = found.find((one) => one.keys === sequence) ?? found.find((one) => one.keys === event.key);
    if (binding) {
      event.preventDefault();
      binding.act();
    } else if (found.some((one) => one.keys.startsWith(`${event.key} `))) {
      this.#held = event.key;
      this.#timer = setTimeout(() => (this.#held = ''), WAIT);
    }
  }
}

export const keys = new Keys();
