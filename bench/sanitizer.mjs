/**
 * How fast bodies are sanitized: `node bench/sanitizer.mjs`. Megabytes (10^6 bytes) a second of CPU time for bodies of one megabyte, each
 * beside the speed of a plain copy in the same run; and for input made to be slow, the time of two megabytes as a ratio to that of one.
 *
 *   --seconds N     a measurement takes (default: 1)
 */
import { parseArgs } from 'node:util';
import { importBundled } from './support/bundled.mjs';

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '1' } } });
const milliseconds = Number(values.seconds) * 1_000;
const BYTES = 1_000_000;
const ROUNDS = 5;

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

/** Milliseconds of CPU time of one call, the least of several rounds: everything else on the machine only adds to it. */
function millisecondsOf(task, bytes, roundMs = milliseconds / ROUNDS) {
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round <= ROUNDS; round++) {
    const start = performance.now();
    const startCpu = process.cpuUsage();
    let calls = 0;
    let sum = 0;
    do {
      sum += task(bytes);
      calls++;
    } while (performance.now() - start < roundMs);
    if (sum === 0) throw new Error('nothing was done');
    const { user, system } = process.cpuUsage(startCpu);
    if (round > 0) least = Math.min(least, (user + system) / 1_000 / calls);
  }
  return least;
}

let missed = 0;
const print = (...columns) => process.stdout.write(`${columns.join('  ')}\n`);
print('body'.padEnd(28), '   MB/s', 'target', 'copy MB/s', 'times a copy');
for (const { name, target, unit } of CORPORA) {
  const bytes = filled(unit, BYTES);
  const copied = millisecondsOf(copy, bytes);
  const took = millisecondsOf(sanitize, bytes);
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
for (const [name, unit] of Object.entries(ADVERSARIAL)) {
  const one = millisecondsOf(sanitize, filled(unitOf(unit), BYTES), 1);
  const two = millisecondsOf(sanitize, filled(unitOf(unit), 2 * BYTES), 1);
  const isLinear = two / one < 3;
  if (!isLinear) missed++;
  print(
    name.padEnd(28),
    (BYTES / 1_000 / one).toFixed(0).padStart(7),
    (two / one).toFixed(2) + (isLinear ? '' : '  missed'),
  );
}
process.exitCode = missed === 0 ? 0 : 1;
