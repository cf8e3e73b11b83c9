import { CATEGORY_LABELS, type SpanCategory } from '../engine/span-category.ts';
import styles from './category-swatch.module.css';

/** A category's colour, with its name for who does not see it. */
export function CategorySwatch({ category }: { readonly category: SpanCategory }) {
  return (
    <span
      className={styles['swatch']}
      style={{ background: `var(--cat-${category})` }}
      title={CATEGORY_LABELS[category]}
    >
      <span className="sr-only">{CATEGORY_LABELS[category]}: </span>
    </span>
  );
}
