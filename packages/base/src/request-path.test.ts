import { describe, expect, it } from 'vitest';
import { normalizePath, pathSegments, textOfBytes } from './request-path.ts';

describe('normalizePath()', () => {
  it.each([
    ['/orders/7', '/orders/7'],
    ['/a//b/./c/../d', '/a/b/d'],
    ['/%6Frders/%7euser', '/orders/~user'],
    ['/a%2fb%3F', '/a%2Fb%3F'],
    ['/..', '/'],
    ['/a/.', '/a/'],
  ])('makes %s %s', (path, normal) => expect(normalizePath(path)).toBe(normal));
});

describe('pathSegments()', () => {
  it.each([
    ['/', []],
    ['/a', ['a']],
    ['/a/', ['a']],
    ['/a/b', ['a', 'b']],
  ])('cuts %s into %j', (path, segments) => expect(pathSegments(path)).toEqual(segments));
});

describe('textOfBytes()', () => {
  it.each([
    ['plain', 'plain'],
    [Buffer.from('Köln').toString('latin1'), 'Köln'],
    ['K\xf6ln', 'K\xf6ln'],
    ['Ł\xc3\xb6', 'Ł\xc3\xb6'],
  ])('reads %j as %j', (bytes, text) => expect(textOfBytes(bytes)).toBe(text));
});
