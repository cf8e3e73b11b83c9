import { ManualClock } from '@gatescope/base';
import { expect, it } from 'vitest';
import { RefusalLog } from './refusal-log.ts';

it('RefusalLog tells each reason of a peer once a minute, and counts all', () => {
  const lines: unknown[] = [];
  const clock = new ManualClock();
  const log = new RefusalLog(
    { log: (level, _, message, attributes) => lines.push([level, message, attributes]) },
    clock,
  );
  const one = ['warn', 'a node was refused: expired', { client: '10.0.0.7' }];
  log.tell('10.0.0.7', 'expired');
  log.tell('10.0.0.7', 'expired');
  log.tell('10.0.0.7', 'unknown');
  clock.advance(60_000);
  log.tell('10.0.0.7', 'expired');
  expect(lines).toEqual([one, ['warn', 'a node was refused: unknown', { client: '10.0.0.7' }], one]);
  expect(log.refused).toBe(4);
  for (let index = 0; index < 2_000; index++) log.tell(`10.0.${index}`, 'expired');
  log.tell('10.0.0.7', 'expired');
  expect(lines.length).toBe(2_004);
});
