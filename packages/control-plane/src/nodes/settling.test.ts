import { expect, it } from 'vitest';
import { Settling } from './settling.ts';

it('Settling runs a step once more for all that ask while it runs, and not after it is over', async () => {
  let runs = 0;
  let over = false;
  let go: () => void = () => undefined;
  const settling = new Settling(
    async () => {
      runs++;
      if (runs === 1) await new Promise<void>((resolve) => (go = resolve));
      if (runs === 2) settling.repeat();
    },
    () => over,
  );
  const asked = [settling.ask(), settling.ask(), settling.ask()];
  go();
  await Promise.all(asked);
  expect(runs).toBe(3);
  await settling.ask();
  expect(runs).toBe(4);
  over = true;
  await settling.ask();
  expect(runs).toBe(4);
});
