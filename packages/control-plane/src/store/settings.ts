import type { Kysely } from 'kysely';
import type { Schema } from './schema.ts';

/** The value kept under a name; made and kept where there is none. Two that ask at once get the same. */
export async function settingOrNew(db: Kysely<Schema>, name: string, make: () => string): Promise<string> {
  await db
    .insertInto('settings')
    .values({ name, value: make() })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const row = await db
    .selectFrom('settings')
    .select('value')
    .where('name', '=', name)
    .executeTakeFirstOrThrow();
  return row.value;
}
