import type { CommandEntry } from './command.ts';

/** Every command by its name, in the order in which help lists them. */
export const COMMANDS: ReadonlyMap<string, CommandEntry> = new Map<string, CommandEntry>([
  [
    'start',
    {
      summary: 'gateway, control plane and viewer on this machine',
      load: async () => (await import('./start.ts')).start,
    },
  ],
  [
    'control-plane',
    {
      summary: 'a control plane alone, for data planes elsewhere',
      load: async () => (await import('./control-plane.ts')).controlPlane,
    },
  ],
  [
    'data-plane',
    { summary: 'a gateway alone', load: async () => (await import('./data-plane.ts')).dataPlane },
  ],
  [
    'doctor',
    {
      summary: 'look for what keeps an installation from working',
      load: async () => (await import('./doctor.ts')).doctor,
    },
  ],
  [
    'backup',
    {
      summary: 'copy the database and the keys of a control plane, while it runs',
      load: async () => (await import('./backup.ts')).backup,
    },
  ],
  [
    'completion',
    {
      summary: 'print a completion script for bash, zsh or fish',
      load: async () => (await import('./completion.ts')).completionOf(COMMANDS),
    },
  ],
  [
    'certs shared',
    {
      summary: 'make one certificate that control plane and nodes share',
      load: async () => (await import('./certs.ts')).certsShared,
    },
  ],
  [
    'certs authority',
    {
      summary: 'make an authority for the certificates of a cluster',
      load: async () => (await import('./certs.ts')).certsAuthority,
    },
  ],
  [
    'certs issue',
    {
      summary: 'make a certificate of an authority, for a node or a control plane',
      load: async () => (await import('./certs.ts')).certsIssue,
    },
  ],
  [
    'session start',
    {
      summary: 'start a tracing session',
      load: async () => (await import('./session-start.ts')).sessionStart,
    },
  ],
  [
    'session list',
    { summary: 'sessions, newest first', load: async () => (await import('./session-list.ts')).sessionList },
  ],
  [
    'session show',
    {
      summary: 'one session, and with --follow its traces as they arrive',
      load: async () => (await import('./session-show.ts')).sessionShow,
    },
  ],
  [
    'session stop',
    {
      summary: 'end a session; its traces stay',
      load: async () => (await import('./session-stop.ts')).sessionStop,
    },
  ],
  [
    'session export',
    {
      summary: 'a session as OTLP JSON, HAR or an archive',
      load: async () => (await import('./session-export.ts')).sessionExport,
    },
  ],
  [
    'trace list',
    { summary: 'traces of a session', load: async () => (await import('./trace-list.ts')).traceList },
  ],
  [
    'trace show',
    { summary: 'one trace as a waterfall', load: async () => (await import('./trace-show.ts')).traceShow },
  ],
  [
    'trace export',
    { summary: 'traces as OTLP JSON', load: async () => (await import('./trace-export.ts')).traceExport },
  ],
  [
    'rule check',
    {
      summary: 'check a sampling rule and read it in plain English',
      load: async () => (await import('./rule-check.ts')).ruleCheck,
    },
  ],
  [
    'config check',
    {
      summary: 'check a kong.yml, every error with its line',
      load: async () => (await import('./config-check.ts')).configCheck,
    },
  ],
  [
    'config push',
    {
      summary: 'make a kong.yml the configuration of all nodes',
      load: async () => (await import('./config-push.ts')).configPush,
    },
  ],
  [
    'key list',
    {
      summary: 'the keys that sessions are sealed with',
      load: async () => (await import('./key-list.ts')).keyList,
    },
  ],
  ['key add', { summary: 'register a key', load: async () => (await import('./key-add.ts')).keyAdd }],
  [
    'key activate',
    {
      summary: 'seal new sessions with a key, or enable it again',
      load: async () => (await import('./key-act.ts')).keyAct('activate'),
    },
  ],
  [
    'key rotate',
    {
      summary: 'make a new version of a key',
      load: async () => (await import('./key-act.ts')).keyAct('rotate'),
    },
  ],
  [
    'key disable',
    {
      summary: 'make what a key sealed unreadable for now',
      load: async () => (await import('./key-act.ts')).keyAct('disable'),
    },
  ],
  [
    'token create',
    { summary: 'make an API token', load: async () => (await import('./token-create.ts')).tokenCreate },
  ],
]);

/** The second words that follow a first one: `start`, `list`, … for `session`. */
export function groupsOf(first: string): string[] {
  return [...COMMANDS.keys()]
    .filter((name) => name.startsWith(`${first} `))
    .map((name) => name.slice(first.length + 1));
}
