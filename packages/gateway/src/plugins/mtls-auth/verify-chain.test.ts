import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { A_TEST, AUTHORITY, B_TEST } from '../../../../http1/src/testing/certificates.ts';
import { verifyChain } from './verify-chain.ts';

const NOW = Date.UTC(2030, 0, 1);
const A = new X509Certificate(A_TEST.cert);
const B = new X509Certificate(B_TEST.cert);
const CA = new X509Certificate(AUTHORITY);

describe('verifyChain()', () => {
  it.each([
    ['what an authority signed', [A.raw], [CA], NOW, null],
    ['what one of several signed, with the authority sent along', [A.raw, CA.raw], [B, CA], NOW, null],
    ['nothing', [], [CA], NOW, 'no certificate'],
    ['nonsense', [Buffer.from('nonsense')], [CA], NOW, 'not a certificate'],
    ['what nobody trusted signed', [A.raw], [B], NOW, 'not from a trusted authority'],
    ['an authority the client brings itself', [A.raw, CA.raw], [], NOW, 'not from a trusted authority'],
    ['what a certificate signed that may not', [A.raw, B.raw], [B], NOW, 'not from a trusted authority'],
    ['what is not valid yet', [A.raw], [CA], Date.UTC(2020, 0, 1), 'expired, or not valid yet'],
    ['what has expired', [A.raw], [CA], Date.UTC(2200, 0, 1), 'expired, or not valid yet'],
  ])('judges %s', (_, chain, authorities, nowMs, expected) => {
    expect(verifyChain(chain, authorities, nowMs)).toBe(expected);
  });
});
