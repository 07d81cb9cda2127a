// Changes as they happen: the stream of decisions, and whether the server answers.

import { whenAnswered } from './api';

type State = 'off' | 'live' | 'lost';

/** How long to wait before the stream is opened anew, in milliseconds. */
const AGAIN = 2_000;

class Live {
  state = $state<State>('off');
  /** Grows with each change: whoever shows something asks again then. */
  generation = $state(0);
  /** Decisions that changed since the page was opened. */
  changed = $state(0);
  #source: EventSource | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    whenAnswered((answered) => {
      if (!answered && this.state === 'live') this.#lose();
    });
  }

  start(): void {
    if (this.#source) return;
    clearTimeout(this.#timer);
    // From now on: what was before is asked for by whoever shows it.
    const source = new EventSource('/api/v1/decisions/stream?since=now');
    this.#source = source;
    source.addEventListener('open', () => {
      // After a silence nobody knows what was missed.
      if (this.state === 'lost') this.generation++;
      this.state = 'live';
    });
    source.addEventListener('changes', (event) => {
      const { changes } = JSON.parse((event as MessageEvent<string>).data) as { changes: unknown[] };
      this.changed += changes.length;
      this.generation++;
    });
    source.addEventListener('error', () => this.#lose());
  }

  #lose(): void {
    if (this.state === 'off') this.state = 'lost';
    this.#source?.close();
    this.#source = null;
    this.state = 'lost';
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.start(), AGAIN);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#source?.close();
    this.#source = null;
    this.state = 'off';
  }
}

export const live = new Live();
