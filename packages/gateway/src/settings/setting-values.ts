import type { ErrorDetail } from '@gatescope/base';
import { nearest } from '../config/nearest.ts';

/**
 * The settings as somebody gave them: `kong.conf` keys from a file, overridden by `KONG_*` variables. Every reader notes what is wrong
 * and goes on with the default, so that all mistakes are told at once.
 */
export class SettingValues {
  readonly errors: ErrorDetail[] = [];
  readonly #values = new Map<string, string>();
  readonly #read = new Set<string>();

  constructor(env: Readonly<Record<string, string | undefined>>, confText: string | null) {
    if (confText !== null) this.#readFile(confText);
    for (const [name, value] of Object.entries(env)) {
      if (name.startsWith('KONG_') && value !== undefined)
        this.#values.set(name.slice(5).toLowerCase(), value.trim());
    }
  }

  /** Keys that were given and that nothing asked for, as warnings. */
  unknown(): string[] {
    return [...this.#values.keys()]
      .filter((key) => !this.#read.has(key))
      .map((key) => {
        const near = nearest(key, [...this.#read]);
        const hint = near === null ? '' : ` Did you mean KONG_${near.toUpperCase()}?`;
        return `KONG_${key.toUpperCase()} is not known to this gateway and has no effect.${hint}`;
      });
  }

  has(key: string): boolean {
    this.#read.add(key);
    return this.#values.has(key);
  }

  text<T extends string | null>(key: string, fallback: T): string | T {
    this.#read.add(key);
    const value = this.#values.get(key);
    return value === undefined || value === '' ? fallback : value;
  }

  list(key: string, fallback: readonly string[]): readonly string[] {
    const value = this.text(key, null);
    if (value === null) return fallback;
    return value
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '');
  }

  flag(key: string, fallback: boolean): boolean {
    return (
      this.oneOf(key, ['on', 'off', 'true', 'false'], fallback ? 'on' : 'off').replace('true', 'on') === 'on'
    );
  }

  oneOf<T extends string>(key: string, allowed: readonly T[], fallback: T): T {
    const value = this.text(key, fallback);
    const found = allowed.find((one) => one === value.toLowerCase());
    if (found !== undefined) return found;
    this.#wrong(key, value, `one of ${allowed.join(', ')}`);
    return fallback;
  }

  integer(key: string, fallback: number, min: number, max: number): number {
    const value = this.text(key, null);
    if (value === null) return fallback;
    const number = Number(value);
    if (Number.isInteger(number) && number >= min && number <= max) return number;
    this.#wrong(key, value, `a whole number from ${min} to ${max}`);
    return fallback;
  }

  /** nginx's notation: `60`, `60s`, `500ms`, `1m`, `2h`; milliseconds. */
  durationMs(key: string, fallback: number): number {
    const value = this.text(key, null);
    if (value === null) return fallback;
    const match = /^(\d+)(ms|s|m|h|d)?$/.exec(value);
    if (match === null) {
      this.#wrong(key, value, 'a duration such as 60s or 500ms');
      return fallback;
    }
    return (
      Number(match[1]) * { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }[(match[2] ?? 's') as 's']
    );
  }

  /** nginx's notation: `1024`, `8k`, `64m`, `1g`; bytes. */
  bytes(key: string, fallback: number): number {
    const value = this.text(key, null);
    if (value === null) return fallback;
    const match = /^(\d+)([kmg])?$/i.exec(value);
    if (match === null) {
      this.#wrong(key, value, 'a size such as 8k or 64m');
      return fallback;
    }
    return (
      Number(match[1]) *
      { '': 1, k: 1_024, m: 1_048_576, g: 1_073_741_824 }[(match[2] ?? '').toLowerCase() as '']
    );
  }

  wrong(key: string, message: string): void {
    this.errors.push({ message, path: `KONG_${key.toUpperCase()}` });
  }

  #wrong(key: string, value: string, expected: string): void {
    this.wrong(key, `${value} is not ${expected}`);
  }

  #readFile(text: string): void {
    text.split('\n').forEach((raw, index) => {
      const line = raw.replace(/(^|\s)#.*$/, '').trim();
      if (line === '') return;
      const equals = line.indexOf('=');
      if (equals < 1) {
        this.errors.push({ message: 'expected key = value', line: index + 1, column: 1 });
        return;
      }
      this.#values.set(line.slice(0, equals).trim().toLowerCase(), line.slice(equals + 1).trim());
    });
  }
}
