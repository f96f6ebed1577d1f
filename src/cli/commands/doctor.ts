import type { Command } from 'commander';
import type { GlobalOptions, Invocation } from '../invocation.ts';
import { printJson, printLine } from '../output.ts';

const HELP = `
Fails when something does not work; a warning is no failure.
--json prints { ok, checks: [{ name, status, message }] }; status is ok, warning or failed.

Example:
  ts-code-mode doctor`;

const MARKS = { ok: ['green', '✓'], warning: ['yellow', '!'], failed: ['red', '✗'] } as const;

export function addDoctorCommand(program: Command, invocation: Invocation): void {
  const doctor = program
    .command('doctor')
    .description('check that everything is there and works')
    .addHelpText('after', HELP)
    .action(async () => {
      const { json, ...place } = doctor.optsWithGlobals<GlobalOptions>();
      const [{ examine }, { styleText }] = await Promise.all([import('../examine.ts'), import('node:util')]);
      const checks = await examine(place);
      const ok = checks.every(({ status }) => status !== 'failed');
      if (!ok) invocation.exitCode = 1;
      if (json === true) return printJson({ ok, checks });
      for (const { name, status, message } of checks) {
        const [colour, mark] = MARKS[status];
        printLine(`${styleText(colour, mark)} ${name}: ${message}`);
      }
    });
}
