import { verifyCommand } from './verify-command.ts';

const { exitCode, output, error } = await verifyCommand(process.argv.slice(2));
process.stdout.write(output);
process.stderr.write(error);
process.exitCode = exitCode;
