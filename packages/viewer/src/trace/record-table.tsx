import { attributeText } from '../engine/attribute-groups.ts';
import { grouped } from '../engine/duration-format.ts';
import { cutText, visibleText } from '../engine/visible-text.ts';
import styles from './record-table.module.css';

/** What of a list is shown, at most. */
const MOST = { rows: 30, columns: 8, characters: 300 } as const;

/** An attribute that is a list of records, as a table. */
export function RecordTable({ records }: { readonly records: readonly Readonly<Record<string, unknown>>[] }) {
  const columns = [...new Set(records.slice(0, MOST.rows).flatMap((record) => Object.keys(record)))];
  const shown = columns.slice(0, MOST.columns);
  const left = records.length - MOST.rows;
  return (
    <div className={styles['frame']}>
      <table className={styles['table']}>
        <thead>
          <tr>
            {shown.map((column) => (
              <th key={column} scope="col">
                {visibleText(cutText(column, MOST.characters))}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {records.slice(0, MOST.rows).map((record, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the records of a trace never change or move
            <tr key={index}>
              {shown.map((column) => (
                <td key={column}>{Object.hasOwn(record, column) ? cell(record[column]) : ''}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {(left > 0 || columns.length > shown.length) && (
        <p>
          {left > 0 && `${grouped(left)} more rows. `}
          {columns.length > shown.length && `${columns.length - shown.length} more columns. `}
          The download has all of it.
        </p>
      )}
    </div>
  );
}

function cell(value: unknown): string {
  return visibleText(cutText(attributeText({ value, unit: null }), MOST.characters));
}
