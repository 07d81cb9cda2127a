// What was done just now, with a way back where there is one.

export interface Toast {
  id: number;
  text: string;
  bad: boolean;
  undo?: () => void;
}

const SHOWN = 8_000;

class Toasts {
  all = $state.raw<Toast[]>([]);
  #next = 1;

  say(text: string, more: { bad?: boolean; undo?: () => void } = {}): void {
    const id = this.#next++;
    this.all = [...this.all.slice(-2), { id, text, bad: more.bad ?? false, undo: more.undo }];
    setTimeout(() => this.drop(id), more.undo ? 2 * SHOWN : SHOWN);
  }

  drop(id: number): void {
    this.all = this.all.filter((one) => one.id !== id);
  }
}

export const toasts = new Toasts();
