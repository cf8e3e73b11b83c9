import { compileRule, type Diagnostic } from '@gatescope/expressions';
import { oneLine } from '../terminal/stderr-logger.ts';
import { dim, green, red, yellow } from '../terminal/style.ts';
import type { Command } from './command.ts';
import { API_OPTIONS, printJson } from './shared.ts';

export const ruleCheck: Command = {
  name: 'rule check',
  summary: 'Checks a sampling rule: its errors with their place, or how it reads in plain English.',
  usage: 'RULE [options]',
  arguments: { min: 1, max: 1 },
  options: { json: API_OPTIONS.json },
  examples: ["gatescope rule check 'http.method == GET && http.response.status_code >= 500'"],
  async run(given) {
    const text = given.positionals[0]!;
    const compiled = compileRule(text);
    const diagnostics = compiled.ok ? compiled.rule.warnings : compiled.diagnostics;
    if (given.values['json'] === true) {
      printJson({
        valid: compiled.ok,
        diagnostics,
        decided_at: compiled.ok ? compiled.rule.decidedAt : null,
        reading: compiled.ok ? compiled.rule.reading : null,
      });
    } else {
      for (const diagnostic of diagnostics) process.stdout.write(marked(text, diagnostic));
      if (compiled.ok)
        process.stdout.write(
          `${green('valid')}  ${compiled.rule.reading}\n${dim(`settled at: ${compiled.rule.decidedAt}`)}\n`,
        );
    }
    return compiled.ok ? 0 : 1;
  },
};

/** The line that a diagnostic is about, with a mark below the place. */
function marked(text: string, { message, line, column, length, severity, suggestion }: Diagnostic): string {
  const source = oneLine(text.split('\n')[line - 1] ?? '');
  const mark = `${' '.repeat(column - 1)}${'^'.repeat(Math.max(1, Math.min(length, source.length - column + 1)))}`;
  const paint = severity === 'error' ? red : yellow;
  const mend = suggestion === null ? '' : `  ${suggestion}\n`;
  return `${paint(severity)}  ${line}:${column}  ${oneLine(message)}\n  ${source}\n  ${paint(mark)}\n${mend}`;
}
