import type { LoggerService } from '@nestjs/common';
import type { Log } from './log.ts';
import { withoutContent } from './withhold-content.ts';

/** Lets Nest, and what logs through Nest's Logger, write the same lines: `app.useLogger(new NestLog(log))`. */
export class NestLog implements LoggerService {
  constructor(private readonly target: Log) {}

  log = this.at('info');
  warn = this.at('warn');
  error = this.at('error');
  fatal = this.at('fatal');
  debug = this.at('debug');
  verbose = this.at('debug');

  /** Nest passes the caller's class name last; what stands between (a stack, objects) is not ours to print. */
  private at(level: Parameters<Log['write']>[0]) {
    return (message: unknown, ...rest: unknown[]): void => {
      const context = rest.at(-1);
      const error = [message, ...rest].find((part) => part instanceof Error);
      this.target.write(level, typeof message === 'string' ? withoutContent(message) : 'framework', {
        context: typeof context === 'string' ? context : undefined,
        error,
      });
    };
  }
}
