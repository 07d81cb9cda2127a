// What the reader has chosen: kept in the browser, and of no interest to the server.

type Theme = 'system' | 'light' | 'dark';
type Zone = 'local' | 'utc';

function read<T extends string>(name: string, known: readonly T[], usual: T): T {
  try {
    const value = localStorage.getItem(name);
    return known.find((one) => one === value) ?? usual;
  } catch {
    // A browser that keeps nothing.
    return usual;
  }
}

function keep(name: string, value: string): void {
  try {
    localStorage.setItem(name, value);
  } catch {
    // A browser that keeps nothing.
  }
}

class Prefs {
  theme = $state<Theme>(read('theme', ['system', 'light', 'dark'], 'system'));
  zone = $state<Zone>(read('zone', ['local', 'utc'], 'local'));

  setTheme(theme: Theme): void {
    this.theme = theme;
    keep('theme', theme);
    show(theme);
  }

  nextTheme(): void {
    const isDark =
      this.theme === 'dark' || (this.theme === 'system' && matchMedia('(prefers-color-scheme: dark)').matches);
    this.setTheme(isDark ? 'light' : 'dark');
  }

  nextZone(): void {
    this.zone = this.zone === 'local' ? 'utc' : 'local';
    keep('zone', this.zone);
  }
}

function show(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

export const prefs = new Prefs();
show(prefs.theme);
