import { useSyncExternalStore } from 'react';

/** What the user chose; `system` follows the device. */
export type ThemeChoice = 'system' | 'light' | 'dark';
/** What is shown. */
export type Theme = 'light' | 'dark';

const KEY = 'gatescope.theme';
const listeners = new Set<() => void>();
const device = window.matchMedia('(prefers-color-scheme: dark)');
let choice = readChoice();
/** What is on the page, which the device may be ahead of for a moment: colours are read from the page. */
let shown = wantedTheme();

/** Puts the theme on the page and keeps it right; called once, before anything is drawn. */
export function installTheme(): void {
  show();
  device.addEventListener('change', changed);
}

export function chooseTheme(chosen: ThemeChoice): void {
  choice = chosen;
  try {
    if (chosen === 'system') localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, chosen);
  } catch {
    // Storage may be forbidden; the choice then holds for this page.
  }
  changed();
}

export function useThemeChoice(): ThemeChoice {
  return useSyncExternalStore(subscribe, () => choice);
}

export function useTheme(): Theme {
  return useSyncExternalStore(subscribe, () => shown);
}

function wantedTheme(): Theme {
  return choice === 'system' ? (device.matches ? 'dark' : 'light') : choice;
}

function changed(): void {
  show();
  for (const listener of listeners) listener();
}

function show(): void {
  shown = wantedTheme();
  document.documentElement.dataset['theme'] = shown;
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function readChoice(): ThemeChoice {
  try {
    const stored = localStorage.getItem(KEY);
    return stored === 'light' || stored === 'dark' ? stored : 'system';
  } catch {
    return 'system';
  }
}
