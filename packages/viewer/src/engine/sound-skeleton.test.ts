import { describe, expect, it } from 'vitest';
import { soundSkeleton } from './sound-skeleton.ts';
import { sampleSkeleton } from './testing/sample-trace.ts';

describe('soundSkeleton()', () => {
  const skeleton = sampleSkeleton('kong 0+10\n  kong.router 1+2');

  it('changes nothing of what is sound', () => {
    expect(soundSkeleton(skeleton)).toEqual(skeleton);
  });

  it('ends where the shortest column ends', () => {
    const sound = soundSkeleton({ ...skeleton, status: [0] });
    expect(sound).toMatchObject({ span_count: 1, name: [0], parent: [-1], start_ns: [0], status: [0] });
  });

  it('gives a name to spans that have none, and shows what can not be seen in one', () => {
    const sound = soundSkeleton({ ...skeleton, names: ['', 'a\u202eb'], name: [0, 1] });
    expect(sound.names).toEqual(['(no name)', 'a⟨U+202E⟩b']);
    expect(soundSkeleton({ ...skeleton, name: [0, 7] })).toMatchObject({
      names: ['kong', 'kong.router', '(no name)'],
      name: [0, 2],
    });
  });

  it('takes what is no time as zero', () => {
    const sound = soundSkeleton({
      ...skeleton,
      start_ns: [0, Number.NaN],
      duration_ns: [-5, null as unknown as number],
    });
    expect({ start: sound.start_ns, duration: sound.duration_ns }).toEqual({
      start: [0, 0],
      duration: [0, 0],
    });
  });
});
