import { defineConfig } from 'vitest/config';
import { ClosingLines } from './test/support/closing-lines.ts';

export default defineConfig({
  test: {
    include: ['packages/*/src/**/*.test.{ts,tsx}', 'test/**/*.test.ts'],
    pool: 'threads',
    isolate: false,
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 60_000,
    reporters: ['default', new ClosingLines()],
  },
});
