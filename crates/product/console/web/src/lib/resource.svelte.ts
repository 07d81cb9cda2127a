// Something that is asked of the API, with what came last and what went wrong.

import { Refused } from './api';

export class Resource<T> {
  /** What came last; it stays while it is asked again, and where that fails. */
  data = $state.raw<T | undefined>();
  refused = $state.raw<Refused | undefined>();
  loading = $state(false);
  #asked = 0;

  /** Asks. An answer that a later question has overtaken is dropped. */
  async ask(question: () => Promise<T>): Promise<void> {
    const number = ++this.#asked;
    this.loading = true;
    try {
      const data = await question();
      if (number !== this.#asked) return;
      this.data = data;
      this.refused = undefined;
    } catch (error) {
      if (number !== this.#asked) return;
      this.refused = error instanceof Refused ? error : new Refused(-1, 'bug', String(error));
    } finally {
      if (number === this.#asked) this.loading = false;
    }
  }

  forget(): void {
    this.#asked++;
    this.data = undefined;
    this.refused = undefined;
    this.loading = false;
  }
}
