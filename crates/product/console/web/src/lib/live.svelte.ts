// Changes as they happen: the stream of decisions, and whether the server answers.

import { api, got, Refused, whenAnswered } from './api';

/** `off`: nothing is told as it happens; `live`: it is; `lost`: the server does not answer. */
type State = 'off' | 'live' | 'lost';

/** How long to wait before it is tried again, in milliseconds. */
const AGAIN = 2_000;

class Live {
  state = $state<State>('off');
  /** Grows with each change: whoever shows something asks again then. */
  generation = $state(0);
  /** Decisions that changed since the page was opened. */
  changed = $state(0);
  #wanted = false;
  #source: EventSource | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    whenAnswered((answered) => {
      if (!answered && this.#wanted && this.state !== 'lost') this.#lose();
    });
  }

  start(): void {
    this.#wanted = true;
    if (!this.#source) this.#open();
  }

  stop(): void {
    this.#wanted = false;
    this.#close();
    this.state = 'off';
  }

  #close(): void {
    clearTimeout(this.#timer);
    this.#source?.close();
    this.#source = null;
  }

  #open(): void {
    this.#close();
    // From now on: what was before is asked for by whoever shows it.
    const source = new EventSource('/api/v1/decisions/stream?since=now');
    this.#source = source;
    source.addEventListener('open', () => (this.state = 'live'));
    source.addEventListener('changes', (event) => {
      const { changes } = JSON.parse((event as MessageEvent<string>).data) as { changes: unknown[] };
      this.changed += changes.length;
      this.generation++;
    });
    source.addEventListener('error', () => {
      this.#close();
      void this.#check();
    });
  }

  #lose(): void {
    this.state = 'lost';
    this.#close();
    this.#timer = setTimeout(() => void this.#check(), AGAIN);
  }

  /** A stream does not say why it failed: the session is asked for, which tells whether it has ended. */
  async #check(): Promise<void> {
    try {
      await got(api.GET('/api/v1/session'));
    } catch (error) {
      // Who is signed out is led away; where nothing answers it is tried again.
      if (error instanceof Refused && error.status === 401) return;
      if (this.#wanted) this.#lose();
      return;
    }
    if (!this.#wanted) return;
    // After a silence nobody knows what was missed.
    if (this.state === 'lost') {
      this.generation++;
      this.#open();
    } else {
      this.#timer = setTimeout(() => this.#open(), AGAIN);
    }
    this.state = 'off';
  }
}

export const live = new Live();
