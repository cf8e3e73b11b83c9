import {
  attributeGroups,
  attributeText,
  recordsOf,
  type ShownAttribute,
} from '../engine/attribute-groups.ts';
import styles from './span-attributes.module.css';

interface Props {
  readonly name: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** A span's attributes by what they are about, each with what it means. */
export function SpanAttributes({ name, attributes }: Props) {
  const groups = attributeGroups(name, attributes);
  if (groups.length === 0) return <p className={styles['none']}>No attributes.</p>;
  return groups.map((group) => (
    <section key={group.title}>
      <h3 className={styles['title']}>{group.title}</h3>
      <dl className={styles['list']}>
        {group.attributes.map((attribute) => (
          <div key={attribute.name}>
            <dt>
              <code>{attribute.name}</code>
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
  ));
}

function Value({ attribute }: { readonly attribute: ShownAttribute }) {
  const records = recordsOf(attribute.value);
  if (records === null) return <>{attributeText(attribute)}</>;
  const columns = [...new Set(records.flatMap((record) => Object.keys(record)))];
  return (
    <div className={styles['records']}>
      <table>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {records.map((record, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the records of a trace never change or move
            <tr key={index}>
              {columns.map((column) => (
                <td key={column}>
                  {column in record ? attributeText({ value: record[column], unit: null }) : ''}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
