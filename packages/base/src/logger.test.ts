import { describe, expect, it } from 'vitest';
import { isLogLevel, LOG_LEVELS, levelRank, silentLogger } from './logger.ts';

describe('log levels', () => {
  it('rank from least to most severe', () => {
    expect(LOG_LEVELS.map(levelRank)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(levelRank('error')).toBeGreaterThan(levelRank('warn'));
  });

  it('are known by their names alone', () => {
    expect([...LOG_LEVELS, 'WARN', 'warning', 'length', ''].filter(isLogLevel)).toEqual([...LOG_LEVELS]);
  });
});

describe('silentLogger', () => {
  it('drops everything', () => {
    expect(silentLogger.log('emerg', 'access', 'nobody hears it', { status: 500 })).toBeUndefined();
  });
});
