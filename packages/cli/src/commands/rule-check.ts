import { type CompiledRule, compileRule } from '@gatescope/expressions';
import { markedLine } from '../terminal/marked-line.ts';
import { dim, green, terminalWidth, yellow } from '../terminal/style.ts';
import { type Command, textOf } from './command.ts';
import { countMatches, type MatchCount } from './count-matches.ts';
import { API_OPTIONS, printJson } from './shared.ts';

export const ruleCheck: Command = {
  name: 'rule check',
  summary: 'Checks a sampling rule: its errors with their place, or how it reads in plain English.',
  usage: 'RULE [options]',
  arguments: { min: 1, max: 1 },
  options: {
    against: {
      type: 'string',
      placeholder: 'FILE',
      help: 'count the traces it matches, in OTLP JSON as trace export writes it',
    },
    json: API_OPTIONS.json,
  },
  examples: [
    "gatescope rule check 'http.method == GET && http.response.status_code >= 500'",
    "gatescope rule check 'proxy.kong.latency.total > 250ms' --against traces.json",
  ],
  async run(given) {
    const text = given.positionals[0]!;
    const compiled = compileRule(text);
    const rule = compiled.ok ? compiled.rule : null;
    const diagnostics = compiled.ok ? compiled.rule.warnings : compiled.diagnostics;
    const file = textOf(given, 'against');
    const count = rule === null || file === undefined ? null : countMatches(rule, file);
    if (given.values['json'] === true) {
      printJson({
        valid: compiled.ok,
        diagnostics,
        decided_at: rule?.decidedAt ?? null,
        reading: rule?.reading ?? null,
        ...(count === null ? {} : { traces: count.traces, matched: count.matched, untold: count.untold }),
      });
    } else {
      const width = terminalWidth();
      for (const diagnostic of diagnostics) process.stdout.write(markedLine(text, width, diagnostic));
      if (rule !== null) process.stdout.write(validText(rule) + (count === null ? '' : countText(count)));
    }
    return compiled.ok ? 0 : 1;
  },
};

function validText({ reading, decidedAt }: CompiledRule): string {
  return `${green('valid')}  ${reading}\n${dim(`settled at: ${decidedAt}`)}\n`;
}

function countText({ traces, matched, untold }: MatchCount): string {
  const counted = `matches ${matched} of ${traces} ${traces === 1 ? 'trace' : 'traces'}\n`;
  if (untold.length === 0) return counted;
  return `${counted}${yellow('note')}  a file of traces does not tell ${untold.join(', ')}: conditions on it do not hold\n`;
}
