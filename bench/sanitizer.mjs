/**
 * How fast bodies are sanitized: `node bench/sanitizer.mjs`. Megabytes (10^6 bytes) a second of CPU time for bodies of one megabyte, each
 * beside the speed of a plain copy in the same run; and for input made to be slow, the time of two megabytes as a ratio to that of one.
 *
 * All are measured by turns, again and again for a short while each, so that a slow moment of the machine falls on all of them, and of each
 * the least counts: everything else on the machine only adds to it.
 *
 *   --seconds N     a measurement takes, all its turns together (default: 1)
 */
import { parseArgs } from 'node:util';
import { importBundled } from './support/bundled.mjs';

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '1' } } });
const milliseconds = Number(values.seconds) * 1_000;
const BYTES = 1_000_000;
/** Turns of bodies, and of input made to be slow, each of which is one call. */
const TURNS = 50;
const TURNS_OF_SLOW = 6;

const { createSanitizer } = await importBundled('packages/sanitizer/src/index.ts');
const sanitizer = createSanitizer();

const WORDS =
  'the quick brown fox jumps over a lazy dog while it rains; she said: never, and went home (slowly) to read';
/** The same numbers in every run. */
let state = 42;
const random = (below) => {
  state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
  return Math.floor((state / 2 ** 32) * below);
};
const digits = (count) => Array.from({ length: count }, () => random(10)).join('');
const words = WORDS.split(' ');
const word = () => words[random(words.length)];

const CORPORA = [
  { name: 'text without digits', target: 300, unit: () => `${word()} ` },
  {
    name: 'JSON without digits',
    target: null,
    unit: () => `{"name":"${word()}","text":"${word()} ${word()}"},`,
  },
  { name: 'digits and words', target: 100, unit: () => `${digits(1 + random(20))} ${word()} ` },
  { name: 'JSON of numbers', target: 100, unit: () => `{"id":${digits(1 + random(13))}},` },
];
/** Of the first two the most is cards by the rules, since one number in ten passes their check. */
const ADVERSARIAL = {
  'nothing but digits': () => digits(64),
  'numbers side by side': () => `${digits(1 + random(9))} `,
  'cards side by side': '4242424242424242 ',
  'cards of one digit a group': '4 2 ',
  'percent-encoded digits': '%34%32',
  'nested escapes': '%2525%5C%5C',
  'escapes that fail': '%\\&%\\&',
  'JSON escapes': '\\u0034',
  'character references': '&#0000000052;',
  'names without values': '"apikey":',
  'quotes that open': 'cookie:"',
  'brackets that open': 'cookie:[',
  'schemes of URLs': '://',
  schemes: 'bearer ',
  separators: '= : ',
  spaces: ' ',
};

const filled = (unit, bytes) => {
  let text = '';
  while (text.length < bytes) text += unit();
  return new TextEncoder().encode(text.slice(0, bytes));
};
const unitOf = (unit) => (typeof unit === 'string' ? () => unit : unit);
const sanitize = (bytes) => sanitizer.body(bytes, { contentType: 'text/plain' }).bytes.length;
const copy = (bytes) => bytes.slice().length;

/** For each of some calls its milliseconds of CPU time, the least of several turns of at least `turnMs` each. */
function leastMilliseconds(calls, turns, turnMs) {
  const least = calls.map(() => Number.POSITIVE_INFINITY);
  for (let turn = 0; turn < turns; turn++)
    calls.forEach((call, index) => {
      least[index] = Math.min(least[index], millisecondsOf(call, turnMs));
    });
  return least;
}

function millisecondsOf(call, turnMs) {
  const start = performance.now();
  const startCpu = process.cpuUsage();
  let count = 0;
  let sum = 0;
  do {
    sum += call();
    count++;
  } while (performance.now() - start < turnMs);
  if (sum === 0) throw new Error('nothing was done');
  const { user, system } = process.cpuUsage(startCpu);
  return (user + system) / 1_000 / count;
}

let missed = 0;
const print = (...columns) => process.stdout.write(`${columns.join('  ')}\n`);
print('body'.padEnd(28), '   MB/s', 'target', 'copy MB/s', 'times a copy');
const ofBodies = leastMilliseconds(
  CORPORA.flatMap(({ unit }) => {
    const bytes = filled(unit, BYTES);
    return [() => copy(bytes), () => sanitize(bytes)];
  }),
  TURNS,
  milliseconds / TURNS,
);
for (const [index, { name, target }] of CORPORA.entries()) {
  const [copied, took] = ofBodies.slice(2 * index);
  const speed = BYTES / 1_000 / took;
  const isMissed = target !== null && speed < target;
  if (isMissed) missed++;
  const ratio = (took / copied).toFixed(1).padStart(12);
  print(
    name.padEnd(28),
    speed.toFixed(0).padStart(7),
    String(target ?? '–').padStart(6),
    (BYTES / 1_000 / copied).toFixed(0).padStart(9),
    ratio + (isMissed ? '  missed' : ''),
  );
}
print('');
print('made to be slow'.padEnd(28), '   MB/s', 'twice the bytes, times the time (linear: 2)');
const ofSlow = leastMilliseconds(
  Object.values(ADVERSARIAL).flatMap((unit) =>
    [BYTES, 2 * BYTES].map((length) => {
      const bytes = filled(unitOf(unit), length);
      return () => sanitize(bytes);
    }),
  ),
  TURNS_OF_SLOW,
  0,
);
for (const [index, name] of Object.keys(ADVERSARIAL).entries()) {
  const [one, two] = ofSlow.slice(2 * index);
  const isLinear = two / one < 3;
  if (!isLinear) missed++;
  print(
    name.padEnd(28),
    (BYTES / 1_000 / one).toFixed(0).padStart(7),
    (two / one).toFixed(2) + (isLinear ? '' : '  missed'),
  );
}
process.exitCode = missed === 0 ? 0 : 1;
