import Database from 'libsql';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PreparedStatements } from './prepared-statements.ts';

let database: Database.Database;
let statements: PreparedStatements;

beforeEach(() => {
  database = new Database(':memory:');
  database.exec('create table numbers (number integer primary key)');
  statements = new PreparedStatements(database);
});
afterEach(() => statements.close());

const all = () => statements.prepare('select number from numbers order by number').all([]);

describe('PreparedStatements', () => {
  it('gives the same statement for the same text, to be run again and again', () => {
    const insert = 'insert into numbers values (?)';
    expect(statements.prepare(insert)).toBe(statements.prepare(insert));
    for (const number of [1, 2, 3]) statements.prepare(insert).run([number]);
    expect(all()).toEqual([{ number: 1 }, { number: 2 }, { number: 3 }]);
    expect(all()).toHaveLength(3);
  });

  it('gives a statement that can be run after it has failed', () => {
    const insert = 'insert into numbers values (?)';
    statements.prepare(insert).run([1]);
    expect(() => statements.prepare(insert).run([1])).toThrow('UNIQUE');
    database.exec('begin');
    expect(statements.prepare(insert).run([2]).changes).toBe(1);
    database.exec('commit');
    expect(all()).toEqual([{ number: 1 }, { number: 2 }]);
  });

  it('leaves no statement open that would keep a transaction from ending', () => {
    for (const number of [1, 2]) statements.prepare('insert into numbers values (?)').run([number]);
    statements.prepare('select number from numbers where number = ?').all([1]);
    statements.prepare('insert into numbers values (?) returning number').all([3]);
    expect(() => database.exec('drop table numbers')).not.toThrow();
  });

  it('keeps no more than it may, and no long ones', () => {
    const first = statements.prepare('select 0');
    for (let number = 1; number < 256; number++) statements.prepare(`select ${number}`);
    expect(statements.prepare('select 0')).toBe(first);
    statements.prepare('select 256');
    expect(statements.prepare('select 0')).toBe(first);
    for (let number = 300; number < 556; number++) statements.prepare(`select ${number}`);
    expect(statements.prepare('select 0')).not.toBe(first);
    const long = `select '${'x'.repeat(5_000)}'`;
    expect(statements.prepare(long)).not.toBe(statements.prepare(long));
  });
});
