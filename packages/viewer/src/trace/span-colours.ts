import { SPAN_CATEGORIES } from '../engine/span-category.ts';
import { type Theme, useTheme } from '../shell/theme.ts';

/** Colours for a canvas, as the theme has them. */
export interface SpanColours {
  /** By index into `SPAN_CATEGORIES`. */
  readonly categories: readonly string[];
  readonly failed: string;
  readonly grid: string;
  readonly muted: string;
  readonly text: string;
}

const known = new Map<Theme, SpanColours>();

/** The shown theme's colours for what is drawn on a canvas, which can't use custom properties. The same object for the same theme. */
export function useSpanColours(): SpanColours {
  const theme = useTheme();
  let colours = known.get(theme);
  if (colours === undefined) known.set(theme, (colours = readColours()));
  return colours;
}

function readColours(): SpanColours {
  const style = getComputedStyle(document.documentElement);
  const read = (name: string) => style.getPropertyValue(name).trim();
  return {
    categories: SPAN_CATEGORIES.map((category) => read(`--cat-${category}`)),
    failed: read('--danger'),
    grid: read('--border'),
    muted: read('--muted'),
    text: read('--text'),
  };
}
