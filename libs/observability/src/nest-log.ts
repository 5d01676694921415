import type { LoggerService } from '@nestjs/common';
import type { Log } from './log.ts';
import { withoutContent } from './withhold-content.ts';

const FRAME = /\n\s+at /;

/** Lets Nest, and what logs through Nest's Logger, write the same lines: `app.useLogger(new NestLog(log))`. */
export class NestLog implements LoggerService {
  constructor(private readonly target: Log) {}

  log = this.at('info');
  warn = this.at('warn');
  error = this.at('error');
  fatal = this.at('fatal');
  debug = this.at('debug');
  verbose = this.at('debug');

  /** Nest passes a stack, if any, after the message and the caller's class name last; objects between are not ours to print. */
  private at(level: Parameters<Log['write']>[0]) {
    return (message: unknown, ...rest: unknown[]): void => {
      const texts = rest.filter((part) => typeof part === 'string');
      const stack = texts.find((text) => FRAME.test(text));
      const thrown = [message, ...rest].find((part) => part instanceof Error);
      const context = texts.at(-1);
      this.target.write(level, typeof message === 'string' ? withoutContent(message) : 'framework', {
        context: context === stack ? undefined : context,
        error: thrown ?? (stack && Object.assign(new Error(String(message)), { stack })),
      });
    };
  }
}
