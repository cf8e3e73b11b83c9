import { AppError } from '@gatescope/base';
import { checkConfig, loadPlugins, readPluginSettings } from '@gatescope/gateway';
import { readConfigFile } from '../setup/config-file.ts';
import { detailText } from '../terminal/failure.ts';
import { green, yellow } from '../terminal/style.ts';
import type { Command } from './command.ts';
import { API_OPTIONS, printJson } from './shared.ts';

export const configCheck: Command = {
  name: 'config check',
  summary: 'Checks a kong.yml as a gateway would: every error with its line and its mend.',
  usage: 'FILE [options]',
  arguments: { min: 1, max: 1 },
  options: { json: API_OPTIONS.json },
  async run(given) {
    const file = given.positionals[0]!;
    const plugins = await loadPlugins(readPluginSettings(process.env));
    const check = checkConfig(readConfigFile(file), plugins);
    if (given.values['json'] === true) {
      printJson(
        check.ok
          ? { valid: true, errors: [], warnings: check.warnings }
          : { valid: false, errors: check.errors, warnings: [] },
      );
      return check.ok ? 0 : 1;
    }
    if (!check.ok)
      throw new AppError(
        'invalid_config',
        `${file} has ${check.errors.length} ${check.errors.length === 1 ? 'error' : 'errors'}`,
        { details: check.errors },
      );
    for (const warning of check.warnings)
      process.stdout.write(`${yellow('warning')}  ${detailText(warning, '  ')}\n`);
    process.stdout.write(
      `${green('valid')}  ${check.services.length} services, ${check.routes.length} routes, ${check.consumers.length} consumers\n`,
    );
    return 0;
  },
};
