// Numbers and times in words.

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const two = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });

export const count = (value: number): string => whole.format(value);

/** A number with its unit: "1 account", "25,000 accounts". */
export const of = (value: number, one: string, many = `${one}s`): string => `${whole.format(value)} ${value === 1 ? one : many}`;

export const share = (value: number): string => {
  if (value > 0 && value < 0.001) return 'under 0.1 %';
  return `${two.format(value * 100)} %`;
};

/** An e-value, which may be very large. */
export function large(value: number): string {
  if (!Number.isFinite(value)) return 'beyond what is counted';
  if (value >= 1e6) {
    const power = Math.floor(Math.log10(value));
    return `${(value / 10 ** power).toFixed(1)} × 10${superscript(power)}`;
  }
  return value >= 100 ? whole.format(value) : two.format(value);
}

const superscript = (value: number): string => [...String(value)].map((digit) => '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(digit)] ?? '⁻').join('');

export const small = (value: number): string => two.format(value);

/** Seconds in words, to one unit. */
export function duration(seconds: number): string {
  const units: [number, string][] = [
    [86_400, 'day'],
    [3_600, 'hour'],
    [60, 'minute'],
  ];
  for (const [length, name] of units) {
    if (seconds >= length) return of(Math.round(seconds / length), name);
  }
  return of(Math.round(seconds), 'second');
}

export function median(values: number[]): number | null {
  if (values.length === 0) return null;
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const high = sorted[middle] ?? 0;
  return sorted.length % 2 ? high : ((sorted[middle - 1] ?? high) + high) / 2;
}

/** A day since 1970 as a date. */
export const date = (day: number): string => new Date(day * 86_400_000).toISOString().slice(0, 10);
