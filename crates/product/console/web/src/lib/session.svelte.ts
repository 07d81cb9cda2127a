// Who is signed in.

import { api, got, Refused, setCsrf, type Role, type SessionView } from './api';

class Session {
  current = $state.raw<SessionView | null>(null);
  /** Whether it is known yet. */
  known = $state(false);

  may(role: Role): boolean {
    const roles = this.current?.roles ?? [];
    return role === 'reader' || roles.includes(role) || roles.includes('admin');
  }

  take(view: SessionView | null): void {
    this.current = view;
    this.known = true;
    setCsrf(view?.csrf);
  }

  /** Asks the server who this is. */
  async look(): Promise<void> {
    try {
      this.take(await got(api.GET('/api/v1/session')));
    } catch (error) {
      if (error instanceof Refused && error.status === 401) this.take(null);
      else throw error;
    }
  }

  async signIn(who: string, password: string, code: string): Promise<void> {
    this.take(await got(api.POST('/api/v1/sessions', { body: { who, password, code } })));
  }

  async signOut(): Promise<void> {
    await got(api.DELETE('/api/v1/session'));
    this.take(null);
  }
}

export const session = new Session();
