// The backtest of the rules that runs, or ran last: asked for again while it runs.

import { untrack } from 'svelte';
import { api, got, Refused, type Backtest } from './api';
import { Resource } from './resource.svelte';

/** How often it is looked how far it is, in milliseconds. */
const LOOK = 1_000;

export class LastBacktest extends Resource<Backtest | null> {
  look(): void {
    void this.ask(async () => {
      try {
        return await got(api.GET('/api/v1/backtest'));
      } catch (error) {
        if (error instanceof Refused && error.status === 404) return null;
        throw error;
      }
    });
  }

  /** Looks, and goes on while it runs, until what it returns is called. */
  follow(): () => void {
    untrack(() => this.look());
    const timer = setInterval(() => {
      if (this.data?.state === 'running' && document.visibilityState === 'visible') this.look();
    }, LOOK);
    return () => clearInterval(timer);
  }
}
