import { SessionRequestSchema, validator } from '@gatescope/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  draftErrors,
  draftOf,
  EMPTY_DRAFT,
  PAYLOAD_CHOICES,
  readDraft,
  requestOf,
  writeDraft,
} from './session-draft.ts';

describe('readDraft() and writeDraft()', () => {
  it('fill the form from a link', () => {
    expect(readDraft('route=checkout&rule=http.method+%3D%3D+GET&duration=60&node=a&node=b&other=1')).toEqual(
      {
        ...EMPTY_DRAFT,
        route: 'checkout',
        rule: 'http.method == GET',
        durationSeconds: '60',
        nodes: ['a', 'b'],
      },
    );
  });

  it('leave out what is as it would be anyway', () => {
    expect(writeDraft(EMPTY_DRAFT)).toBe('');
    expect(readDraft('node=')).toEqual(EMPTY_DRAFT);
  });

  it('are inverse', () => {
    const text = fc.string();
    const draft = fc.record({
      name: text,
      nodes: fc.oneof(
        fc.constant('all' as const),
        fc.array(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 3 }),
      ),
      service: text,
      route: text,
      rule: text,
      ratePercent: text,
      durationSeconds: text,
      maxTraces: text,
      logs: text,
      payload: fc.constantFrom(...PAYLOAD_CHOICES),
      bodyKib: text,
      redact: fc.array(
        fc.oneof(
          fc.record({ header: fc.string({ minLength: 1 }) }),
          fc.record({ json_path: fc.string({ minLength: 1 }) }),
          fc.record({ pattern: fc.string({ minLength: 1 }) }),
        ),
        { maxLength: 3 },
      ),
    });
    fc.assert(
      fc.property(draft, (one) => {
        expect(readDraft(writeDraft(one))).toEqual(one);
      }),
    );
  });
});

describe('requestOf()', () => {
  it('leaves defaults to the server, but not the limits that are shown', () => {
    expect(requestOf(EMPTY_DRAFT)).toEqual({ duration_seconds: 300, max_traces: 200 });
  });

  it('asks for everything that is filled in', () => {
    const draft = {
      ...EMPTY_DRAFT,
      name: ' 5xx ',
      nodes: ['a'],
      service: 's',
      route: 'r',
      rule: ' http.method == GET\n',
      ratePercent: '12.5',
    };
    expect(requestOf(draft)).toEqual({
      name: '5xx',
      nodes: ['a'],
      service: 's',
      route: 'r',
      rule: 'http.method == GET',
      rate: 0.125,
      duration_seconds: 300,
      max_traces: 200,
    });
    expect(validator(SessionRequestSchema)(requestOf(draft)).ok).toBe(true);
  });
});

describe('requestOf() of what is captured', () => {
  it('asks for logs, payloads and redactions', () => {
    const draft = readDraft(
      'logs=info&payload=bodies&body_kib=16&redact=header:x-secret&redact=json_path:$.card&redact=nothing',
    );
    expect(requestOf(draft).capture).toEqual({
      logs: 'info',
      headers: true,
      bodies: true,
      body_bytes_max: 16_384,
      redact: [{ header: 'x-secret' }, { json_path: '$.card' }],
    });
    expect(validator(SessionRequestSchema)(requestOf(draft)).ok).toBe(true);
  });

  it('leaves out what is not captured', () =>
    expect(requestOf(readDraft('logs=loud&payload=everything&body_kib=5')).capture).toBeUndefined());

  it.each(['', '0', 'x', '1025'])('takes no cap of %s KiB', (bodyKib) =>
    expect(draftErrors({ ...EMPTY_DRAFT, payload: 'bodies', bodyKib })).toEqual({
      capture: 'Up to 1024 KiB of every body.',
    }),
  );
});

describe('draftErrors()', () => {
  it('finds nothing wrong with the form as it opens', () => expect(draftErrors(EMPTY_DRAFT)).toEqual({}));

  it('says what is wrong, by field', () => {
    const wrong = {
      ...EMPTY_DRAFT,
      name: 'x'.repeat(201),
      nodes: [],
      ratePercent: '0',
      durationSeconds: '5',
      maxTraces: '1e3',
    };
    expect(Object.keys(draftErrors(wrong)).sort()).toEqual([
      'duration_seconds',
      'max_traces',
      'name',
      'nodes',
      'rate',
    ]);
    expect(draftErrors({ ...EMPTY_DRAFT, ratePercent: ' ' })).toHaveProperty('rate');
    expect(draftErrors({ ...EMPTY_DRAFT, ratePercent: '5e-324' })).toHaveProperty('rate');
  });

  it('lets nothing through that the server’s schema refuses', () => {
    const check = validator(SessionRequestSchema);
    const numberTo = (max: number) =>
      fc.oneof(
        fc.integer({ min: -2, max }).map(String),
        fc.double({ min: 0, max, noNaN: true }).map(String),
        fc.string(),
      );
    fc.assert(
      fc.property(
        numberTo(110),
        numberTo(2_000),
        numberTo(11_000),
        (ratePercent, durationSeconds, maxTraces) => {
          const draft = { ...EMPTY_DRAFT, ratePercent, durationSeconds, maxTraces };
          if (Object.keys(draftErrors(draft)).length === 0) expect(check(requestOf(draft)).ok).toBe(true);
        },
      ),
    );
  });
});

describe('draftOf()', () => {
  it('asks again for what a session asked for', () => {
    const session = {
      name: 'checkout',
      nodes: ['n1'],
      service: null,
      route: 'checkout',
      rule: 'http.method == GET',
      rate: 0.07,
      duration_seconds: 60,
      max_traces: 10,
      capture: {
        logs: 'warn',
        headers: true,
        bodies: true,
        body_bytes_max: 2_048,
        redact: [{ header: 'x' }],
      },
    } as unknown as Parameters<typeof draftOf>[0];
    expect(requestOf(draftOf(session))).toEqual({
      name: 'checkout',
      nodes: ['n1'],
      route: 'checkout',
      rule: 'http.method == GET',
      rate: 0.07,
      duration_seconds: 60,
      max_traces: 10,
      capture: session.capture,
    });
  });
});
