import { useState } from 'react';
import {
  attributeGroups,
  attributeText,
  foundAttributes,
  recordsOf,
  type ShownAttribute,
} from '../engine/attribute-groups.ts';
import { grouped } from '../engine/duration-format.ts';
import { cutText, visibleText } from '../engine/visible-text.ts';
import { LongText } from '../parts/long-text.tsx';
import { RecordTable } from './record-table.tsx';
import styles from './span-attributes.module.css';

interface Props {
  readonly name: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** Attributes shown at once, at most; beyond it they are looked for. */
const MOST = 60;

/** A span's attributes by what they are about, each with what it means. */
export function SpanAttributes({ name, attributes }: Props) {
  const [wanted, setWanted] = useState('');
  const total = Object.keys(attributes).length;
  if (total === 0) return <p className={styles['none']}>No attributes.</p>;
  const found = foundAttributes(attributes, wanted, MOST);
  return (
    <>
      {total > MOST && (
        <label className={styles['find']}>
          Find among {grouped(total)} attributes, {Object.keys(found).length} shown
          <input type="search" value={wanted} onChange={(event) => setWanted(event.target.value)} />
        </label>
      )}
      {attributeGroups(name, found).map((group) => (
        <section key={group.title}>
          <h3 className={styles['title']}>{group.title}</h3>
          <dl className={styles['list']}>
            {group.attributes.map((attribute) => (
              <div key={attribute.name}>
                <dt>
                  <code>{visibleText(cutText(attribute.name, 300))}</code>
                  {attribute.description !== null && (
                    <span className={styles['about']}>{attribute.description}</span>
                  )}
                </dt>
                <dd>
                  <Value attribute={attribute} />
                </dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </>
  );
}

function Value({ attribute }: { readonly attribute: ShownAttribute }) {
  const records = recordsOf(attribute.value);
  if (records !== null) return <RecordTable records={records} />;
  return <LongText text={attributeText(attribute)} label={attribute.name} />;
}
